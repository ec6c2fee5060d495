// pack2lattice: the more packs, the clearer. build, join, stat; explain and measure have files of their own.
#include "tools/pack2lattice.h"

#include "base/text.h"
#include "lattice/builder.h"
#include "lattice/evidence.h"
#include "lattice/merge.h"
#include "lattice/store.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace packscope::tools {
namespace {

using lattice::Dimension;
using lattice::Lattice;

struct WriteOptions {
  ReadOptions read;
  std::string output;
  std::uint32_t min_repositories = 0;
  bool ast = false;
};

void add_write_options(CLI::App& app, WriteOptions& options) {
  app.add_option("-o,--output", options.output, "The lattice to write")->type_name("FILE")->required();
  app.add_option("--min-repos", options.min_repositories, "Leave out clues that fewer repositories have [0: none]")->type_name("N");
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

int print_written(const WriteOptions& options, const Result<lattice::Written>& written, Report& report) {
  if (!written) return report.error(written.error()), report.exit_code();
  Output output;
  if (options.read.json) {
    JsonWriter record;
    record.begin_object().path_field("lattice", options.output).field("clues", written->records).field("bytes", written->bytes).end_object();
    output.line(record);
  } else if (!options.read.quiet) {
    output.write(printable(options.output) + ": " + human_count(written->records) + " clues, " + human_count(written->bytes) + " bytes" + "\n");
  }
  output.finish(report);
  return report.exit_code();
}

int run_build(const WriteOptions& options) {
  Report report;
  report.quiet = options.read.quiet;
  lattice::BuildOptions how{.folder = folder_of(options.output), .threads = options.read.threads, .memory = options.read.memory, .ast = options.ast};
  Progress progress("lattice", 0, "blobs", options.read.progress());
  how.progress = [&](std::uint64_t blobs) { progress.advance(blobs); };
  lattice::Builder builder(how);
  std::optional<Error> stopped;
  for_each_repository(options.read, report, [&](pack::Repository& repository) {
    if (stopped) return;
    if (const Result<void> done = builder.add(repository, [&](const Error& error) { report.error(error); }); !done) stopped = done.error();
  });
  if (stopped) return report.error(*stopped), report.exit_code();
  Result<lattice::CursorPtr> all = builder.finish();
  if (!all) return report.error(all.error()), report.exit_code();
  const lattice::CursorPtr kept = lattice::prune(std::move(*all), options.min_repositories);
  return print_written(options, lattice::write_lattice(options.output, *kept, options.min_repositories), report);
}

int run_join(const WriteOptions& options) {
  Report report;
  report.quiet = options.read.quiet;
  std::vector<Lattice> inputs;
  std::uint32_t min_repositories = options.min_repositories;
  for (const std::string& path : options.read.paths) {
    Result<Lattice> input = Lattice::open(path);
    if (!input) {
      report.error(input.error());
      continue;
    }
    min_repositories = std::max(min_repositories, input->min_repositories());
    inputs.push_back(std::move(*input));
  }
  if (report.errors() != 0) return report.exit_code(); // a join of some would pass for the join of all
  std::vector<lattice::CursorPtr> parts;
  for (const Lattice& input : inputs) parts.push_back(input.records());
  const lattice::CursorPtr all = lattice::prune(lattice::merge(std::move(parts)), options.min_repositories);
  return print_written(options, lattice::write_lattice(options.output, *all, min_repositories), report);
}

void stat_one(const Lattice& input, bool json, Output& output, Report& report) {
  std::array<std::uint64_t, lattice::kDimensions> clues = {};
  std::uint64_t packs = 0, total = 0;
  const lattice::CursorPtr records = input.records();
  for (lattice::Record record;;) {
    const Result<bool> more = records->next(record);
    if (!more) return report.error(more.error());
    if (!*more) break;
    const Dimension dimension = lattice::dimension_of(record.key);
    const std::size_t at = static_cast<std::size_t>(dimension);
    if (!lattice::Evidence::decode(record.value)) return report.error({.what = "lattice: damaged: a clue's evidence", .file = input.path()});
    if (dimension == Dimension::repository) ++packs;
    else if (at < clues.size() && dimension >= lattice::kFirstClue) ++clues[at], ++total;
  }
  const std::uint64_t objects = clues[static_cast<std::size_t>(Dimension::object)];
  if (json) {
    JsonWriter record;
    record.begin_object().path_field("lattice", input.path()).field("clues", total).field("distinct_objects", objects);
    record.field("packs", packs).field("bytes", input.bytes()).field("min_repos", input.min_repositories());
    record.key("dimensions").begin_object();
    for (std::size_t i = 0; i < clues.size(); ++i)
      if (i >= static_cast<std::size_t>(lattice::kFirstClue)) record.field(lattice::name(static_cast<Dimension>(i)), clues[i]);
    record.end_object().end_object();
    return output.line(record);
  }
  output.write(printable(input.path()) + ": " + human_count(total) + " clues of " + human_count(objects) + " objects in " + human_count(packs) +
               (packs == 1 ? " pack, " : " packs, ") + human_count(input.bytes()) + " bytes" + "\n");
  for (std::size_t i = static_cast<std::size_t>(lattice::kFirstClue); i < clues.size(); ++i) {
    char line[80];
    std::snprintf(line, sizeof line, "  %-12s %12s\n", std::string(lattice::name(static_cast<Dimension>(i))).c_str(), human_count(clues[i]).c_str());
    output.write(line);
  }
}

int run_stat(const ReadOptions& options) {
  Report report;
  report.quiet = options.quiet;
  Output output;
  for (const std::string& path : options.paths)
    if (const Result<Lattice> input = Lattice::open(path)) stat_one(*input, options.json, output, report);
    else report.error(input.error());
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_lattice_build(CLI::App& app) {
  auto options = std::make_shared<WriteOptions>();
  add_write_options(app, *options);
  app.add_flag("--ast", options->ast, "Also labels of declarations (struct, enum, …): inflates and parses what is no delta");
  add_read_options(app, options->read, {.scope = false});
  return [options] { return run_build(*options); };
}

std::function<int()> configure_lattice_join(CLI::App& app) {
  auto options = std::make_shared<WriteOptions>();
  add_write_options(app, *options);
  app.add_option("LATTICE", options->read.paths, "Lattices; any number, in any order")->type_name("")->required();
  app.add_flag("--json", options->read.json, "A record of what was written");
  app.add_flag("--quiet,-q", options->read.quiet, "Errors only");
  return [options] { return run_join(*options); };
}

std::function<int()> configure_lattice_stat(CLI::App& app) {
  auto options = std::make_shared<ReadOptions>();
  app.add_option("LATTICE", options->paths, "Lattices; each is read and checked as a whole")->type_name("")->required();
  app.add_flag("--json", options->json, "JSON Lines: one record a lattice");
  return [options] { return run_stat(*options); };
}

std::function<int()> configure_pack2lattice(CLI::App& app) {
  app.require_subcommand(1);
  auto chosen = std::make_shared<std::function<int()>>();
  const auto add = [&](const char* name, const char* purpose, const char* example, std::function<int()> (*configure)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, purpose);
    sub->footer(std::string("Example:\n  packscope pack2lattice ") + example);
    const std::function<int()> action = configure(*sub);
    sub->callback([chosen, action] { *chosen = action; });
  };
  add("build", "Write the lattice of packs: what their blobs' compressed bytes stand for", "build -o lattice .", configure_lattice_build);
  add("join", "Join lattices: the same file in any order and by any tree of joins", "join -o both lattice other-lattice", configure_lattice_join);
  add("stat", "Clues by dimension, distinct objects, packs, bytes", "stat lattice", configure_lattice_stat);
  add("explain", "What each blob of a pack is, by the lattice's evidence, without inflating it", "explain lattice .", configure_lattice_explain);
  add("measure", "How much of repositories the lattice covers, and how often it is right, by dimension", "measure lattice .", configure_lattice_measure);
  return [chosen] { return (*chosen)(); };
}

} // namespace packscope::tools
