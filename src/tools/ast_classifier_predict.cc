// ast_classifier predict: the language of every blob, from its compressed bytes, none of them inflated to text.
//
// Only streams that are no deltas are read: a delta inherits the answer of its base. With models of several rungs a blob is
// answered at the lowest rung that is confident enough and climbs otherwise.
#include "tools/ast_classifier.h"

#include "base/text.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace packscope::tools {
namespace {

using pack::Location;

struct PredictOptions : ClassifierOptions {
  double confidence = 0.95;
  bool paths = false;
};

struct Answer {
  std::uint32_t label = 0;
  float confidence = 0;
  std::uint8_t model = 0;
  bool known = false;
};

class Predictor {
public:
  Predictor(const PredictOptions& options, std::vector<learn::Model> models, learn::Backend& backend, Report& report,
            Output& output)
      : options_(options), models_(std::move(models)), backend_(backend), report_(report), output_(output) {}

  void repository(pack::Repository& repository) {
    const std::vector<pack::BlobPath> blobs = find_blobs(repository);
    answers_.clear();
    roots_.clear();
    std::vector<std::optional<Location>> roots;
    for (const pack::BlobPath& blob : blobs) roots.push_back(root_of(repository.store(), blob.at));
    std::vector<Location> distinct;
    for (const std::optional<Location>& root : roots)
      if (root && answers_.try_emplace(*root).second) distinct.push_back(*root);
    constexpr std::size_t kPiece = 4096; // streams whose features are held at a time
    for (std::size_t at = 0; at < distinct.size(); at += kPiece)
      classify(repository.store(), std::span(distinct).subspan(at, std::min(kPiece, distinct.size() - at)));
    for (std::size_t i = 0; i < blobs.size(); ++i)
      if (roots[i] && answers_[*roots[i]].known) print(repository, blobs[i], answers_[*roots[i]], *roots[i] != blobs[i].at);
  }

private:
  bool reads_trees(const pack::Repository& repository) const {
    const pack::ScopeKind kind = options_.read.scope().kind;
    const bool all = kind == pack::ScopeKind::all_objects ||
                     (kind == pack::ScopeKind::automatic && !repository.source().repository);
    return options_.paths || !all;
  }

  std::vector<pack::BlobPath> find_blobs(pack::Repository& repository) {
    std::vector<pack::BlobPath> blobs;
    if (reads_trees(repository)) {
      repository.for_each_blob(
          options_.read.scope(),
          [&](const pack::BlobPath& blob) {
            if (!pack::is_link(blob.mode)) blobs.push_back(blob);
          },
          [&](const Error& error) { report_.error(error); });
      return blobs;
    }
    // Every blob of every pack and every loose one, by headers alone; once, though several packs may hold it.
    const pack::Store& store = repository.store();
    if (store.packs().size() > 1 || store.loose_count() > 0) store.compute_ids(); // nothing to do where all have an index
    const auto add = [&](Location at) {
      const pack::Outcome<pack::ObjectType> type = store.type_of(at);
      if (!type) return report_.error(store.error(at, type.error()));
      if (*type != pack::ObjectType::blob) return;
      const std::optional<pack::ObjectId> id = store.id_of(at);
      if (!id || store.find(*id) == at) blobs.push_back({.id = {}, .at = at, .path = {}});
    };
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) add({pack, entry});
    for (std::uint32_t entry = 0; entry < store.loose_count(); ++entry) add({pack::kLoose, entry});
    return blobs;
  }

  // The plain object that a chain stands on. Remembered for all on the way: a long chain is walked once.
  std::optional<Location> root_of(const pack::Store& store, Location asked) {
    if (const pack::Outcome<pack::ObjectType> type = store.type_of(asked); !type) { // also: a chain without an end
      report_.error(store.error(asked, type.error()));
      return std::nullopt;
    }
    std::vector<Location> path;
    Location at = asked;
    for (;;) {
      if (const auto known = roots_.find(at); known != roots_.end()) {
        at = known->second;
        break;
      }
      const pack::Outcome<std::optional<Location>> base = store.base_of(at);
      if (!base) {
        report_.error(store.error(asked, base.error()));
        return std::nullopt;
      }
      if (!*base) break;
      path.push_back(at);
      at = **base;
    }
    for (const Location& above : path) roots_.emplace(above, at);
    return at;
  }

