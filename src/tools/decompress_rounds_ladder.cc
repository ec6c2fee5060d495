// decompress_rounds PATH: every rung that there are weights for, on any packs: how right, at what cost.
//
// A second run prints the same bytes: instructions are counted step by step (perf/steps.h) unless --counters is given, and
// what is sampled is sampled by content.
#include "tools/ast_classifier.h"
#include "tools/content_classifier.h"
#include "tools/decompress_rounds.h"
#include "tools/ladder_rows.h"
#include "tools/ladder_sides.h"

#include "base/output_file.h"
#include "base/text.h"
#include "learn/dictionary.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace packscope::tools {
namespace {

using learn::Side;

struct LadderOptions : ClassifierOptions {
  double confidence = 0.95;
  bool whole_text = false;
  std::string csv, plot, dictionary_corpus;
  bool no_cost = false, counters = false, no_peers = false;
  std::size_t cost_objects = 40, peer_objects = 2000;
  perf::StepLimits limits;
  std::vector<std::string> corpora; // of the paths

  learn::CostBy cost() const {
    return no_cost ? learn::CostBy::none : counters ? learn::CostBy::counters : learn::CostBy::steps;
  }
};

// One task: its models on all samples of the paths.
class TaskRun {
public:
  TaskRun(const LadderOptions& options, const learn::Task& task, std::vector<learn::Model> models, Report& report)
      : options_(options), task_(task), report_(report), peers_(task.kind == learn::TaskKind::language && !options.no_peers),
        sides_(sides_of(models)),
        ladder_(task, std::move(models),
                {.confidence = options.confidence, .whole_text = options.whole_text, .threads = options.read.threads,
                 .kept = std::max(options.no_cost ? 0 : options.cost_objects, peers_ ? options.peer_objects : 0)}),
        builder_(task, *learn::find_rung("sizes")), progress_("ladder " + task.name, 0, "samples", options.read.progress()) {}

  std::vector<learn::Standing>& run() {
    read_samples();
    ladder_.finish();
    {
      const std::size_t steps = ladder_.standings().size();
      Progress progress("counting instructions " + task_.name, steps, "rungs", options_.read.progress());
      ladder_.measure(options_.cost(), options_.cost_objects, options_.limits, [&] { progress.advance(); });
    }
    if (peers_) ask_peers();
    for (const learn::Standing& standing : ladder_.standings())
      if (standing.cost.refused) {
        report_.note(task_.name + " " + standing.rung() + ": cost not measured: " + *standing.cost.refused);
        if (standing.cost.refused->find("takes more") == std::string::npos) break; // the same for all
      }
    return ladder_.standings();
  }

private:
  static std::vector<ModelSides> sides_of(const std::vector<learn::Model>& models) {
    return {models.begin(), models.end()};
  }

  void read_samples() {
    std::vector<Side> sides(sides_.size() + 1);
    std::string repository;
    bool in_corpus = false;
    builder_.watch([&](const learn::Source& source) {
      const learn::Dataset& dataset = builder_.dataset();
      const learn::Sample& sample = dataset.samples.back();
      for (std::size_t i = 0; i < sides_.size(); ++i)
        sides[i] = in_corpus ? sides_[i].of_corpus(dataset.origins[sample.group], dataset.sides[sample.group])
                             : sides_[i].of(repository, dataset.groups[sample.group]);
      sides.back() = in_corpus || sides_.empty() ? dataset.sides[sample.group] : sides.front();
      ladder_.add(source, sample.block, std::span(dataset.answers).last(dataset.questions), sides);
      progress_.advance();
    });
    in_corpus = true;
    for (const std::string& path : options_.corpora)
      if (const Result<void> done = learn::add_corpus(path, builder_); !done) report_.error(done.error());
    in_corpus = false;
    if (options_.read.paths.empty()) return;
    syntax::Grammars grammars;
    for_each_repository(options_.read, report_, [&](pack::Repository& one) {
      repository = one.source().name;
      for (ModelSides& sides_of_model : sides_) sides_of_model.begin(one);
      learn::add_repository(one, {.scope = options_.read.scope(), .group_by = learn::GroupBy::file}, grammars, builder_,
                            [&](const Error& error) { report_.error(error); });
    });
  }

  void ask_peers() {
    const std::span<const learn::KeptSample> samples = std::span(ladder_.kept()).first(std::min(options_.peer_objects, ladder_.kept().size()));
    if (samples.empty()) return;
    const std::string from = !options_.dictionary_corpus.empty() ? options_.dictionary_corpus
                             : !options_.corpora.empty()         ? options_.corpora.front()
                                                                 : "";
    if (from.empty()) report_.note("no --dictionary-corpus: the rung \"dictionary\" is left out");
    else if (const Result<learn::Dictionaries> dictionaries = learn_dictionaries(from)) ask_dictionaries(*dictionaries, samples);
    else report_.error(dictionaries.error());
    Result<learn::Standing> content = ask_content_classifier(task_, samples, options_.read.max_object_size);
    if (content) ladder_.standings().push_back(std::move(*content));
    else report_.note(content.error().text());
  }

