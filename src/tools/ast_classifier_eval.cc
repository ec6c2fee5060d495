// ast_classifier eval: a model against the labels of a corpus, on the side of the split that its own file tells.
#include "tools/ast_classifier.h"
#include "tools/ladder_sides.h"

#include "base/text.h"

#include <cstdio>

namespace packscope::tools {
namespace {

struct EvalOptions : ClassifierOptions {
  std::string split = "all";
};

void print_table(Output& output, const learn::Model& model, const learn::Confusion& confusion) {
  output.write("\nrows: true class; columns: predicted, in the same order\n");
  for (std::size_t truth = 0; truth < confusion.classes(); ++truth) {
    if (confusion.truth(truth) + confusion.predicted(truth) == 0) continue;
    char cell[64];
    std::snprintf(cell, sizeof cell, "%-14s F1 %.3f ", printable(model.labels[truth]).substr(0, 14).c_str(),
                  confusion.f1(truth));
    output.write(cell);
    for (std::size_t said = 0; said < confusion.classes(); ++said) {
      if (confusion.truth(said) + confusion.predicted(said) == 0) continue;
      std::snprintf(cell, sizeof cell, " %7llu", static_cast<unsigned long long>(confusion.at(truth, said)));
      output.write(cell);
    }
    output.write("\n");
  }
}

// For the usage errors that come before all models are loaded.
std::string task_of(const std::string& path) {
  const Result<learn::Model> model = learn::load_model(path);
  return model ? model->task : "language";
}

int run_eval(const CLI::App& app, const EvalOptions& options) {
  const learn::Task* task = known_task(app, options.task.empty() && options.models.empty() ? "language" : options.task.empty() ? task_of(options.models.front()) : options.task);
  if (task == nullptr) return kExitUsage;
  Report report;
  report.quiet = options.read.quiet;
  Result<std::vector<learn::Model>> models = load_models(options, *task);
  if (!models) return report.error(models.error()), report.exit_code();
  if (!options.rung.empty()) {
    const learn::Rung* rung = known_rung(app, options.rung);
    if (rung == nullptr) return kExitUsage;
    std::erase_if(*models, [&](const learn::Model& model) { return model.rung != rung; });
    if (models->empty()) return usage_error(app, "no weights for rung " + std::string(rung->name));
  }
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;
  const learn::Side side = options.split == "train"  ? learn::Side::train
                           : options.split == "test" ? learn::Side::test
                                                     : learn::Side::all;
  if (side == learn::Side::all)
    report.note("split all: what the model was trained on may be among these; --split test keeps to groups held out");
  Output output;
  for (const learn::Model& model : *models) {
    ClassifierOptions reading = options;
    reading.group_by = model.split.by;
    ModelSides sides(model);
    const learn::Dataset dataset = read_dataset(reading, *task, *model.rung, report, &sides);
    const learn::Features features = select(dataset, side_of(dataset, model.split, side));
    const Result<std::vector<learn::Confusion>> confusions = evaluate(*backend, model, features);
    if (!confusions) return report.error(confusions.error()), report.exit_code();
    if (features.size() == 0) { // no figure at all rather than an accuracy of 0
      report.error({.what = "eval: no samples of task " + task->name +
                            (side == learn::Side::all ? "" : " on the " + options.split + " side of the split")});
      return report.exit_code();
    }
    if (!options.read.json && models->size() > 1) output.write(std::string(model.rung->name) + "\n");
    print_figures(output, options.read.json, options.split, model, *confusions);
    if (!options.read.json && confusions->size() == 1) print_table(output, model, confusions->front());
  }
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_eval(CLI::App& app) {
  auto options = std::make_shared<EvalOptions>();
  add_read_options(app, options->read);
  app.add_option("--task", options->task, "The model's, or which of the shipped weights [language]: " + learn::task_names());
  app.add_option("--model", options->models, "Weights that train wrote")->type_name("FILE")->allow_extra_args(false);
  app.add_option("--rung", options->rung, "Of the shipped weights, this rung's alone: " + learn::rung_names());
  app.add_option("--split", options->split, "Which groups, by the commits that the model's file lists (by its split where it lists none): all, train or test")
      ->check(CLI::IsMember({"all", "train", "test"}));
  app.add_option("--backend", options->backend, "What computes: auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  return [&app, options] { return run_eval(app, *options); };
}

} // namespace packscope::tools
