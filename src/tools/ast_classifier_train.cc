// ast_classifier train: a dataset, a split by group, a network, and what it reaches on the groups it never saw.
#include "tools/ast_classifier.h"

#include "base/output_file.h"

#include <cstdio>
#include <filesystem>

namespace packscope::tools {
namespace {

struct TrainOptions : ClassifierOptions {
  std::string output;
  std::string activation = "relu";
  std::uint32_t test_percent = 20, validation_percent = 15;
  bool validation_only = false;
  std::string salt = learn::Split{}.salt;
  learn::Plan plan;
};

std::string figures_note(const std::vector<learn::Confusion>& confusions) {
  JsonWriter json;
  json.begin_array();
  for (const learn::Confusion& confusion : confusions) {
    json.begin_object().field("n", confusion.n()).field("accuracy", confusion.accuracy());
    json.field("macro_f1", confusion.macro_f1()).field("majority", confusion.majority());
    json.field("calibration_error", confusion.calibration_error()).end_object();
  }
  return json.end_array().text();
}

void print_corpus(Output& output, const learn::Dataset& dataset, const learn::Split& split) {
  std::size_t held_out = 0;
  for (std::size_t i = 0; i < dataset.groups.size(); ++i)
    held_out += dataset.sides[i] == learn::Side::all ? split.is_test(dataset.groups[i]) : dataset.sides[i] == learn::Side::test;
  output.write(human_count(dataset.samples.size()) + " samples of " + human_count(dataset.groups.size()) + " " +
               (split.by == "file" ? "files" : "repositories") + " (" + human_count(held_out) + " held out); " +
               human_count(dataset.duplicates) + " duplicates and " + human_count(dataset.other) +
               " of no class left out\n");
}

// The training side in two: samples to learn from, and those of some groups to set the temperature by.
std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> validation_of(const learn::Dataset& dataset,
                                                                              std::span<const std::uint32_t> train,
                                                                              const learn::Split& split, std::uint32_t percent) {
  const learn::Split inner{.by = split.by, .salt = split.salt + " validation", .test_percent = percent};
  std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> parts;
  for (const std::uint32_t sample : train)
    (inner.is_test(dataset.groups[dataset.samples[sample].group]) ? parts.second : parts.first).push_back(sample);
  return parts;
}

int run_train(const CLI::App& app, TrainOptions& options) {
  const learn::Task* task = known_task(app, options.task);
  if (task == nullptr) return kExitUsage;
  const learn::Rung* rung = known_rung(app, options.rung);
  if (rung == nullptr) return kExitUsage;
  if (options.read.paths.empty()) return usage_error(app, "PATH is missing: the traces or packs to learn from");
  if (options.output.empty() && !options.validation_only) return usage_error(app, "-o W.safetensors is missing: where the weights go");
  for (const std::string& path : options.read.paths) {
    std::error_code ignored; // what is not there is nothing to overwrite
    if (std::filesystem::equivalent(path, options.output, ignored))
      return usage_error(app, "-o " + options.output + " is the input " + path);
  }
  learn::parse_activation(options.activation, options.plan.activation);
  Report report;
  report.quiet = options.read.quiet;
  // Made and removed again: a path that cannot be written is told now, not after the training.
  if (!options.validation_only)
    if (const Result<OutputFile> writable = OutputFile::create(options.output); !writable)
      return report.error(writable.error()), report.exit_code();
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;

  const learn::Dataset dataset = read_dataset(options, *task, *rung, report);
  const learn::Split split{.by = options.group_by, .salt = options.salt, .test_percent = options.test_percent};
  const bool json = options.read.json;
  Output output;
  if (!json) print_corpus(output, dataset, split);
  const std::vector<std::uint32_t> train_side = side_of(dataset, split, learn::Side::train);
  const learn::Features seen = select(dataset, train_side);
  if (seen.size() == 0) {
    report.error({.what = "training: no samples of task " + task->name + " to learn from (grammars are looked for in " +
                          syntax::grammar_directory() + ")"});
    return report.exit_code();
  }

  Progress progress("training", options.plan.epochs, "epochs", options.read.progress());
  const auto train_on = [&](const learn::Features& features) {
    return train(*backend, *task, *rung, features, options.plan, [&](std::uint32_t epoch, const learn::EpochResult& result) {
      char line[100];
      std::snprintf(line, sizeof line, "loss %.4f  accuracy %.3f", result.loss,
                    static_cast<double>(result.correct) / static_cast<double>(features.labels.size()));
      progress.advance(1, line);
      const std::uint32_t every = std::max(1u, options.plan.epochs / 5);
      if (!json && (epoch == 1 || epoch % every == 0))
        output.write("epoch " + std::to_string(epoch) + "  " + line + "\n");
    });
  };
  // Confidences are set by groups that were not trained on: a first network without them tells the temperature, and how
  // far the settings carry; the weights that are kept have learned from all of the training side.
  float temperature = 1.0f;
  std::string figures = "{";
  const auto add_figures = [&](const std::string& name, const learn::Model& model, const learn::Features& features) -> Result<void> {
    const Result<std::vector<learn::Confusion>> confusions = evaluate(*backend, model, features);
    if (!confusions) return std::unexpected(confusions.error());
    figures += (figures.size() > 1 ? ",\"" : "\"") + name + "\":" + figures_note(*confusions);
    print_figures(output, json, name, model, *confusions);
    return {};
  };
  const auto [inner, validation] = validation_of(dataset, train_side, split, options.validation_percent);
  if (!inner.empty() && !validation.empty()) {
    const learn::Features held_out = select(dataset, validation);
    Result<learn::Model> first = train_on(select(dataset, inner));
    if (!first) return report.error(first.error()), report.exit_code();
    if (Result<void> done = calibrate(*backend, *first, held_out); !done) return report.error(done.error()), report.exit_code();
    temperature = first->temperature;
    if (Result<void> done = add_figures("validation", *first, held_out); !done)
      return report.error(done.error()), report.exit_code();
  }
  if (options.validation_only) return output.finish(report), report.exit_code();
  Result<learn::Model> model = train_on(seen);
  if (!model) return report.error(model.error()), report.exit_code();
  model->temperature = temperature;
  model->split = split;
  model->notes["corpus"] = dataset.summary();
  const learn::Features held_out = select(dataset, side_of(dataset, split, learn::Side::test));
  for (const auto& [name, features] : {std::pair("train", &seen), std::pair("test", &held_out)})
    if (Result<void> done = add_figures(name, *model, *features); !done)
      return report.error(done.error()), report.exit_code();
  model->notes["figures"] = figures + "}";
  if (!json && held_out.size() == 0)
    output.write("nothing was held out: the figures above are of training samples alone\n");
  if (Result<void> saved = save_model(*model, options.output); !saved) report.error(saved.error());
  else if (!json)
    output.write("wrote " + options.output + ": " + model->shape.text() + ", " +
                 human_count(model->parameters.size()) + " parameters\n");
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_train(CLI::App& app) {
  auto options = std::make_shared<TrainOptions>();
  add_read_options(app, options->read, {.scope = true, .paths_required = false});
  app.add_option("--task", options->task, "What to tell: " + learn::task_names());
  app.add_option("--rung", options->rung, "What to read of a stream: " + learn::rung_names());
  app.add_option("-o,--output", options->output, "The weights (safetensors)")->type_name("FILE");
  app.add_option("--backend", options->backend, "What trains: auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.add_option("--group-by", options->group_by, "What is held out as a whole: file or repository")
      ->check(CLI::IsMember({"file", "repository"}));
  app.add_option("--test-percent", options->test_percent, "Share of groups held out")->check(CLI::Range(0u, 99u));
  app.add_option("--validation-percent", options->validation_percent,
                 "Share of the training groups that confidences are set by (0: none, confidences stay as they come)")
      ->check(CLI::Range(0u, 90u));
  app.add_flag("--validation-only", options->validation_only,
               "Only the figures on the validation groups, to choose settings by; nothing is written");
  app.add_option("--split-salt", options->salt, "Another text, another split");
  learn::Plan& plan = options->plan;
  app.add_option("--hidden", plan.hidden, "Units of the hidden layers: 64 or 256,64")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1u, 65536u));
  app.add_option("--activation", options->activation, "relu or tanh")->check(CLI::IsMember({"relu", "tanh"}));
  app.add_option("--epochs", plan.epochs, "Passes over the training samples")->check(CLI::Range(1u, 1000000u));
  app.add_option("--batch", plan.batch, "Samples a step")->check(CLI::Range(1u, 1u << 20));
  app.add_option("--learning-rate", plan.learning_rate, "Adam's; it falls in a straight line to a twentieth")
      ->check(CLI::PositiveNumber);
  app.add_option("--weight-decay", plan.adam.weight_decay, "Of weights, decoupled (AdamW)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--drop", plan.drop, "Share of features left out, others each epoch")->check(CLI::Range(0.0, 0.9));
  app.add_option("--seed", plan.seed, "Initial weights and order of samples");
  return [&app, options] {
    const bool seed = options->read.paths.empty() && options->task.empty() && options->rung.empty() && options->output.empty();
    return seed ? run_seed(*options) : run_train(app, *options);
  };
}

} // namespace packscope::tools
