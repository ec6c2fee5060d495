// ast_classifier eval: a model against the labels of a corpus, on the side of the split that its own file tells.
#include "tools/ast_classifier.h"

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

int run_eval(const CLI::App& app, const EvalOptions& options) {
  if (options.models.empty()) return no_weights(app);
  Report report;
  report.quiet = options.read.quiet;
  const Result<learn::Model> model = learn::load_model(options.models.front());
  if (!model) return report.error(model.error()), report.exit_code();
  const learn::Task* task = known_task(app, options.task.empty() ? model->task : options.task);
  if (task == nullptr) return kExitUsage;
  if (task->name != model->task || task->labels != model->labels)
    return usage_error(app, "the model is for task " + model->task + (task->name == model->task ? ", other labels" : ""));
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;

  ClassifierOptions reading = options;
  reading.group_by = model->split.by;
  const learn::Dataset dataset = read_dataset(reading, *task, *model->rung, report);
  const learn::Side side = options.split == "train"  ? learn::Side::train
                           : options.split == "test" ? learn::Side::test
                                                     : learn::Side::all;
  const learn::Features features = extract(dataset, *model->rung, side_of(dataset, model->split, side));
  if (side == learn::Side::all)
    report.note("split all: what the model was trained on may be among these; --split test keeps to groups held out");
  const Result<learn::Confusion> confusion = evaluate(*backend, *model, features);
  if (!confusion) return report.error(confusion.error()), report.exit_code();
  if (confusion->n() == 0) { // no figure at all rather than an accuracy of 0
    report.error({.what = "eval: no samples of task " + task->name +
                          (side == learn::Side::all ? "" : " on the " + options.split + " side of the split")});
    return report.exit_code();
  }
  Output output;
  print_figures(output, options.read.json, options.split, *model, *confusion);
  if (!options.read.json) print_table(output, *model, *confusion);
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_eval(CLI::App& app) {
  auto options = std::make_shared<EvalOptions>();
  add_read_options(app, options->read);
  app.add_option("--task", options->task, "Must be the model's: " + learn::task_names());
  app.add_option("--model", options->models, "Weights that train wrote")->type_name("FILE")->allow_extra_args(false);
  app.add_option("--split", options->split, "Which groups, by the split in the model's file: all, train or test")
      ->check(CLI::IsMember({"all", "train", "test"}));
  app.add_option("--backend", options->backend, "What computes: auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  return [&app, options] { return run_eval(app, *options); };
}

} // namespace packscope::tools