  // By class, the beginnings of texts of the corpus's training repositories, spread evenly over them.
  Result<learn::Dictionaries> learn_dictionaries(const std::string& path) {
    using Text = std::vector<std::uint8_t>;
    std::vector<learn::Spread<Text>> spread(task_.labels.size(), learn::Spread<Text>(learn::Dictionaries::kTexts));
    learn::DatasetBuilder builder(task_, *learn::find_rung("sizes"));
    builder.watch([&](const learn::Source& source) {
      const learn::Dataset& dataset = builder.dataset();
      if (dataset.sides[dataset.samples.back().group] != Side::train) return;
      spread[dataset.answers.back()].offer(dataset.hash, [&] { return learn::inflate_beginning(source.zlib, learn::Dictionaries::kText); });
    });
    if (const Result<void> done = learn::add_corpus(path, builder); !done) return std::unexpected(done.error());
    std::vector<std::vector<Text>> texts;
    for (learn::Spread<Text>& own : spread) texts.push_back(own.take());
    return learn::Dictionaries(texts);
  }

  void ask_dictionaries(const learn::Dictionaries& dictionaries, std::span<const learn::KeptSample> samples) {
    const auto text_of = [](const learn::KeptSample& sample) { return learn::inflate_beginning(sample.zlib, learn::Dictionaries::kText); };
    learn::Standing standing = learn::ask_peer("dictionary", task_, samples, options_.read.threads, [&](const learn::KeptSample& sample) {
      const learn::Dictionaries::Answer answer = dictionaries.answer(text_of(sample));
      return std::optional(learn::Standing::Said{.label = answer.label, .confidence = answer.confidence});
    });
    if (options_.cost() == learn::CostBy::counters) { // some ten million instructions: too many steps
      std::vector<deflate::BlockType> blocks;
      for (const learn::KeptSample& sample : samples.first(std::min(options_.cost_objects, samples.size()))) blocks.push_back(sample.block);
      volatile std::uint32_t used = 0;
      standing.cost = learn::measure_cost(options_.cost(), blocks, [&](std::size_t i) { used = dictionaries.answer(text_of(samples[i])).label; });
    }
    ladder_.standings().push_back(std::move(standing));
  }

