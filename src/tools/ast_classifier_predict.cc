// ast_classifier predict: the language of every blob, from its compressed bytes, none of them inflated to text.
//
// Only streams that are no deltas are read: a delta inherits the answer of its base. A blob is answered at the lowest rung
// that is confident enough, and climbs otherwise (learn/cascade.h).
#include "tools/ast_classifier.h"

#include "base/on_threads.h"
#include "base/text.h"
#include "learn/cascade.h"
#include "pack/delta_roots.h"
#include "tools/lattice_blobs.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>

namespace packscope::tools {
namespace {

using pack::Location;

struct PredictOptions : ClassifierOptions {
  double confidence = 0.95;
  bool paths = false;
  std::string lattice;
};

// A rung before the cascade's: what answers without a model, or leaves it to the cascade.
struct FirstAnswer {
  std::string_view label;
  float confidence;
};
using FirstRung = std::function<std::optional<FirstAnswer>(const pack::Store&, Location)>;

class Predictor {
public:
  Predictor(const PredictOptions& options, const learn::Cascade& cascade, FirstRung first, Report& report, Output& output)
      : options_(options), cascade_(cascade), first_(std::move(first)), report_(report), output_(output) {}

  void repository(pack::Repository& repository) {
    pack::Store& store = repository.store();
    const pack::DeltaRoots roots = pack::DeltaRoots::of(store);
    const std::vector<pack::BlobPath> blobs = find_blobs(repository, roots);
    // What each blob stands on, and every such stream once.
    std::vector<std::uint32_t> answer_of(blobs.size(), kNone);
    std::vector<Location> asked;
    SlotMap slots(store);
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      const pack::Outcome<Location> root = roots.of(blobs[i].at);
      if (!root) {
        report_.error(store.error(blobs[i].at, root.error()));
        continue;
      }
      std::uint32_t& slot = slots[*root];
      if (slot == kNone) {
        slot = static_cast<std::uint32_t>(asked.size());
        asked.push_back(*root);
      }
      answer_of[i] = slot;
    }
    const std::vector<Answer> answers = answer(repository, asked);
    for (std::size_t i = 0; i < blobs.size(); ++i)
      if (answer_of[i] != kNone && answers[answer_of[i]].known)
        print(repository, blobs[i], answers[answer_of[i]], asked[answer_of[i]] != blobs[i].at);
  }

private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Answer : learn::Cascade::Answer {
    bool known = false;
    std::string_view first = {}; // the first rung's label, where it answered
  };

  // A number for every object of a store.
  class SlotMap {
  public:
    explicit SlotMap(const pack::Store& store) {
      for (const pack::PackFile& pack : store.packs()) slots_.emplace_back(pack.entries().size(), kNone);
      slots_.emplace_back(store.loose_count(), kNone);
    }
    std::uint32_t& operator[](Location at) {
      return slots_[at.pack == pack::kLoose ? slots_.size() - 1 : at.pack][at.entry];
    }

  private:
    std::vector<std::vector<std::uint32_t>> slots_;
  };

  bool reads_trees(const pack::Repository& repository) const {
    const pack::ScopeKind kind = options_.read.scope().kind;
    const bool all = kind == pack::ScopeKind::all_objects ||
                     (kind == pack::ScopeKind::automatic && !repository.source().repository);
    return options_.paths || !all;
  }

  std::vector<pack::BlobPath> find_blobs(pack::Repository& repository, const pack::DeltaRoots& roots) {
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
    const bool several = store.packs().size() > 1 || store.loose_count() > 0;
    if (several) store.compute_ids(); // nothing to do where all have an index
    const auto add = [&](Location at) {
      const pack::Outcome<pack::ObjectType> type = roots.type_of(at);
      if (!type) return report_.error(store.error(at, type.error()));
      if (*type != pack::ObjectType::blob) return;
      if (several)
        if (const std::optional<pack::ObjectId> id = store.id_of(at); id && store.find(*id) != at) return;
      blobs.push_back({.id = {}, .at = at, .path = {}});
    };
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) add({pack, entry});
    for (std::uint32_t entry = 0; entry < store.loose_count(); ++entry) add({pack::kLoose, entry});
    return blobs;
  }

