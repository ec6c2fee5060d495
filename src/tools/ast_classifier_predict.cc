// ast_classifier predict: the language of every blob, from its compressed bytes, few of them inflated to text.
//
// A blob is answered at the lowest rung that is confident enough, and climbs otherwise (learn/cascade.h); a delta inherits the
// answer of its base, or with --doubt is resolved where that is in doubt (tools/predictions.h).
#include "tools/ast_classifier.h"

#include "base/text.h"
#include "tools/lattice_blobs.h"
#include "tools/predictions.h"

#include <algorithm>
#include <atomic>
#include <cstdio>

namespace packscope::tools {
namespace {

struct PredictOptions : CascadeOptions {
  bool paths = false;
  std::string lattice;
};

class Predictor {
public:
  Predictor(const PredictOptions& options, const learn::Cascade& cascade, FirstRung first, Report& report, Output& output)
      : options_(options), cascade_(cascade), report_(report), output_(output),
        how_{.paths = options.paths, .doubt = options.wanted_doubt(), .first = std::move(first)} {}

  void repository(pack::Repository& repository) {
    const Predictions predictions = Predictions::of(repository, cascade_, options_.read, how_, report_);
    for (std::size_t i = 0; i < predictions.blobs().size(); ++i)
      if (const std::optional<Prediction> said = predictions.at(i)) print(repository, predictions.blobs()[i], *said);
  }

private:
  void print(pack::Repository& repository, const pack::BlobPath& blob, const Prediction& answer) {
    const learn::Model& model = cascade_.classifiers()[answer.rung].model();
    const std::string label = answer.first.empty() ? model.labels[answer.label] : std::string(answer.first);
    const std::string_view rung = answer.first.empty() ? model.rung->name : "lattice";
    const pack::Store& store = repository.store();
    const std::optional<pack::ObjectId> id = store.id_of(blob.at);
    if (options_.read.json) {
      JsonWriter record;
      begin_record(record, repository.source());
      object_field(record, id);
      path_fields(record, blob);
      if (blob.at.pack == pack::kLoose) record.null_field("offset");
      else record.field("offset", store.offset_of(blob.at));
      record.field("label", label);
      record.field("confidence", static_cast<double>(answer.confidence)).field("rung", rung);
      record.field("inherited", answer.inherited).end_object();
      return output_.line(record);
    }
    char line[120];
    std::snprintf(line, sizeof line, "%-12s %.3f  %-6s %s ", printable(label).substr(0, 40).c_str(),
                  static_cast<double>(answer.confidence), std::string(rung).c_str(),
                  answer.inherited ? "from its base" : "             ");
    output_.write(line + (blob.path.empty() ? (id ? id->hex() : std::to_string(store.offset_of(blob.at)))
                                            : printable(blob.path)) + "\n");
  }

  const PredictOptions& options_;
  const learn::Cascade& cascade_;
  Report& report_;
  Output& output_;
  const PredictionOptions how_;
};

// A blob's id, then its clues; what is not sure enough, and what cannot be read, is the cascade's.
std::optional<FirstAnswer> ask_lattice(const lattice::Explainer& explainer, double wanted, const pack::Store& store, pack::Location at, std::atomic<bool>& damaged) {
  lattice::Answer answer;
  if (const std::optional<pack::ObjectId> id = store.id_of(at)) answer = noted(explainer.by_id(lattice::Dimension::object, id->raw(), 0), damaged);
  lattice::Clues clues;
  if (!answer.known && clues_of(store, at, clues).value_or(false)) answer = noted(explainer.by_clues(clues, 0), damaged);
  if (!answer.known || static_cast<double>(answer.confidence) < wanted) return std::nullopt;
  return FirstAnswer{syntax::name(answer.label), answer.confidence};
}

int run_predict(const CLI::App& app, const PredictOptions& options) {
  const learn::Task* task = known_task(app, options.task.empty() ? "language" : options.task);
  if (task == nullptr) return kExitUsage;
  if (task->kind != learn::TaskKind::language)
    return usage_error(app, "predict answers for whole blobs, task language; measure " + task->name + " by eval");
  Report report;
  report.quiet = options.read.quiet;
  std::expected<std::vector<learn::Model>, int> models = cascade_models(app, options, *task, report);
  if (!models) return models.error();
  const learn::Cascade cascade(std::move(*models), options.confidence);
  std::optional<Result<lattice::Lattice>> lattice;
  std::optional<Result<lattice::Explainer>> explainer;
  FirstRung first;
  std::atomic<bool> damaged = false;
  if (!options.lattice.empty()) {
    lattice.emplace(lattice::Lattice::open(options.lattice));
    if (*lattice) explainer.emplace(lattice::Explainer::of(**lattice));
    if (!*lattice || !*explainer) return report.error(*lattice ? explainer->error() : lattice->error()), report.exit_code();
    first = [&](const pack::Store& store, pack::Location at) { return ask_lattice(**explainer, options.confidence, store, at, damaged); };
  }
  Output output;
  Predictor predictor(options, cascade, first, report, output);
  for_each_repository(options.read, report, [&](pack::Repository& repository) { predictor.repository(repository); });
  output.finish(report);
  if (damaged) report.error(lattice_damaged(options.lattice));
  return report.exit_code();
}

} // namespace

std::function<int()> configure_predict(CLI::App& app) {
  auto options = std::make_shared<PredictOptions>();
  add_read_options(app, options->read);
  app.add_option("--task", options->task, "language");
  add_cascade_options(app, *options);
  app.add_option("--lattice", options->lattice, "Ask this lattice (pack2lattice) before the cascade")
      ->type_name("FILE")
      ->excludes(app.get_option("--rung"));
  app.add_flag("--paths", options->paths, "Read trees for paths, also where the scope does not need them");
  app.add_option("--backend", options->backend, "Single streams are answered by the CPU, whatever is named here")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  return [&app, options] { return run_predict(app, *options); };
}

} // namespace packscope::tools
