// decompress_rounds steps: which steps of decompression a small network can learn, and what computing them costs.
#include "tools/ast_classifier.h"
#include "tools/columns.h"
#include "tools/decompress_rounds.h"

#include "base/text.h"
#include "learn/spread.h"
#include "learn/steps.h"

#include <cmath>
#include <cstdio>

namespace packscope::tools {
namespace {

struct StepsOptions : ClassifierOptions {
  std::size_t streams = 16000;
  bool no_cost = false;
  learn::StepOptions learn;
};

struct FoundStream {
  learn::StepStream stream;
  std::string repository, file;
  learn::Side side = learn::Side::all;
};

// A spread of all streams there are.
std::vector<FoundStream> find_streams(const StepsOptions& options, Report& report) {
  learn::Spread<FoundStream> spread(options.streams);
  learn::DatasetBuilder builder(*learn::find_task("language"), *learn::find_rung("sizes"));
  std::string repository;
  Progress progress("reading streams", 0, "streams", options.read.progress());
  builder.watch([&](const learn::Source& source) {
    progress.advance();
    if (source.packed_size > source.zlib.size()) return; // cut short
    const learn::Dataset& dataset = builder.dataset();
    const std::uint32_t group = dataset.samples.back().group;
    const std::size_t some = std::min<std::size_t>(source.zlib.size(), 4096);
    spread.offer(learn::stable_hash(as_text(source.zlib.first(some)), options.learn.seed), [&] {
      return FoundStream{.stream = {.zlib = {source.zlib.begin(), source.zlib.end()}, .inflated_size = source.inflated_size},
                   .repository = repository.empty() ? dataset.groups[group] : repository,
                   .file = dataset.groups[group], .side = dataset.sides[group]};
    });
  });
  ReadOptions packs = options.read;
  std::erase_if(packs.paths, [&](const std::string& path) {
    if (path == "-" || !learn::is_corpus(path)) return false;
    if (const Result<void> done = learn::add_corpus(path, builder); !done) report.error(done.error());
    return true;
  });
  syntax::Grammars grammars;
  if (!packs.paths.empty())
    for_each_repository(packs, report, [&](pack::Repository& one) {
      repository = one.source().name;
      learn::add_repository(one, {.scope = options.read.scope(), .group_by = learn::GroupBy::file}, grammars, builder,
                            [&](const Error& error) { report.error(error); });
    });
  return spread.take();
}

// Says who is held out: repositories where there are enough of them, else files. Returns what a group is.
std::string hold_out(std::vector<FoundStream>& found) {
  const auto hold = [&](const learn::Split& split) {
    std::size_t tests = 0;
    for (FoundStream& one : found) {
      one.stream.test = one.side != learn::Side::all ? one.side == learn::Side::test
                                                     : split.is_test(split.by == "file" ? one.file : one.repository);
      tests += one.stream.test;
    }
    return tests * 20 >= found.size() && tests * 2 <= found.size(); // a twentieth at least, half at most
  };
  if (hold({.by = "repository", .test_percent = 25})) return "repositories";
  hold({.by = "file", .test_percent = 25});
  return "files";
}

std::string share_or_none(const std::optional<double>& value) { return value ? decimals(*value, 3) : "–"; }
const char* verdict(const learn::StepFigures& step) { return step.may_skip ? "a model may skip it" : "it must be computed"; }

void write_json(Output& output, const std::vector<learn::StepFigures>& steps, const std::string& held_out) {
  for (const learn::StepFigures& step : steps) {
    JsonWriter json;
    const auto number = [&](const char* name, const std::optional<double>& value) {
      value ? json.field(name, *value) : json.null_field(name);
    };
    json.begin_object().field("step", step.step).field("inputs", step.inputs).field("classes", step.classes);
    json.field("held_out", held_out).field("trained", step.trained).field("n", step.n);
    number("accuracy", step.accuracy), number("majority", step.majority), number("r2", step.r2);
    if (step.classes == 0) number("bits", step.bits), number("closed_form_r2", step.closed_r2), number("closed_form_bits", step.closed_bits);
    number("exact_instructions", step.exact_instructions), number("network_instructions", step.network_instructions);
    step.cost_measured.empty() ? json.null_field("cost_measured") : json.field("cost_measured", step.cost_measured);
    json.field("verdict", verdict(step)).end_object();
    output.line(json);
  }
}

void write_steps(Output& output, const std::vector<learn::StepFigures>& steps, const std::string& held_out) {
  const auto cost = [](const std::optional<double>& value) {
    return value ? human_count(static_cast<std::uint64_t>(std::llround(*value))) : std::string("–");
  };
  char line[300];
  std::snprintf(line, sizeof line, "%-22s %-46s %7s %7s %8s %8s %9s %9s  %s\n", "step", "from", "classes", "n", "majority",
                "accuracy", "computed", "network", "verdict");
  output.write(line);
  for (const learn::StepFigures& step : steps) {
    std::snprintf(line, sizeof line, "%-22s %-46s ", step.step.c_str(), step.inputs.c_str());
    output.write(line + to_right(step.classes == 0 ? "–" : std::to_string(step.classes), 7) + " " + to_right(human_count(step.n), 7) + " " +
                 to_right(share_or_none(step.majority), 8) + " " +
                 to_right(step.classes == 0 ? "R2 " + share_or_none(step.r2) : share_or_none(step.accuracy), 8) + " " +
                 to_right(cost(step.exact_instructions), 9) + " " + to_right(cost(step.network_instructions), 9) + "  " + verdict(step) + "\n");
  }
  for (const learn::StepFigures& step : steps)
    if (step.classes == 0)
      output.write("the histogram: the network is " + share_or_none(step.bits) + " bits a character from it; the closed form, 2^-length, is " +
                   share_or_none(step.closed_bits) + " (R2 " + share_or_none(step.closed_r2) + ") and needs no network\n");
  output.write("accuracy: of networks of at most 256 hidden units, on " + held_out + " that they never saw. A model may skip a step that "
               "they give with an accuracy (R2) of .99.\n");
  if (!steps.empty() && !steps.front().cost_measured.empty())
    output.write("computed, network: user instructions from the stream in memory to the step's output, by " + steps.front().cost_measured +
                 "; the codes are built anew for each symbol, as the network reads them anew\n");
}

int run_steps(const CLI::App& app, const StepsOptions& options) {
  if (options.read.paths.empty())
    return usage_error(app, "PATH is missing: a corpus.sqlite (packscope decompress_rounds corpus -o DIR PATH… writes one), or "
                            "packs, repositories or directories of them");
  Report report;
  report.quiet = options.read.quiet;
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;
  std::vector<FoundStream> found = find_streams(options, report);
  const std::string held_out = hold_out(found);
  std::vector<learn::StepStream> streams;
  for (FoundStream& one : found) streams.push_back(std::move(one.stream));
  learn::StepOptions learning = options.learn;
  if (options.no_cost) learning.cost = learn::CostBy::none;
  Output output;
  {
    Progress progress("learning to decompress", learn::kLearnedSteps * learning.epochs, "epochs", options.read.progress());
    const Result<std::vector<learn::StepFigures>> steps = learn_steps(*backend, streams, learning, [&] { progress.advance(); });
    if (!steps) return report.error(steps.error()), report.exit_code();
    if (options.read.json) write_json(output, *steps, held_out);
    else write_steps(output, *steps, held_out);
  }
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_steps(CLI::App& app) {
  auto options = std::make_shared<StepsOptions>();
  options->backend = "cpu"; // the same bits on every machine
  add_read_options(app, options->read, {.scope = true, .paths_required = false});
  app.add_option("--streams", options->streams, "Streams that places are drawn from, spread over all [16000]")
      ->check(CLI::Range(2u, 1000000u));
  app.add_option("--epochs", options->learn.epochs, "Passes over each step's samples [12]")->check(CLI::Range(1u, 100000u));
  app.add_option("--seed", options->learn.seed, "Which streams and places, initial weights, order of samples [1]");
  CLI::Option* none = app.add_flag("--no-cost", options->no_cost, "Count no instructions");
  app.add_option("--cost-objects", options->learn.cost_objects, "Samples of each step whose instructions are counted [16]")
      ->check(CLI::Range(1u, 100000u))
      ->excludes(none);
  app.add_option("--backend", options->backend, "What trains: cpu, cuda or auto [cpu]")->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.footer("Example:\n  packscope decompress_rounds steps .");
  return [&app, options] { return run_steps(app, *options); };
}

} // namespace packscope::tools
