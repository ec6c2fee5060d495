// tools: one file per command; each parses its arguments, calls rooms and prints. This file: what all commands
// share: the options of CONTRACT, errors on stderr, exit codes, records on stdout.
#pragma once

#include "base/json.h"
#include "base/progress.h"
#include "pack/repository.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace packscope::tools {

inline constexpr int kExitOk = 0;      // all read
inline constexpr int kExitPartial = 1; // something could not be read; the rest was processed
inline constexpr int kExitUsage = 2;   // wrong usage

// A command of the table in commands.h. `configure` adds options to `app` and returns what runs after parsing.
struct Command {
  const char* name;    // "ast_classifier"; a '-' in place of '_' is accepted
  const char* group;   // heading in `packscope --help`
  const char* purpose; // one line
  const char* example; // works when pasted, in a git work tree
  std::function<int()> (*configure)(CLI::App& app);
};

// What a command that may take long says meanwhile.
struct ProgressOptions {
  bool force_progress = false, no_progress = false;
  bool quiet = false;
  ProgressMode progress() const;
};
void add_progress_options(CLI::App& app, ProgressOptions& options);

// Options common to the commands that read packs.
struct ReadOptions : ProgressOptions {
  std::vector<std::string> paths;
  std::vector<std::string> revisions;
  bool tips = false, history = false, all_objects = false;
  bool json = false;
  unsigned threads = 0; // after parsing: never 0
  std::uint64_t memory = std::uint64_t{256} << 20;
  std::uint64_t max_object_size = std::uint64_t{512} << 20;
  bool verbose = false;

  pack::Scope scope() const;
  pack::Store::Options store_options() const; // three eighths of the budget hold resolved bases
};

struct ReadUses {
  bool scope = true; // --rev --tips --history --all-objects
  bool paths_required = true;
};
void add_read_options(CLI::App& app, ReadOptions& options, ReadUses uses = {});
// An option that takes a size: "256MiB".
CLI::Option* add_size_option(CLI::App& app, const std::string& flag, std::uint64_t& size, const std::string& text);

// Errors as lines on stderr, and the exit code they lead to. Safe from any thread.
class Report {
public:
  void error(const Error& error);
  void note(const std::string& line) const; // one line on stderr, not an error; silent with --quiet
  std::uint64_t errors() const { return errors_; }
  int exit_code() const { return errors_ == 0 ? kExitOk : kExitPartial; }
  bool quiet = false;
  std::function<void(const Error&)> sink = {}; // takes errors instead of stderr

private:
  std::uint64_t errors_ = 0;
};

// Text and records to standard output in large pieces; a full disk becomes an error at finish().
class Output {
public:
  ~Output() { flush(); }
  void write(std::string_view text);
  void line(JsonWriter& json) { write(json.take_line()); }
  // Flushes; false (and an error in `report`) if anything could not be written.
  bool finish(Report& report);

private:
  void flush();
  std::string buffer_;
  int failure_ = 0; // errno of the first failed write
};

// Opens every repository and lone pack under options.paths in order and calls `visit`; what cannot be opened is an
// error in `report` and the others go on. What a partial or shallow clone was allowed to lack is counted in a note
// after the visit, and named with --verbose.
// Packs::as_needed: for a visit that may get by with a look into the indexes; their damage is reported where it is met.
enum class Packs { whole, as_needed };
void for_each_repository(const ReadOptions& options, Report& report,
                         const std::function<void(pack::Repository&)>& visit, Packs packs = Packs::whole);

// Says how many objects of the repository at `path` a partial or shallow clone lacks, if any.
void note_missing(const std::string& path, std::uint64_t missing, const Report& report);

// {"repo": …  or {"pack": …, as every record begins.
void begin_record(JsonWriter& json, const pack::Source& source);
// "object": hex id or null.
void object_field(JsonWriter& json, const std::optional<pack::ObjectId>& id);

// "path": null where no tree was read; with --history also "first_commit" and "last_commit".
void path_fields(JsonWriter& json, const pack::BlobPath& blob);

// Wrong usage met after parsing: prints "packscope COMMAND: TEXT" and returns kExitUsage.
int usage_error(const CLI::App& app, const std::string& text);

} // namespace packscope::tools