  // In order of `asked`, by all threads; errors in that order too.
  std::vector<Answer> answer(pack::Repository& repository, std::span<const Location> asked) {
    pack::Store& store = repository.store();
    std::vector<Answer> answers(asked.size());
    std::vector<std::pair<std::size_t, Error>> errors;
    std::mutex lock; // of errors, and of the store where it reads
    std::atomic<std::size_t> next = 0;
    Progress progress("predict " + repository.source().name, asked.size(), "streams", options_.read.progress());
    constexpr std::size_t kPiece = 512;
    const auto work = [&] {
      learn::Cascade::Room room = cascade_.room();
      for (std::size_t begin; (begin = next.fetch_add(kPiece)) < asked.size();) {
        const std::size_t end = std::min(begin + kPiece, asked.size());
        for (std::size_t i = begin; i < end; ++i)
          if (Result<Answer> one = answer_one(store, asked[i], room, lock)) answers[i] = *one;
          else {
            const std::lock_guard guard(lock);
            errors.emplace_back(i, one.error());
          }
        progress.advance(end - begin);
      }
    };
    on_threads(static_cast<unsigned>(std::min<std::size_t>(options_.read.threads, asked.size() / kPiece + 1)), work);
    std::ranges::sort(errors, {}, &std::pair<std::size_t, Error>::first);
    for (const auto& [at, error] : errors) report_.error(error);
    return answers;
  }

  Result<Answer> answer_one(pack::Store& store, Location at, learn::Cascade::Room& room, std::mutex& lock) {
    if (first_)
      if (const std::optional<FirstAnswer> first = first_(store, at)) {
        Answer answer;
        answer.known = true;
        answer.confidence = first->confidence;
        answer.first = first->label;
        return answer;
      }
    learn::Source source;
    std::vector<std::uint8_t> made;
    std::uint64_t offset = 0;
    if (at.pack != pack::kLoose) { // as Store::stream() would, without its lookups
      const pack::PackFile& pack = store.packs()[at.pack];
      const pack::Outcome<pack::EntryHeader> header = pack.header(at.entry);
      if (!header) return std::unexpected(store.error(at, header.error()));
      source = {.zlib = pack.stream(*header, at.entry), .inflated_size = header->size};
      offset = header->data_offset;
    } else { // its stream begins with "blob 123\0": seen as a pack would hold it
      const std::lock_guard guard(lock);
      const pack::Outcome<pack::ObjectPtr> object = store.read(at);
      if (!object) return std::unexpected(store.error(at, object.error()));
      made = learn::compress((*object)->data);
      source = {.zlib = made, .inflated_size = (*object)->data.size()};
    }
    source.packed_size = source.zlib.size();
    const Answer answer{cascade_.answer(source, room), true};
    if (answer.fault == deflate::Fault::none) return answer;
    return fail(std::string(deflate::describe(answer.fault)), store.file_of(at), offset);
  }

  void print(pack::Repository& repository, const pack::BlobPath& blob, const Answer& answer, bool inherited) {
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
      record.field("inherited", inherited).end_object();
      return output_.line(record);
    }
    char line[120];
    std::snprintf(line, sizeof line, "%-12s %.3f  %-6s %s ", printable(label).substr(0, 40).c_str(),
                  static_cast<double>(answer.confidence), std::string(rung).c_str(),
                  inherited ? "from its base" : "             ");
    output_.write(line + (blob.path.empty() ? (id ? id->hex() : std::to_string(store.offset_of(blob.at)))
                                            : printable(blob.path)) + "\n");
  }

  const PredictOptions& options_;
  const learn::Cascade& cascade_;
  const FirstRung first_;
  Report& report_;
  Output& output_;
};

