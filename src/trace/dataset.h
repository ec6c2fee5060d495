// Labelled declarations out of a trace: kinds and spans from its tables, texts from the packs that they name.
#pragma once

#include "base/bytes.h"
#include "base/database.h"
#include "base/result.h"
#include "pack/store.h"

#include <functional>
#include <string>
#include <vector>

namespace packscope::trace {

struct TracedDeclaration {
  std::string kind;     // function type constant …
  std::string item;     // Rust's finer kind, or empty
  std::string language;
  std::string path;     // the first path of its blob; empty where none was read
  std::string object;   // hex id
  std::uint64_t begin = 0, end = 0;
  Bytes text;           // valid during the call
};

// True where the file begins as an SQLite database.
bool is_trace(const std::string& path);

// Errors: no trace, another schema version.
Result<std::unique_ptr<Database>> open_trace(const std::string& path);
// Where a trace's objects lie; paths in it count from its own folder.
struct TracedFiles {
  std::vector<std::string> packs, object_folders; // the latter for loose objects, sorted
};
TracedFiles files_of(Database& database, const std::string& trace_path);
Result<pack::Store> open_packs(Database& database, const std::string& trace_path);

// In order of object and begin. Errors: no trace, another schema version, a pack that is not where the trace says.
Result<void> for_each_declaration(const std::string& trace_path,
                                  const std::function<void(const TracedDeclaration&)>& visit);

} // namespace packscope::trace
