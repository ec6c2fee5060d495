// SQLite held thinly; see database.h.
#include "base/database.h"

namespace packscope {

Statement& Statement::bind(std::int64_t value) {
  database_->check(sqlite3_bind_int64(handle_.get(), next_++, value));
  return *this;
}
Statement& Statement::bind(double value) {
  database_->check(sqlite3_bind_double(handle_.get(), next_++, value));
  return *this;
}
Statement& Statement::bind(std::string_view text) {
  database_->check(sqlite3_bind_text64(handle_.get(), next_++, text.data() ? text.data() : "", text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind_blob(const void* data, std::size_t size) {
  database_->check(sqlite3_bind_blob64(handle_.get(), next_++, data, size, SQLITE_STATIC));
  return *this;
}
Statement& Statement::bind_null() {
  database_->check(sqlite3_bind_null(handle_.get(), next_++));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->check(code);
  return false;
}

void Statement::run() {
  while (step()) {}
  reset();
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  next_ = 1;
}

std::string Statement::text(int column) const {
  const unsigned char* at = sqlite3_column_text(handle_.get(), column);
  if (at == nullptr) return {};
  return {reinterpret_cast<const char*>(at), static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::vector<std::uint8_t> Statement::blob(int column) const {
  const auto* at = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_.get(), column));
  if (at == nullptr) return {};
  return {at, at + sqlite3_column_bytes(handle_.get(), column)};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return fail(std::string("SQLite: ") + sqlite3_errstr(code), path);
  return database;
}

Result<std::unique_ptr<Database>> Database::create(const std::string& path) {
  Result<std::unique_ptr<Database>> database = open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database) return database;
  (*database)->execute("pragma journal_mode = off");
  (*database)->execute("pragma synchronous = off");
  (*database)->execute("pragma locking_mode = exclusive");
  return database;
}

Result<std::unique_ptr<Database>> Database::open_read_only(const std::string& path) {
  return open(path, SQLITE_OPEN_READONLY);
}

Result<std::unique_ptr<Database>> Database::open_existing(const std::string& path) {
  Result<std::unique_ptr<Database>> database = open(path, SQLITE_OPEN_READWRITE);
  if (database) (*database)->execute("pragma journal_mode = off");
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Statement Database::prepare(std::string_view sql) {
  Statement statement;
  statement.database_ = this;
  sqlite3_stmt* handle = nullptr;
  check(sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &handle,
                           nullptr));
  statement.handle_.reset(handle);
  return statement;
}

void Database::execute(const std::string& sql) { check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr)); }

void Database::check(int code) {
  if (code != SQLITE_OK && !failure_) failure_ = std::string("SQLite: ") + sqlite3_errmsg(handle_);
}

Result<void> Database::status() const {
  if (failure_) return fail(*failure_, path_);
  return {};
}

} // namespace packscope