// A blob's id, then its clues; what is not sure enough, and what cannot be read, is the cascade's.
std::optional<FirstAnswer> ask_lattice(const lattice::Explainer& explainer, double wanted, const pack::Store& store, Location at) {
  lattice::Answer answer;
  if (const std::optional<pack::ObjectId> id = store.id_of(at)) answer = explainer.by_id(lattice::Dimension::object, id->raw(), 0);
  lattice::Clues clues;
  if (!answer.known && clues_of(store, at, clues).value_or(false)) answer = explainer.by_clues(clues, 0);
  if (!answer.known || static_cast<double>(answer.confidence) < wanted) return std::nullopt;
  return FirstAnswer{syntax::name(answer.label), answer.confidence};
}

int run_predict(const CLI::App& app, const PredictOptions& options) {
  const learn::Task* task = known_task(app, options.task.empty() ? "language" : options.task);
  if (task == nullptr) return kExitUsage;
  if (task->kind != learn::TaskKind::language)
    return usage_error(app, "predict answers for whole blobs, task language; measure " + task->name + " by eval");
  const learn::Rung* rung = options.rung.empty() ? nullptr : known_rung(app, options.rung);
  if (!options.rung.empty() && rung == nullptr) return kExitUsage;
  Report report;
  report.quiet = options.read.quiet;
  Result<std::vector<learn::Model>> models = load_models(options, *task);
  if (!models) return report.error(models.error()), report.exit_code();
  if (rung != nullptr)
    std::erase_if(*models, [&](const learn::Model& model) { return model.rung != rung; });
  else if (options.models.empty())
    std::erase_if(*models, [](const learn::Model& model) {
      return std::ranges::find(learn::kCascade, model.rung->name) == learn::kCascade.end();
    });
  if (models->empty())
    return usage_error(app, rung != nullptr ? "no weights for rung " + std::string(rung->name) : "no weights of the cascade's rungs");
  std::ranges::stable_sort(*models, {}, &learn::Model::rung); // pointers into the one table, low to high
  const learn::Cascade cascade(std::move(*models), options.confidence);
  std::optional<Result<lattice::Lattice>> lattice;
  std::optional<Result<lattice::Explainer>> explainer;
  FirstRung first;
  if (!options.lattice.empty()) {
    lattice.emplace(lattice::Lattice::open(options.lattice));
    if (*lattice) explainer.emplace(lattice::Explainer::of(**lattice));
    if (!*lattice || !*explainer) return report.error(*lattice ? explainer->error() : lattice->error()), report.exit_code();
    first = [&](const pack::Store& store, Location at) { return ask_lattice(**explainer, options.confidence, store, at); };
  }
  Output output;
  Predictor predictor(options, cascade, first, report, output);
  for_each_repository(options.read, report, [&](pack::Repository& repository) { predictor.repository(repository); });
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_predict(CLI::App& app) {
  auto options = std::make_shared<PredictOptions>();
  add_read_options(app, options->read);
  app.add_option("--task", options->task, "language");
  app.add_option("--model", options->models, "Weights that train wrote, instead of the shipped ones; may be repeated, one a rung: a cascade")
      ->type_name("FILE")
      ->allow_extra_args(false);
  CLI::Option* rung = app.add_option("--rung", options->rung, "Answer at this rung alone: " + learn::rung_names());
  app.add_option("--confidence", options->confidence, "Climb to the next rung below this [0.95]")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(rung);
  app.add_option("--lattice", options->lattice, "Ask this lattice (pack2lattice) before the cascade")->type_name("FILE")->excludes(rung);
  app.add_flag("--paths", options->paths, "Read trees for paths, also where the scope does not need them");
  app.add_option("--backend", options->backend, "Single streams are answered by the CPU, whatever is named here")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  return [&app, options] { return run_predict(app, *options); };
}

} // namespace packscope::tools