  void classify(pack::Store& store, std::span<const Location> roots) {
    std::vector<Location> open(roots.begin(), roots.end());
    for (std::size_t m = 0; m < models_.size() && !open.empty(); ++m) {
      const learn::Model& model = models_[m];
      const std::size_t width = model.rung->width, classes = model.labels.size();
      std::vector<float> rows;
      std::vector<Location> read;
      for (const Location root : open) {
        rows.resize((read.size() + 1) * width);
        if (extract(store, root, *model.rung, std::span(rows).subspan(read.size() * width))) read.push_back(root);
      }
      rows.resize(read.size() * width);
      const Result<std::vector<float>> said = learn::predict(backend_, model, rows);
      if (!said) return report_.error(said.error());
      open.clear();
      for (std::size_t i = 0; i < read.size(); ++i) {
        const std::span<const float> row = std::span(*said).subspan(i * classes, classes);
        const std::uint32_t label = learn::best(row);
        answers_[read[i]] = {label, row[label], static_cast<std::uint8_t>(m), true};
        if (static_cast<double>(row[label]) < options_.confidence) open.push_back(read[i]);
      }
    }
  }

  bool extract(pack::Store& store, Location root, const learn::Rung& rung, std::span<float> out) {
    const pack::Outcome<pack::Stream> stream = store.stream(root);
    if (!stream) return report_.error(store.error(root, stream.error())), false;
    deflate::Fault fault;
    if (stream->text_offset == 0) {
      fault = rung.extract(stream->zlib, out);
    } else { // a loose object: its stream begins with "blob 123\0"; seen as a pack would hold it
      const pack::Outcome<pack::ObjectPtr> object = store.read(root);
      if (!object) return report_.error(store.error(root, object.error())), false;
      fault = rung.extract(learn::compress((*object)->data), out);
    }
    if (fault == deflate::Fault::none) return true;
    report_.error({.what = std::string(deflate::describe(fault)),
                   .file = std::string(store.file_of(root)),
                   .offset = stream->file_offset});
    return false;
  }

  void print(pack::Repository& repository, const pack::BlobPath& blob, const Answer& answer, bool inherited) {
    const learn::Model& model = models_[answer.model];
    const std::string& label = model.labels[answer.label];
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
      record.field("confidence", static_cast<double>(answer.confidence)).field("rung", model.rung->name);
      record.field("inherited", inherited).end_object();
      return output_.line(record);
    }
    char line[120];
    std::snprintf(line, sizeof line, "%-12s %.3f  %-6s %s ", printable(label).substr(0, 40).c_str(),
                  static_cast<double>(answer.confidence), std::string(model.rung->name).c_str(),
                  inherited ? "from its base" : "             ");
    output_.write(line + (blob.path.empty() ? (id ? id->hex() : std::to_string(store.offset_of(blob.at)))
                                            : printable(blob.path)) + "\n");
  }

  const PredictOptions& options_;
  const std::vector<learn::Model> models_; // low rungs first
  learn::Backend& backend_;
  Report& report_;
  Output& output_;
  std::map<Location, Answer> answers_;
  std::map<Location, Location> roots_; // of deltas
};

int run_predict(const CLI::App& app, const PredictOptions& options) {
  if (!options.task.empty()) {
    const learn::Task* task = known_task(app, options.task);
    if (task == nullptr) return kExitUsage;
    if (task->kind != learn::TaskKind::language)
      return usage_error(app, "predict answers for whole blobs, task language; measure " + task->name + " by eval");
  }
  if (options.models.empty()) return no_weights(app);
  Report report;
  report.quiet = options.read.quiet;
  std::vector<learn::Model> models;
  for (const std::string& path : options.models) {
    Result<learn::Model> model = learn::load_model(path);
    if (!model) return report.error(model.error()), report.exit_code();
    if (model->task != "language") return usage_error(app, path + " is for task " + model->task + ", not language");
    models.push_back(std::move(*model));
  }
  if (!options.rung.empty()) {
    const learn::Rung* rung = known_rung(app, options.rung);
    if (rung == nullptr) return kExitUsage;
    std::erase_if(models, [&](const learn::Model& model) { return model.rung != rung; });
    if (models.empty()) return usage_error(app, "no --model is for rung " + std::string(rung->name));
  }
  std::ranges::stable_sort(models, {}, &learn::Model::rung); // pointers into the one table, low to high
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;
  Output output;
  Predictor predictor(options, std::move(models), *backend, report, output);
  for_each_repository(options.read, report, [&](pack::Repository& repository) { predictor.repository(repository); });
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_predict(CLI::App& app) {
  auto options = std::make_shared<PredictOptions>();
  add_read_options(app, options->read);
  app.add_option("--task", options->task, "language");
  app.add_option("--model", options->models, "Weights that train wrote; may be repeated, one a rung: a cascade")
      ->type_name("FILE")
      ->allow_extra_args(false);
  CLI::Option* rung = app.add_option("--rung", options->rung, "Answer at this rung alone: " + learn::rung_names());
  app.add_option("--confidence", options->confidence, "With several models: climb below this [0.95]")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(rung);
  app.add_flag("--paths", options->paths, "Read trees for paths, also where the scope does not need them");
  app.add_option("--backend", options->backend, "What computes: auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  return [&app, options] { return run_predict(app, *options); };
}

} // namespace packscope::tools
