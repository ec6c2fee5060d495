// pack2lattice explain: a language for every blob, with the clues that carried it.
//
// A blob that the lattice holds is told by its id; else a delta by what it stands on, and what stands on nothing by its clues.
// A stream's clues are read once, however many deltas stand on it.
#include "tools/pack2lattice.h"

#include "base/on_threads.h"
#include "base/text.h"
#include "tools/lattice_blobs.h"
#include "tools/root_streams.h"

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
    const RootStreams roots = find_root_streams(repository, options_.read, options_.paths, report_);
    own_ = own_vote(repository, explainer_, options_.read);
    std::vector<lattice::Answer> answers(roots.blobs.size());
    std::vector<Stream> streams(roots.streams.size());
    on_pieces("look up " + repository.source().name, "blobs", answers.size(), [&](std::size_t i) {
      if (by_id(store, Dimension::object, roots.blobs[i].at, answers[i]) || roots.stream[i] == RootStreams::kNone) return;
      Stream& stream = streams[roots.stream[i]];
      (roots.inherited(i) ? stream.inherited : stream.asked).store(true, std::memory_order_relaxed);
    });
    std::mutex lock; // of errors
    std::vector<std::pair<std::size_t, Error>> errors;
    on_pieces("explain " + repository.source().name, "streams", streams.size(), [&](std::size_t i) {
      if (const Result<void> done = answer(store, roots.streams[i], streams[i]); !done) {
        const std::lock_guard guard(lock);
        errors.emplace_back(i, done.error());
      }
    });
    std::ranges::sort(errors, {}, &std::pair<std::size_t, Error>::first);
    for (const auto& [at, error] : errors) {
      streams[at].broken = true;
      report_.error(error);
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      lattice::Answer& answer = answers[i];
      if (!answer.known) {
        if (roots.stream[i] == RootStreams::kNone) continue; // was reported
        const Stream& stream = streams[roots.stream[i]];
        answer = roots.inherited(i) ? stream.base : stream.clues;
        if (!answer.known && stream.broken) continue;
      }
      print(repository, roots.blobs[i], answer);
    }
  }
  bool damaged() const { return damaged_; }

private:
  // What a stream that is no delta says of itself, and of the deltas on it: answered once, however many they are.
  struct Stream {
    std::atomic<bool> asked = false, inherited = false; // by whom: itself, deltas
    bool broken = false;
    lattice::Answer clues, base;
  };

  // Calls work(number) for all numbers below `count`, on all threads.
  void on_pieces(const std::string& what, const char* unit, std::size_t count, const std::function<void(std::size_t)>& work) const {
    Share share(count, 512);
    Progress progress(what, count, unit, options_.read.progress());
    on_threads(share.threads(options_.read.threads), [&] {
      for (std::size_t begin, end; share.take(begin, end);) {
        for (std::size_t i = begin; i < end; ++i) work(i);
        progress.advance(end - begin);
      }
    });
  }

  bool by_id(const pack::Store& store, Dimension dimension, Location whose, lattice::Answer& answer) const {
    if (const std::optional<pack::ObjectId> id = store.id_of(whose)) answer = noted(explainer_.by_id(dimension, id->raw(), own_), damaged_);
    return answer.known;
  }

  Result<void> answer(const pack::Store& store, Location at, Stream& stream) const {
    const bool told = stream.inherited && (by_id(store, Dimension::object, at, stream.base) || by_id(store, Dimension::delta, at, stream.base));
    if (!stream.asked && (told || !stream.inherited)) return {};
    lattice::Clues clues;
    const Result<bool> read = clues_of(store, at, clues);
    stream.clues = noted(explainer_.by_clues(clues, own_), damaged_); // of a broken stream: what could be read
    if (!told) stream.base = stream.clues;
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
  lattice::Element own_ = 0; // the repository, where the lattice has votes of it
  mutable std::atomic<bool> damaged_ = false; // any thread sets it
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
  if (explain.damaged()) report.error(lattice_damaged(options.lattice));
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
