// A thin hold on SQLite: open, prepared statements, errors as values.
#pragma once

#include "base/result.h"

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packscope {

class Database;

// A prepared statement. bind() in order, then step() until false; reset() starts over. Errors stick to the database.
class Statement {
public:
  Statement() = default;

  Statement& bind(std::int64_t value);
  Statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(unsigned value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(double value);
  Statement& bind(std::string_view text);  // must live until the statement has run
  Statement& bind_blob(const void* data, std::size_t size);
  Statement& bind_null();
  template <class Value>
  Statement& bind(const std::optional<Value>& value) {
    return value ? bind(*value) : bind_null();
  }

  bool step();                // true: a row
  void run();                 // step to the end and reset
  void reset();

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  double real(int column) const { return sqlite3_column_double(handle_.get(), column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }
  std::string text(int column) const;
  std::vector<std::uint8_t> blob(int column) const;

private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  Database* database_ = nullptr;
  int next_ = 1;
};

class Database {
public:
  // A file to fill from nothing, without journal: it is written aside and thrown away if the program dies.
  static Result<std::unique_ptr<Database>> create(const std::string& path);
  static Result<std::unique_ptr<Database>> open_read_only(const std::string& path);
  static Result<std::unique_ptr<Database>> open_existing(const std::string& path); // to add to a copy
  ~Database();

  Statement prepare(std::string_view sql);
  void execute(const std::string& sql);
  // The first error since opening, as an Error that names the file.
  Result<void> status() const;

private:
  friend class Statement;
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  static Result<std::unique_ptr<Database>> open(const std::string& path, int flags);
  void check(int code);

  sqlite3* handle_;
  std::string path_;
  std::optional<std::string> failure_;
};

} // namespace packscope
