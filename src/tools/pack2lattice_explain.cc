// pack2lattice explain: a language for every blob, with the clues that carried it.
//
// A blob that the lattice holds is told by its id; else a delta by what it stands on, and what stands on nothing by its clues.
#include "tools/pack2lattice.h"

#include "base/on_threads.h"
#include "base/text.h"
#include "tools/lattice_blobs.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>

namespace packscope::tools {
namespace {

using lattice::Dimension;
using pack::Location;

struct ExplainOptions {
  ReadOptions read;
  std::string lattice;
  std::vector<std::string> dimensions;
  double confidence = 0;
  bool paths = false;
};

class Explain {
public:
  Explain(const ExplainOptions& options, const lattice::Explainer& explainer, Report& report, Output& output)
      : options_(options), explainer_(explainer), report_(report), output_(output) {}

  void repository(pack::Repository& repository) {
    const pack::Store& store = repository.store();
    const pack::DeltaRoots roots = pack::DeltaRoots::of(store);
    const std::vector<pack::BlobPath> blobs = blobs_of(repository, roots, options_.read.scope(), options_.paths, report_);
    const lattice::Element own = own_vote(repository, explainer_, options_.read);
    std::vector<lattice::Answer> answers(blobs.size());
    std::vector<std::pair<std::size_t, Error>> errors;
    std::mutex lock; // of errors, and of the roots that the store is asked for
    std::atomic<std::size_t> next = 0;
    Progress progress("explain " + repository.source().name, blobs.size(), "blobs", options_.read.progress());
    constexpr std::size_t kPiece = 512;
    on_threads(static_cast<unsigned>(std::min<std::size_t>(options_.read.threads, blobs.size() / kPiece + 1)), [&] {
      for (std::size_t begin; (begin = next.fetch_add(kPiece)) < blobs.size();) {
        const std::size_t end = std::min(begin + kPiece, blobs.size());
        for (std::size_t i = begin; i < end; ++i)
          if (const Result<void> done = answer(store, roots, blobs[i].at, own, lock, answers[i]); !done) {
            const std::lock_guard guard(lock);
            errors.emplace_back(i, done.error());
          }
        progress.advance(end - begin);
      }
    });
    std::ranges::sort(errors, {}, &std::pair<std::size_t, Error>::first);
    for (const auto& [at, error] : errors) report_.error(error);
    std::size_t broken = 0;
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      if (broken < errors.size() && errors[broken].first == i) {
        ++broken;
        if (!answers[i].known) continue;
      }
      damaged_ |= answers[i].damaged;
      print(repository, blobs[i], answers[i]);
    }
  }
  bool damaged() const { return damaged_; }

private:
  Result<void> answer(const pack::Store& store, const pack::DeltaRoots& roots, Location at, lattice::Element own, std::mutex& lock,
                      lattice::Answer& answer) {
    const auto by_id = [&](Dimension dimension, Location whose) {
      if (const std::optional<pack::ObjectId> id = store.id_of(whose)) answer = explainer_.by_id(dimension, id->raw(), own);
      return answer.known;
    };
    if (by_id(Dimension::object, at)) return {};
    Location root = at;
    {
      const std::lock_guard guard(lock);
      const pack::Outcome<Location> found = roots.of(at);
      if (!found) return std::unexpected(store.error(at, found.error()));
      root = *found;
    }
    if (root != at && (by_id(Dimension::object, root) || by_id(Dimension::delta, root))) return {};
    lattice::Clues clues;
    const Result<bool> read = clues_of(store, root, clues);
    answer = explainer_.by_clues(clues, own); // of a broken stream: what could be read
    return read ? Result<void>() : std::unexpected(read.error());
  }

  void print(pack::Repository& repository, const pack::BlobPath& blob, const lattice::Answer& answer) {
    const bool shown = answer.known && static_cast<double>(answer.confidence) >= options_.confidence;
    const std::optional<pack::ObjectId> id = repository.store().id_of(blob.at);
    const std::string_view label = shown ? syntax::name(answer.label) : "";
    if (options_.read.json) {
      JsonWriter record;
      begin_record(record, repository.source());
      object_field(record, id);
      path_fields(record, blob);
      if (shown) record.field("label", label).field("confidence", static_cast<double>(answer.confidence));
      else record.null_field("label").field("confidence", static_cast<double>(answer.confidence));
      record.key("evidence").begin_array();
      for (const lattice::Support& one : answer.evidence())
        record.begin_object().field("dimension", lattice::name(one.dimension)).field("distinct_objects", one.objects)
            .field("distinct_packs", one.repositories).end_object();
      record.end_array().end_object();
      return output_.line(record);
    }
    std::string clues;
    for (const lattice::Support& one : answer.evidence())
      clues += (clues.empty() ? "" : ", ") + std::string(lattice::name(one.dimension)) + " " + std::to_string(one.objects) + "/" + std::to_string(one.repositories);
    char line[80];
    std::snprintf(line, sizeof line, "%-10s %.3f  ", shown ? std::string(label).c_str() : "-", static_cast<double>(answer.confidence));
    output_.write(line + (blob.path.empty() ? (id ? id->hex() : std::to_string(repository.store().offset_of(blob.at))) : printable(blob.path)) +
                  (clues.empty() ? "" : "  (" + clues + ")") + "\n");
  }

  const ExplainOptions& options_;
  const lattice::Explainer& explainer_;
  Report& report_;
  Output& output_;
  bool damaged_ = false;
};

int run_explain(const CLI::App& app, const ExplainOptions& options) {
  std::uint32_t dimensions = options.dimensions.empty() ? lattice::kAllDimensions : 0;
  for (const std::string& text : options.dimensions) {
    const std::optional<Dimension> one = lattice::parse_dimension(text);
    if (!one) return usage_error(app, "no dimension '" + text + "'");
    dimensions |= 1u << static_cast<unsigned>(*one);
  }
  Report report;
  report.quiet = options.read.quiet;
  const Result<lattice::Lattice> lattice = lattice::Lattice::open(options.lattice);
  if (!lattice) return report.error(lattice.error()), report.exit_code();
  const Result<lattice::Explainer> explainer = lattice::Explainer::of(*lattice, dimensions);
  if (!explainer) return report.error(explainer.error()), report.exit_code();
  Output output;
  Explain explain(options, *explainer, report, output);
  for_each_repository(options.read, report, [&](pack::Repository& repository) { explain.repository(repository); });
  if (explain.damaged()) report.error({.what = "lattice: damaged: some clues could not be looked up", .file = options.lattice});
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_lattice_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  app.add_option("LATTICE", options->lattice, "What build or join wrote")->type_name("")->required();
  add_read_options(app, options->read);
  app.add_option("--confidence", options->confidence, "Below this the label is null [0]")->check(CLI::Range(0.0, 1.0));
  app.add_option("--dimension", options->dimensions, "Ask clues of this dimension alone; may be repeated")->type_name("NAME")->allow_extra_args(false);
  app.add_flag("--paths", options->paths, "Read trees for paths, also where the scope does not need them");
  return [&app, options] { return run_explain(app, *options); };
}

} // namespace packscope::tools