  const LadderOptions& options_;
  const learn::Task& task_;
  Report& report_;
  const bool peers_;
  std::vector<ModelSides> sides_;
  learn::Ladder ladder_;
  learn::DatasetBuilder builder_;
  Progress progress_;
};

// The models to measure, by task.
struct Chosen {
  const learn::Task* task;
  std::vector<learn::Model> models;
};

std::vector<Chosen> choose_models(const LadderOptions& options, Report& report) {
  std::vector<Chosen> chosen;
  for (const learn::Task& task : learn::tasks()) {
    if (!options.task.empty() && options.task != task.name) continue;
    std::vector<learn::Model> models;
    if (options.models.empty()) {
      Result<std::vector<learn::Model>> shipped = learn::load_shipped(task.name);
      if (shipped) models = std::move(*shipped);
      else if (!options.task.empty()) report.error(shipped.error());
      else report.note(shipped.error().text());
    }
    for (const std::string& path : options.models) {
      Result<learn::Model> model = learn::load_model(path);
      if (!model && &task == &learn::tasks().front()) report.error(model.error());
      if (model && model->task == task.name) models.push_back(std::move(*model));
    }
    if (!options.rung.empty())
      std::erase_if(models, [&](const learn::Model& model) { return model.rung != learn::find_rung(options.rung); });
    std::ranges::stable_sort(models, {}, &learn::Model::rung); // pointers into the one table, low to high
    if (!models.empty()) chosen.push_back({&task, std::move(models)});
  }
  if (chosen.empty() && report.errors() == 0) report.error({.what = "the ladder: no weights to measure"});
  return chosen;
}

void write_climb(Output& output, const learn::Standing& cascade, double confidence) {
  for (const Side side : {Side::all, Side::train, Side::test}) {
    const std::vector<std::uint64_t>& answered = cascade.answered[static_cast<std::size_t>(side)];
    std::uint64_t sum = 0;
    for (const std::uint64_t count : answered) sum += count;
    if (sum == 0) continue;
    char text[80];
    std::snprintf(text, sizeof text, "the cascade at %.3g, %s, answers at", confidence, std::string(learn::name(side)).c_str());
    output.write(text);
    for (std::size_t i = 0; i < answered.size(); ++i) {
      std::snprintf(text, sizeof text, "%s %s %.1f %%", i == 0 ? "" : ",", cascade.climbed[i].c_str(),
                    100.0 * static_cast<double>(answered[i]) / static_cast<double>(sum));
      output.write(text);
    }
    output.write("\n");
  }
}

void write_cost(Output& output, const LadderOptions& options, const std::vector<learn::Standing>& standings) {
  const auto first = std::ranges::find_if(standings, [](const learn::Standing& standing) { return standing.cost.n() > 0; });
  if (first == standings.end()) return;
  std::string objects;
  for (const learn::Standing& standing : standings)
    if (standing.cost.n() > 0 && standing.cost.n() < std::min<std::uint64_t>(options.cost_objects, first->cost.n()))
      objects += (objects.empty() ? " (" : ", ") + standing.rung() + ": " + std::to_string(standing.cost.n());
  output.write("instructions: user mode, the mean of " + std::to_string(first->cost.n()) + " samples" +
               (objects.empty() ? "" : objects + ")") + ", from the stream in memory to the answer, by " + first->cost.measured + "\n");
}

int run_ladder(const CLI::App& app, LadderOptions& options) {
  if (options.read.paths.empty())
    return usage_error(app, "PATH is missing: a pack, a repository, a directory holding any, or a corpus.sqlite "
                            "(decompress_rounds corpus writes one)");
  if (!options.task.empty() && known_task(app, options.task) == nullptr) return kExitUsage;
  if (!options.rung.empty() && known_rung(app, options.rung) == nullptr) return kExitUsage;
  Report report;
  report.quiet = options.read.quiet;
  if (!options.dictionary_corpus.empty() && !learn::is_corpus(options.dictionary_corpus))
    return report.error({.what = "no corpus (decompress_rounds corpus writes one)", .file = options.dictionary_corpus}), report.exit_code();
  for (const std::string& path : {options.csv, options.plot}) // made and removed again: told now, not after the work
    if (!path.empty())
      if (const Result<OutputFile> writable = OutputFile::create(path); !writable) return report.error(writable.error()), report.exit_code();
  std::erase_if(options.read.paths, [&](const std::string& path) {
    if (path == "-" || !learn::is_corpus(path)) return false;
    options.corpora.push_back(path);
    return true;
  });
  std::vector<Chosen> chosen = choose_models(options, report);
  Output output;
  std::vector<LadderRow> rows;
  for (Chosen& one : chosen) {
    TaskRun run(options, *one.task, std::move(one.models), report);
    const std::vector<learn::Standing>& standings = run.run();
    const std::vector<LadderRow> own = ladder_rows(*one.task, standings);
    if (own.empty()) {
      report.note("no samples of task " + one.task->name + " there");
      continue;
    }
    rows.insert(rows.end(), own.begin(), own.end());
    if (options.read.json) {
      write_json(output, own);
      continue;
    }
    write_table(output, *one.task, own);
    for (const learn::Standing& standing : standings)
      if (!standing.climbed.empty()) write_climb(output, standing, options.confidence);
    write_cost(output, options, standings);
  }
  if (!chosen.empty() && rows.empty() && report.errors() == 0) report.error({.what = "the ladder: no samples of any task"});
  if (!options.csv.empty())
    if (const Result<void> written = write_whole(options.csv, ladder_csv(rows)); !written) report.error(written.error());
  if (!options.plot.empty())
    if (const Result<void> written = write_whole(options.plot, ladder_plot(rows)); !written) report.error(written.error());
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_ladder(CLI::App& app) {
  auto options = std::make_shared<LadderOptions>();
  add_read_options(app, options->read, {.scope = true, .paths_required = false});
  app.add_option("--task", options->task, "This task alone: " + learn::task_names());
  app.add_option("--rung", options->rung, "This rung alone: " + learn::rung_names());
  app.add_option("--model", options->models, "Weights that train wrote, instead of the shipped ones; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--confidence", options->confidence, "The cascade climbs to the next rung below this [0.95]")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--whole-text", options->whole_text, "The cascade ends in the whole text (R5), as predict's does");
  app.add_option("--csv", options->csv, "Write the records as a table too")->type_name("FILE");
  app.add_option("--plot", options->plot, "Draw accuracy against instructions (SVG)")->type_name("FILE");
  app.add_option("--dictionary-corpus", options->dictionary_corpus,
                 "What the peer \"dictionary\" learns from: a corpus.sqlite [the first among PATH]")
      ->type_name("FILE");
  app.add_flag("--no-peers", options->no_peers, "Neither dictionary nor content classifier");
  app.add_option("--peer-objects", options->peer_objects, "Samples that the peers are asked for [2000]")->check(CLI::Range(1u, 1000000u));
  CLI::Option* none = app.add_flag("--no-cost", options->no_cost, "Count no instructions");
  app.add_flag("--counters", options->counters,
               "Count by the processor's counters instead of step by step: quicker; the last digits vary")
      ->excludes(none);
  app.add_option("--cost-objects", options->cost_objects, "Samples whose instructions are counted [40]")->check(CLI::Range(1u, 1000000u));
  app.add_option("--cost-steps", options->limits.enough,
                 "A rung that has taken so many steps is given no further sample [1000000]; one sample may take four times as many")
      ->check(CLI::Range(1u, 1u << 30));
  app.footer("Example:\n  packscope decompress_rounds --plot ladder.svg .");
  return [&app, options] {
    options->limits.most = options->limits.enough * 4;
    return run_ladder(app, *options);
  };
}

} // namespace packscope::tools
