// What the subcommands of ast_classifier share: their options, datasets from traces and packs, models and backends.
#pragma once

#include "learn/backend.h"
#include "learn/corpus.h"
#include "learn/shipped.h"
#include "learn/training.h"
#include "tools/command.h"

#include <memory>

namespace packscope::tools {

struct ClassifierOptions {
  ReadOptions read;
  std::string task, rung;
  std::vector<std::string> models;
  std::string backend = "auto";
  std::string group_by = "file";
};

// The task or rung of that name; null after a usage error that names the choices.
const learn::Task* known_task(const CLI::App& app, const std::string& name);
const learn::Rung* known_rung(const CLI::App& app, const std::string& name);
// The backend the option asks for, named on stderr; null after an error.
std::unique_ptr<learn::Backend> open_backend(const ClassifierOptions& options, Report& report);
// The weights named by --model, else the shipped ones, for the task; low rungs first.
Result<std::vector<learn::Model>> load_models(const ClassifierOptions& options, const learn::Task& task);

// Samples of the task from all of options.read.paths: corpora, traces, repositories, packs. `sides`: of a model to be judged,
// whose own list of commits then says who is held out, as for decompress_rounds.
class ModelSides;
learn::Dataset read_dataset(const ClassifierOptions& options, const learn::Task& task, const learn::Rung& rung,
                            Report& report, ModelSides* sides = nullptr);

// One line for people ("held out  n 902  accuracy .751 …") or one record.
void print_figures(Output& output, bool json, const std::string& split, const learn::Model& model,
                   const std::vector<learn::Confusion>& confusions);

int run_seed(const ClassifierOptions& options); // the seed's experiment
std::function<int()> configure_seed(CLI::App& app);
std::function<int()> configure_train(CLI::App& app);
std::function<int()> configure_eval(CLI::App& app);
std::function<int()> configure_predict(CLI::App& app);

} // namespace packscope::tools
