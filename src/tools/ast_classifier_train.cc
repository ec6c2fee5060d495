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
  std::uint32_t test_percent = 20;
  std::string salt = learn::Split{}.salt;
  learn::Plan plan;
};

std::string figures_note(const learn::Confusion& confusion) {
  JsonWriter json;
  json.begin_object().field("n", confusion.n()).field("accuracy", confusion.accuracy());
  json.field("macro_f1", confusion.macro_f1()).field("majority", confusion.majority());
  return json.field("calibration_error", confusion.calibration_error()).end_object().text();
}

void print_corpus(Output& output, const learn::Dataset& dataset, const learn::Split& split) {
  std::size_t held_out = 0;
  for (const std::string& group : dataset.groups) held_out += split.is_test(group);
  output.write(human_count(dataset.samples.size()) + " samples of " + human_count(dataset.groups.size()) + " " +
               (split.by == "file" ? "files" : "repositories") + " (" + human_count(held_out) + " held out); " +
               human_count(dataset.duplicates) + " duplicates and " + human_count(dataset.other) +
               " of no class left out\n");
}

int run_train(const CLI::App& app, TrainOptions& options) {
  const learn::Task* task = known_task(app, options.task);
  if (task == nullptr) return kExitUsage;
  const learn::Rung* rung = known_rung(app, options.rung);
  if (rung == nullptr) return kExitUsage;
  if (options.read.paths.empty()) return usage_error(app, "PATH is missing: the traces or packs to learn from");
  if (options.output.empty()) return usage_error(app, "-o W.safetensors is missing: where the weights go");
  for (const std::string& path : options.read.paths) {
    std::error_code ignored; // what is not there is nothing to overwrite
    if (std::filesystem::equivalent(path, options.output, ignored))
      return usage_error(app, "-o " + options.output + " is the input " + path);
  }
  learn::parse_activation(options.activation, options.plan.activation);
  Report report;
  report.quiet = options.read.quiet;
  // Made and removed again: a path that cannot be written is told now, not after the training.
  if (const Result<OutputFile> writable = OutputFile::create(options.output); !writable)
    return report.error(writable.error()), report.exit_code();
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;

  const learn::Dataset dataset = read_dataset(options, *task, *rung, report);
  const learn::Split split{.by = options.group_by, .salt = options.salt, .test_percent = options.test_percent};
  const bool json = options.read.json;
  Output output;
  if (!json) print_corpus(output, dataset, split);
  const learn::Features seen = extract(dataset, *rung, side_of(dataset, split, learn::Side::train));
  const learn::Features held_out = extract(dataset, *rung, side_of(dataset, split, learn::Side::test));
  if (seen.size() == 0) {
    report.error({.what = "training: no samples of task " + task->name + " to learn from (grammars are looked for in " +
                          syntax::grammar_directory() + ")"});
    return report.exit_code();
  }

  Progress progress("training", options.plan.epochs, "epochs", options.read.progress());
  Result<learn::Model> model =
      train(*backend, *task, *rung, seen, options.plan, [&](std::uint32_t epoch, const learn::EpochResult& result) {
        char line[100];
        std::snprintf(line, sizeof line, "loss %.4f  accuracy %.3f", result.loss,
                      static_cast<double>(result.correct) / static_cast<double>(seen.size()));
        progress.advance(1, line);
        const std::uint32_t every = std::max(1u, options.plan.epochs / 5);
        if (!json && (epoch == 1 || epoch % every == 0))
          output.write("epoch " + std::to_string(epoch) + "  " + line + "\n");
      });
  if (!model) return report.error(model.error()), report.exit_code();
  model->split = split;
  model->notes["corpus"] = dataset.summary();

  std::string figures = "{";
  for (const auto& [name, features] : {std::pair("train", &seen), std::pair("test", &held_out)}) {
    const Result<learn::Confusion> confusion = evaluate(*backend, *model, *features);
    if (!confusion) return report.error(confusion.error()), report.exit_code();
    figures += (figures.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + figures_note(*confusion);
    print_figures(output, json, name, *model, *confusion);
  }
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
  app.add_option("--seed", plan.seed, "Initial weights and order of samples");
  return [&app, options] {
    const bool seed = options->read.paths.empty() && options->task.empty() && options->rung.empty() && options->output.empty();
    return seed ? run_seed(*options) : run_train(app, *options);
  };
}

} // namespace packscope::tools
