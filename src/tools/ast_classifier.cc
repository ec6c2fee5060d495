// ast_classifier: networks that tell language and declarations from compressed bytes. This file: its subcommands and what
// they share; train, eval, predict and the seed's experiment have a file each.
#include "tools/ast_classifier.h"

#include "base/text.h"
#include "tools/commands.h"
#include "tools/ladder_sides.h"
#include "trace/dataset.h"

#include <algorithm>
#include <cstdio>

namespace packscope::tools {
namespace {

void add_traced(const std::string& path, const ClassifierOptions& options, const learn::Task& task,
                learn::DatasetBuilder& builder, Report& report) {
  if (task.kind != learn::TaskKind::item && task.kind != learn::TaskKind::kind)
    return report.error({.what = "task " + task.name + " reads streams, not a trace: name the pack itself", .file = path});
  const Result<void> done = trace::for_each_declaration(path, [&](const trace::TracedDeclaration& declaration) {
    const std::string file = declaration.path.empty() ? declaration.object : declaration.path;
    builder.add(learn::DeclarationSample{.text = {declaration.text.begin(), declaration.text.end()},
                                         .kind = declaration.kind,
                                         .item = declaration.item,
                                         .group = options.group_by == "repository" ? path : file});
  });
  if (!done) report.error(done.error());
}

} // namespace

const learn::Task* known_task(const CLI::App& app, const std::string& name) {
  const learn::Task* task = learn::find_task(name);
  if (task == nullptr)
    usage_error(app, (name.empty() ? "--task is missing" : "no task '" + name + "'") + "; there are " + learn::task_names());
  return task;
}

const learn::Rung* known_rung(const CLI::App& app, const std::string& name) {
  const learn::Rung* rung = learn::find_rung(name);
  if (rung == nullptr)
    usage_error(app, (name.empty() ? "--rung is missing" : "no rung '" + name + "'") + "; there are " + learn::rung_names());
  return rung;
}

std::unique_ptr<learn::Backend> open_backend(const ClassifierOptions& options, Report& report) {
  const learn::BackendKind kind = options.backend == "cpu"    ? learn::BackendKind::cpu
                                  : options.backend == "cuda" ? learn::BackendKind::cuda
                                                              : learn::BackendKind::automatic;
  Result<learn::Chosen> chosen = learn::choose_backend(kind, options.read.threads);
  if (!chosen) {
    report.error(chosen.error());
    return nullptr;
  }
  report.note(chosen->line);
  return std::move(chosen->backend);
}

Result<std::vector<learn::Model>> load_models(const ClassifierOptions& options, const learn::Task& task) {
  std::vector<learn::Model> models;
  if (options.models.empty()) return learn::load_shipped(task.name);
  for (const std::string& path : options.models) {
    Result<learn::Model> model = learn::load_model(path);
    if (!model) return std::unexpected(model.error());
    if (model->task != task.name) return fail("the model is for task " + model->task + ", not " + task.name, path);
    if (model->labels != task.labels) return fail("the model has other labels than this version's task " + task.name, path);
    models.push_back(std::move(*model));
  }
  return models;
}

learn::Dataset read_dataset(const ClassifierOptions& options, const learn::Task& task, const learn::Rung& rung,
                            Report& report, ModelSides* sides) {
  learn::DatasetBuilder builder(task, rung);
  ReadOptions packs = options.read;
  std::erase_if(packs.paths, [&](const std::string& path) {
    if (path == "-") return false;
    if (learn::is_corpus(path)) {
      if (const Result<void> done = learn::add_corpus(path, builder); !done) report.error(done.error());
      return true;
    }
    if (!trace::is_trace(path)) return false;
    add_traced(path, options, task, builder, report);
    return true;
  });
  const learn::CorpusOptions corpus{
      .scope = options.read.scope(),
      .group_by = options.group_by == "repository" ? learn::GroupBy::repository : learn::GroupBy::file};
  const learn::OnError on_error = [&](const Error& error) { report.error(error); };
  syntax::Grammars grammars;
  if (!packs.paths.empty())
    for_each_repository(packs, report, [&](pack::Repository& repository) {
      const std::size_t before = builder.dataset().groups.size();
      learn::add_repository(repository, corpus, grammars, builder, on_error);
      if (sides == nullptr || !sides->lists()) return;
      sides->begin(repository);
      const std::vector<std::string> added(builder.dataset().groups.begin() + static_cast<std::ptrdiff_t>(before), builder.dataset().groups.end());
      for (const std::string& group : added) builder.list(group, sides->of(repository.source().name, group), "");
    });
  learn::Dataset dataset = builder.take();
  if (sides != nullptr)
    for (std::size_t group = 0; group < dataset.groups.size(); ++group)
      if (!dataset.origins[group].empty()) dataset.sides[group] = sides->of_corpus(dataset.origins[group], dataset.sides[group]);
  return dataset;
}

void print_figures(Output& output, bool json, const std::string& split, const learn::Model& model,
                   const std::vector<learn::Confusion>& confusions) {
  const std::vector<learn::Question>& questions = learn::find_task(model.task)->questions;
  for (std::size_t q = 0; q < confusions.size(); ++q) {
    const learn::Confusion& confusion = confusions[q];
    if (json) {
      JsonWriter record;
      record.begin_object().field("task", model.task).field("rung", model.rung->name).field("split", split);
      if (!questions[q].name.empty()) record.field("fact", questions[q].name);
      record.field("n", confusion.n()).field("accuracy", confusion.accuracy()).field("macro_f1", confusion.macro_f1());
      record.field("majority", confusion.majority()).field("calibration_error", confusion.calibration_error());
      record.key("labels").begin_array();
      for (const std::string& label : questions[q].labels) record.value(label);
      record.end_array().key("confusion").begin_array();
      for (std::size_t truth = 0; truth < confusion.classes(); ++truth) {
        record.begin_array();
        for (std::size_t said = 0; said < confusion.classes(); ++said) record.value(confusion.at(truth, said));
        record.end_array();
      }
      record.end_array().end_object();
      output.line(record);
      continue;
    }
    char line[200];
    std::snprintf(line, sizeof line, "%-9s %s%sn %-8s accuracy %.3f  macro-F1 %.3f  majority %.3f  calibration error %.3f\n",
                  split.c_str(), questions[q].name.c_str(), questions[q].name.empty() ? "" : "  ",
                  human_count(confusion.n()).c_str(), confusion.accuracy(), confusion.macro_f1(), confusion.majority(),
                  confusion.calibration_error());
    output.write(line);
  }
}

std::function<int()> configure_ast_classifier(CLI::App& app) {
  app.require_subcommand(0, 1);
  auto chosen = std::make_shared<std::function<int()>>(configure_seed(app));
  const auto add = [&](const char* name, const char* purpose, const char* example,
                       std::function<int()> (*configure)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, purpose);
    sub->footer(std::string("Example:\n  packscope ast_classifier ") + example);
    const std::function<int()> action = configure(*sub);
    sub->callback([chosen, action] { *chosen = action; });
  };
  add("train", "Train a network on traces or packs; without a PATH, the seed's own experiment",
      "train --task language --rung R2 -o language.safetensors .", configure_train);
  add("eval", "Measure a network on traces or packs", "eval .", configure_eval);
  add("predict", "Say of every blob what it is, from its compressed bytes", "predict .",
      configure_predict);
  return [chosen] { return (*chosen)(); };
}

} // namespace packscope::tools
