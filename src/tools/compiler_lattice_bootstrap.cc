// compiler_lattice bootstrap: compilers built by compilers, as far as the chain can be walked here.
#include "tools/compiler_lattice.h"

#include "base/text.h"
#include "compile/bootstrap.h"
#include "tools/laid_tree.h"

#include <cstdio>

namespace packscope::tools {
namespace {

using compile::BootstrapStep;
using compile::BootstrapVerdict;

struct BootstrapOptions : ReadOptions {
  LatticeOptions lattice;
  bool run = false;
};

void write_step(Output& output, const BootstrapStep& step) {
  JsonWriter json;
  json.begin_object().field("made", step.made).field("by", step.by).field("ok", step.ok);
  optional_field(json, "bytes", step.bytes);
  step.id.empty() ? json.null_field("object") : json.field("object", step.id);
  const perf::Reading none, &reading = step.reading ? *step.reading : none;
  const perf::SystemCalls* calls = step.calls ? &*step.calls : nullptr;
  const auto call_field = [&](const char* name, std::uint64_t value) { calls != nullptr ? json.field(name, value) : json.null_field(name); };
  optional_field(json, "instructions", reading.instructions);
  call_field("reads", calls != nullptr ? calls->before_output.reads : 0);
  call_field("read_bytes", calls != nullptr ? calls->before_output.read_bytes : 0);
  call_field("files_opened", calls != nullptr ? calls->files_opened : 0);
  step.reading ? json.field("seconds", reading.seconds) : json.null_field("seconds");
  reading.max_rss_kib ? json.field("max_rss", *reading.max_rss_kib * 1024) : json.null_field("max_rss");
  step.message.empty() ? json.null_field("message") : json.field("message", step.message);
  output.line(json.end_object());
}

void write_verdict(Output& output, const BootstrapVerdict& verdict) {
  JsonWriter json;
  json.begin_object().field("claim", verdict.claim);
  optional_field(json, "holds", verdict.holds);
  verdict.holds.value_or(false) ? json.field("bytes", verdict.bytes) : json.null_field("bytes");
  json.key("of").begin_array();
  for (const std::string& one : verdict.of) json.value(one);
  json.end_array();
  verdict.why.empty() ? json.null_field("why") : json.field("why", verdict.why);
  output.line(json.end_object());
}

void print_step(Output& output, const BootstrapStep& step) {
  char figures[160];
  const std::uint64_t reads = step.calls ? step.calls->before_output.read_bytes : 0;
  std::snprintf(figures, sizeof figures, "%-36s %9s  %.12s %9s %10s", step.made.c_str(), step.bytes ? human_count(*step.bytes).c_str() : "-",
                step.id.empty() ? "           -" : step.id.c_str(), step.calls ? human_bytes(reads).c_str() : "-",
                step.reading ? (std::to_string(static_cast<std::uint64_t>(step.reading->seconds * 1000)) + " ms").c_str() : "-");
  output.write(figures + (step.ok ? std::string("\n") : "  not made: " + printable(step.message) + "\n"));
}

std::string dot(const std::vector<BootstrapStep>& steps) {
  std::string text = "digraph bootstrap {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const BootstrapStep& one : steps) {
    text += "  " + dot_quoted(one.made) + " [label=" + dot_quoted(one.made + (one.bytes ? ", " + human_count(*one.bytes) + " bytes" : ""));
    text += one.ok ? "];\n" : ", style=dashed];\n";
    text += "  " + dot_quoted(one.by) + " -> " + dot_quoted(one.made) + (one.ok ? ";\n" : " [style=dashed];\n");
  }
  return text + "}\n";
}

// The tree of the first revision of the first repository, laid where compilers find it. False: there is none.
bool lay_tinycc(const BootstrapOptions& options, compile::PrivateFolder& folder, Report& report) {
  bool laid = false;
  for_each_repository(options, report, [&](pack::Repository& repository) {
    if (laid) return report.note(printable(repository.source().name) + ": only the first repository is taken");
    const std::string revision = options.revisions.empty() ? "HEAD" : options.revisions.front();
    const Result<pack::ObjectId> commit = repository.resolve(revision);
    const Result<pack::ObjectId> root = commit ? repository.tree_of(*commit) : commit;
    if (!root) return report.error(root.error());
    LaidTree tree(repository, folder, report);
    tree.lay(*root);
    laid = true;
  });
  return laid;
}

int run_bootstrap(const BootstrapOptions& options) {
  Report report;
  report.quiet = options.quiet;
  std::optional<LatticeStart> start = start_lattice(options.lattice, report);
  if (!start) return report.exit_code();
  Output output;
  const LatticeFormat format = options.lattice.chosen();
  compile::Chain chain(start->folder, options.lattice.limits);
  compile::Bootstrap bootstrap(chain, start->settings);
  Progress progress("bootstrap", 0, "steps", options.progress());
  bootstrap.on_step = [&](const BootstrapStep& step) {
    progress.advance();
    if (format == LatticeFormat::json) write_step(output, step);
  };
  bootstrap.small();
  if (!options.paths.empty() && lay_tinycc(options, start->folder, report)) bootstrap.tinycc(options.run);
  if (format == LatticeFormat::table) {
    output.write("made                                     bytes  the same       reads       time\n");
    for (const BootstrapStep& one : bootstrap.steps()) print_step(output, one);
    output.write("\n");
  }
  if (format == LatticeFormat::dot) output.write(dot(bootstrap.steps()));
  for (const BootstrapVerdict& one : bootstrap.verdicts()) {
    if (one.holds == false) report.error({.what = one.claim + ": not so: " + one.why});
    if (format == LatticeFormat::json) write_verdict(output, one);
    if (format != LatticeFormat::table) continue;
    const std::string answer = !one.holds ? "not tried" : *one.holds ? "holds" : "does not hold";
    output.write(answer + ": " + one.claim + (one.holds.value_or(false) ? " (" + human_count(one.bytes) + " bytes, " + std::to_string(one.of.size()) + " times)" : " (" + printable(one.why) + ")") + "\n");
  }
  if (options.paths.empty()) report.note("tinycc is not built: name a repository that has its source");
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_lattice_bootstrap(CLI::App& app) {
  auto options = std::make_shared<BootstrapOptions>();
  add_read_options(app, *options, {.paths_required = false});
  add_lattice_options(app, options->lattice, false);
  app.add_flag("--run", options->run, "Also run the compilers that were built from the repository's source. It is the pack's code: it can do "
                                      "what you can do, within limits of time and memory");
  app.footer("A small compiler, part of this program, is built by every compiler and by itself. With a repository of tinycc (--rev: which\n"
             "commit, HEAD otherwise) that is built, too; with --run it builds itself. \"the same\": equal names are equal bytes.");
  return [options, &app] {
    if (const int wrong = take_json(app, *options, options->lattice); wrong != kExitOk) return wrong;
    return run_bootstrap(*options);
  };
}

} // namespace packscope::tools
