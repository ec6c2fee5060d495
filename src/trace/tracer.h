// Traces the blobs of repositories into one database: symbols × tokens × declarations, through deltas.
#pragma once

#include "base/database.h"
#include "base/progress.h"
#include "pack/repository.h"
#include "perf/event.h"

#include <functional>
#include <string>

namespace packscope::trace {

struct TraceOptions {
  pack::Scope scope;
  pack::Store::Options store;                       // cache_bytes of all threads together
  std::uint64_t memory = std::uint64_t{96} << 20;   // of all threads, for tables and lists beside the store's cache
  unsigned threads = 1;
  std::string folder;                               // of the database: packs are named from there
  ProgressMode progress = ProgressMode::automatic;
};

struct TraceCounts {
  std::uint64_t objects = 0; // rows of `object`
  std::uint64_t blobs = 0;   // traced
  std::uint64_t deltas = 0;  // of the traced
  std::uint64_t text_bytes = 0, blocks = 0, literals = 0, matches = 0;
  std::uint64_t tokens = 0, declarations = 0, pieces = 0;
  std::uint64_t unparsed = 0; // traced, but without tokens: no grammar for it
};

// Writes into `database` (fresh). One call a database. `error` hears of every blob that could not be traced.
class Tracer {
public:
  Tracer(Database& database, TraceOptions options, std::function<void(const Error&)> error);
  ~Tracer();
  void add(pack::Repository& repository);
  // Indexes and meta; then the database is whole.
  void finish(const std::string& program);
  const TraceCounts& counts() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads what `nix build .#self-build-trace` measured and joins it into a trace: build-steps.jsonl by unit path, folded
// stacks into `sample`. An empty path is skipped.
Result<void> add_build_cost(Database& database, const std::string& build_steps, const std::string& folded);

// Measures what inflating each block takes (the least of `rounds`) into block.instructions and block.task_clock_ns;
// meta's inflation_measured names the event. The packs are where the trace at `trace_path` says.
Result<void> add_inflation_cost(Database& database, const std::string& trace_path, unsigned rounds = 3,
                                const perf::OpenEvent& open = perf::open_event);

} // namespace packscope::trace
