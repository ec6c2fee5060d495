// compiler_lattice PATH…: the C files of packs, each through every compiler, at every level.
//
// Compilers read files: the tree that a unit is from is written into a private folder, its C files and headers alone, and
// removed again; see compile/private_folder.h for what may become a file there.
#include "tools/compiler_lattice.h"

#include "base/text.h"
#include "tools/laid_tree.h"

#include <map>

namespace packscope::tools {
namespace {

using compile::Chain;
using compile::UnitOutcome;

struct UnitOptions : ReadOptions {
  LatticeOptions lattice;
  std::vector<std::string> under, include, define;
  std::uint64_t units = 0; // 0: all
  bool run = false;
};

struct Units {
  std::vector<pack::BlobPath> units, others; // others: only where no tree is known
  std::uint64_t nameless = 0;
};

Units find_units(pack::Repository& repository, const UnitOptions& options, Report& report) {
  Units found;
  repository.for_each_blob(
      options.scope(),
      [&](const pack::BlobPath& blob) {
        if (blob.path.empty()) return void(++found.nameless);
        if (!pack::is_file(blob.mode) || !is_c_source(blob.path)) return;
        const bool wanted = is_c_unit(blob.path) && (options.under.empty() || std::ranges::any_of(options.under, [&](const std::string& one) {
          return blob.path.starts_with(one);
        }));
        if (wanted && (options.units == 0 || found.units.size() < options.units)) found.units.push_back(blob);
        if (!blob.root) found.others.push_back(blob);
      },
      [&](const Error& error) { report.error(error); });
  return found;
}

class UnitRun {
public:
  UnitRun(const UnitOptions& options, const std::vector<compile::Setting>& settings, compile::PrivateFolder& folder, LatticeWriter& writer,
          Report& report)
      : options_(options), settings_(settings), folder_(folder), chain_(folder, options.lattice.limits), writer_(writer), report_(report) {}

  void visit(pack::Repository& repository) {
    Units found = find_units(repository, options_, report_);
    Progress progress("compile " + repository.source().name, found.units.size() * settings_.size(), "compilations", options_.progress());
    // Units of one tree together, trees in the order of their first unit.
    std::vector<std::vector<const pack::BlobPath*>> groups;
    std::map<std::string, std::size_t> known;
    for (const pack::BlobPath& blob : found.units) {
      const auto [at, fresh] = known.emplace(blob.root ? blob.root->hex() : "", groups.size());
      if (fresh) groups.emplace_back();
      groups[at->second].push_back(&blob);
    }
    LaidTree trees(repository, folder_, report_);
    for (const std::vector<const pack::BlobPath*>& group : groups) {
      if (group.front()->root) {
        trees.lay(*group.front()->root);
      } else { // no tree is known: the first file of each name
        trees.clear();
        std::set<std::string> written;
        for (const pack::BlobPath& blob : found.others)
          if (written.insert(blob.path).second) trees.write(blob.path, blob.id);
      }
      for (const pack::BlobPath* blob : group)
        if (trees.write(blob->path, blob->id)) unit(repository, *blob, progress);
    }
    if (trees.refused() > 0) report_.note(printable(repository.source().name) + ": " + human_count(trees.refused()) + " files left out whose names could leave the folder");
    if (options_.verbose && found.nameless > 0) report_.note(printable(repository.source().name) + ": " + human_count(found.nameless) + " blobs without a path left out");
  }

private:
  std::vector<std::string> flags() const {
    const std::string above = std::string("../") + Chain::kTree;
    std::vector<std::string> made = {"-I" + above, "-I" + above + "/include"};
    for (const std::string& one : options_.include) made.push_back("-I" + above + "/" + one);
    for (const std::string& one : options_.define) made.push_back("-D" + one);
    return made;
  }
  void unit(const pack::Repository& repository, const pack::BlobPath& blob, Progress& progress) {
    std::vector<UnitOutcome> outcomes;
    for (const compile::Setting& setting : settings_) {
      Result<UnitOutcome> outcome = chain_.compile(setting, blob.path, flags());
      if (!outcome) report_.error(outcome.error());
      outcomes.push_back(outcome ? std::move(*outcome) : UnitOutcome{.message = outcome.error().text()});
      if (options_.run && chain_.link(setting, outcomes.back(), true)) chain_.run(outcomes.back());
      progress.advance();
    }
    compile::compare(outcomes);
    writer_.unit(
        blob.path,
        [&](JsonWriter& json) {
          begin_record(json, repository.source());
          object_field(json, blob.id);
          path_fields(json, blob);
        },
        outcomes);
  }

  const UnitOptions& options_;
  const std::vector<compile::Setting>& settings_;
  compile::PrivateFolder& folder_;
  Chain chain_;
  LatticeWriter& writer_;
  Report& report_;
};

int run_units(const UnitOptions& options) {
  Report report;
  report.quiet = options.quiet;
  std::optional<LatticeStart> start = start_lattice(options.lattice, report);
  if (!start) return report.exit_code();
  Output output;
  LatticeWriter writer(options.lattice, start->settings, start->missing, output);
  UnitRun run(options, start->settings, start->folder, writer, report);
  for_each_repository(options, report, [&](pack::Repository& repository) { run.visit(repository); });
  writer.finish();
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_lattice_units(CLI::App& app) {
  auto options = std::make_shared<UnitOptions>();
  add_read_options(app, *options, {.paths_required = false});
  add_lattice_options(app, options->lattice, false);
  app.add_option("--under", options->under, "Only C files whose path begins so; may be repeated")->type_name("PREFIX")->allow_extra_args(false);
  app.add_option("--units", options->units, "Only the first N C files of each repository")->type_name("N")->check(CLI::Range(1u, 1u << 24));
  app.add_option("--include,-I", options->include, "A folder of the tree to search for headers, beside its root and include/; may be repeated")
      ->type_name("DIR")->allow_extra_args(false)
      ->check([](const std::string& path) { return compile::checkout_path(path) ? std::string() : "not a path inside a tree: " + path; });
  app.add_option("--define,-D", options->define, "A macro: NAME or NAME=VALUE; may be repeated")->type_name("MACRO")->allow_extra_args(false);
  app.add_flag("--run", options->run, "Also run each unit that is a whole program, and compare what the compilers made of it. It is the "
                                      "pack's code: it can do what you can do, within limits of time and memory");
  app.footer("Each C file is compiled, not linked, by mescc, tcc, gcc and clang, as far as they are installed. Compilers read files: a tree's C\n"
             "files and headers are written into a private folder below TMPDIR and removed in the end. Nothing from a pack runs without --run.");
  return [options, &app] {
    if (options->paths.empty()) return usage_error(app, "PATH is required");
    if (const int wrong = take_json(app, *options, options->lattice); wrong != kExitOk) return wrong;
    return run_units(*options);
  };
}

} // namespace packscope::tools
