// Streams first, then the deltas that are in doubt; see predictions.h.
#include "tools/predictions.h"

#include "base/on_threads.h"
#include "learn/rung_text.h"
#include "pack/delta.h"
#include "pack/resolve.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace packscope::tools {

using pack::Location;

namespace {

// Chosen on 16 repositories of which none is a test repository, 400 deltas each. Of those that a base below .8 inherits to, 1 in 9
// said otherwise itself; of those below .97 and shorter than .8 of the base, 1 in 14; of all others 1 in 300.
constexpr double kShorter = 0.8;  // of the base's size
constexpr double kSurer = 0.15;   // a shorter one's base may lack this share of what another's may to be certain: .03 of .2
constexpr double kChanged = 0.1;  // bytes changed since the last version that was asked, of the size: up to there it inherits

} // namespace

class DoubtfulDeltas {
public:
  DoubtfulDeltas(pack::Repository& repository, const learn::Cascade& cascade, const ReadOptions& read,
                 const PredictionOptions& options, Predictions& predictions)
      : store_(repository.store()), cascade_(cascade), read_(read), options_(options), all_(predictions) {}

  void resolve(Report& report) {
    all_.own_.assign(all_.blobs().size(), Predictions::kStream);
    const std::vector<std::uint8_t> doubted = find();
    numbers_.resize(store_.packs().size());
    for (std::size_t i = 0; i < doubted.size(); ++i)
      if (doubted[i] != 0) all_.own_[i] = add(all_.blobs()[i].at, all_.roots_.stream[i]);
    for (std::uint32_t pack = 0; pack < numbers_.size(); ++pack)
      if (!numbers_[pack].empty()) resolve(pack);
    std::ranges::sort(errors_, {}, &std::pair<std::uint32_t, Error>::first);
    for (const auto& [node, error] : errors_) report.error(error);
    all_.resolved_.reserve(nodes_.size());
    for (const Node& node : nodes_) all_.resolved_.push_back(node.answer);
    for (std::size_t i = 0; i < all_.own_.size(); ++i)
      if (std::uint32_t& own = all_.own_[i]; own < Predictions::kNone && nodes_[own].broken) own = Predictions::kNone;
  }

private:
  // An entry on the way from a base to a delta in doubt, or that delta.
  struct Node {
    Prediction answer;
    std::uint32_t stream;          // its root
    std::uint32_t base = UINT32_MAX; // node; the root has none, and who stands on another pack's object
    bool asked = false;            // in doubt
    bool broken = false;
    double changed = 0;            // since the version that the answer is of
  };

  // Blobs, each as 1 if its base's answer does not do.
  std::vector<std::uint8_t> find() const {
    const std::vector<pack::BlobPath>& blobs = all_.blobs();
    std::vector<std::uint8_t> doubted(blobs.size());
    Share share(blobs.size(), 4096);
    on_threads(share.threads(read_.threads), [&] {
      for (std::size_t begin, end; share.take(begin, end);)
        for (std::size_t i = begin; i < end; ++i) doubted[i] = in_doubt(i);
    });
    return doubted;
  }

  bool in_doubt(std::size_t blob) const {
    const Location at = all_.blobs()[blob].at;
    const std::uint32_t stream = all_.roots_.stream[blob];
    if (stream == RootStreams::kNone || at.pack == pack::kLoose || !all_.known_[stream] || !all_.roots_.inherited(blob)) return false;
    const Prediction& base = all_.answers_[stream];
    if (!base.first.empty()) return false;
    const double confidence = static_cast<double>(base.confidence);
    if (confidence < options_.doubt || options_.doubt == 1) return true;
    return confidence < 1 - (1 - options_.doubt) * kSurer && is_shorter(at, all_.roots_.streams[stream]);
  }

  // By the first bytes of its instructions. What they do not tell is in doubt.
  bool is_shorter(Location at, Location root) const {
    if (root.pack == pack::kLoose) return true;
    const pack::PackFile &pack = store_.packs()[at.pack], &under = store_.packs()[root.pack];
    const pack::Outcome<pack::EntryHeader> header = pack.header(at.entry), base = under.header(root.entry);
    if (!header || !base) return true;
    std::array<std::uint8_t, 20> sizes; // two numbers of at most ten bytes
    std::size_t made = 0;
    if (learn::inflate_prefix(pack.stream(*header, at.entry), sizes, made) != deflate::Fault::none) return true;
    const pack::Outcome<pack::DeltaReader> reader = pack::DeltaReader::open(Bytes(sizes).first(made));
    return !reader || static_cast<double>(reader->result_size()) < kShorter * static_cast<double>(base->size);
  }

  // The node of a delta in doubt; makes those of all that it stands on.
  std::uint32_t add(Location at, std::uint32_t stream) {
    const std::uint32_t first = node_of(at, stream);
    nodes_[first].asked = true;
    std::uint32_t last = first;
    for (std::size_t count = nodes_.size() - 1; last == count; count = nodes_.size() - 1) { // until one was there already
      const pack::Outcome<std::optional<Location>> base = store_.base_of(at);
      if (!base || !*base || (*base)->pack != at.pack) break;
      at = **base;
      last = nodes_[last].base = node_of(at, stream);
    }
    return first;
  }

  std::uint32_t node_of(Location at, std::uint32_t stream) {
    std::vector<std::uint32_t>& numbers = numbers_[at.pack];
    if (numbers.empty()) numbers.assign(store_.packs()[at.pack].entries().size(), UINT32_MAX);
    std::uint32_t& number = numbers[at.entry];
    if (number == UINT32_MAX) {
      number = static_cast<std::uint32_t>(nodes_.size());
      Node node{.answer = all_.answers_[stream], .stream = stream};
      node.answer.inherited = true;
      nodes_.push_back(std::move(node));
    }
    return number;
  }

  void resolve(std::uint32_t pack) {
    const std::vector<std::uint32_t>& numbers = numbers_[pack];
    std::vector<bool> only(numbers.size());
    for (std::size_t entry = 0; entry < numbers.size(); ++entry) only[entry] = numbers[entry] != UINT32_MAX;
    const pack::ResolveOptions options{
        .threads = read_.threads, .memory = read_.memory / 2,
        .external = [&](const pack::ObjectId& id) -> pack::ObjectPtr {
          const std::optional<Location> at = store_.find(id);
          if (!at) return nullptr;
          const pack::Outcome<pack::ObjectPtr> object = store_.read(*at);
          return object ? *object : nullptr;
        },
        .only = &only};
    pack::resolve_pack(store_.packs()[pack], options, {
        .object = [&](const pack::ResolvedEntry& made) { take(store_.packs()[pack], made, nodes_[numbers[made.entry]]); },
        .failure = [&](std::uint32_t entry, const pack::Failure& failure) {
          // What stands on something broken, or is too large to be made, was not looked at itself: it inherits, as if it had not
          // been in doubt.
          if (failure.fault == pack::Fault::base || failure.fault == pack::Fault::size_limit) return;
          const std::lock_guard guard(lock_);
          nodes_[numbers[entry]].broken = true;
          errors_.emplace_back(numbers[entry], store_.error({pack, entry}, failure));
        }});
  }

  // Bases come first.
  void take(const pack::PackFile& pack, const pack::ResolvedEntry& made, Node& node) {
    const pack::Outcome<pack::EntryHeader> header = pack.header(made.entry);
    if (!header || !pack::is_delta(header->type)) return;
    const double size = static_cast<double>(std::max<std::size_t>(made.data.size(), 1));
    node.changed = 1;
    if (node.base != UINT32_MAX) {
      const Node& base = nodes_[node.base];
      const std::size_t more = std::max(made.data.size(), made.base.size()), less = std::min(made.data.size(), made.base.size());
      node.changed = base.changed + static_cast<double>(header->size + (more - less)) / size;
      node.answer = base.answer;
      node.answer.inherited = true;
    }
    if (!node.asked || node.changed <= kChanged) return;
    std::unique_ptr<learn::Cascade::Room> room = take_room();
    node.answer = {cascade_.answer_text(made.data, packed_size(node.stream, made.data.size()), *room)};
    node.changed = 0;
    const std::lock_guard guard(lock_);
    rooms_.push_back(std::move(room));
  }

  // What the text would be as a stream, if it is compressed as well as its root.
  std::uint64_t packed_size(std::uint32_t stream, std::size_t size) const {
    const Location root = all_.roots_.streams[stream];
    if (root.pack == pack::kLoose) return 0; // not known
    const pack::PackFile& pack = store_.packs()[root.pack];
    const pack::Outcome<pack::EntryHeader> header = pack.header(root.entry);
    if (!header || header->size == 0) return 0;
    return static_cast<std::uint64_t>(static_cast<double>(pack.stream(*header, root.entry).size()) * static_cast<double>(size) /
                                      static_cast<double>(header->size));
  }

  std::unique_ptr<learn::Cascade::Room> take_room() {
    {
      const std::lock_guard guard(lock_);
      if (!rooms_.empty()) {
        std::unique_ptr<learn::Cascade::Room> room = std::move(rooms_.back());
        rooms_.pop_back();
        return room;
      }
    }
    return std::make_unique<learn::Cascade::Room>(cascade_.room());
  }

  pack::Store& store_;
  const learn::Cascade& cascade_;
  const ReadOptions& read_;
  const PredictionOptions& options_;
  Predictions& all_;
  std::vector<std::vector<std::uint32_t>> numbers_; // by pack and entry: its node; a pack without any has none
  std::vector<Node> nodes_;
  std::mutex lock_;                                 // of what follows
  std::vector<std::unique_ptr<learn::Cascade::Room>> rooms_;
  std::vector<std::pair<std::uint32_t, Error>> errors_; // by node
};

Predictions Predictions::of(pack::Repository& repository, const learn::Cascade& cascade, const ReadOptions& read,
                            const PredictionOptions& options, Report& report) {
  Predictions all;
  all.roots_ = find_root_streams(repository, read, options.paths, report);
  all.answers_.resize(all.roots_.streams.size());
  all.known_ = ask_streams(repository, all.roots_.streams, read, report, [&]() -> AskStream {
    return [&, room = std::make_shared<learn::Cascade::Room>(cascade.room())](std::size_t i, const learn::Source& source) {
      Prediction& answer = all.answers_[i];
      if (options.first)
        if (const std::optional<FirstAnswer> first = options.first(repository.store(), all.roots_.streams[i])) {
          answer.first = first->label;
          answer.confidence = first->confidence;
          return deflate::Fault::none;
        }
      answer = {cascade.answer(source, *room)};
      return answer.fault;
    };
  });
  if (options.doubt > 0) DoubtfulDeltas(repository, cascade, read, options, all).resolve(report);
  else all.own_.assign(all.blobs().size(), kStream);
  return all;
}

std::optional<Prediction> Predictions::at(std::size_t blob) const {
  const std::uint32_t stream = roots_.stream[blob];
  if (stream == RootStreams::kNone || !known_[stream] || own_[blob] == kNone) return std::nullopt;
  if (own_[blob] != kStream) return resolved_[own_[blob]];
  Prediction answer = answers_[stream];
  answer.inherited = roots_.inherited(blob);
  return answer;
}

void add_cascade_options(CLI::App& app, CascadeOptions& options) {
  app.add_option("--model", options.models, "Weights that train wrote, instead of the shipped ones; may be repeated, one a rung: a cascade")
      ->type_name("FILE")
      ->allow_extra_args(false);
  CLI::Option* const rung = app.add_option("--rung", options.rung, "Answer at this rung alone: " + learn::rung_names());
  app.add_option("--confidence", options.confidence, "Climb to the next rung below this [0.99]")->check(CLI::Range(0.0, 1.0))->excludes(rung);
  app.add_option("--doubt", options.doubt,
                 "Resolve deltas whose base's answer is less sure than this (of much shorter ones also surer ones), and end the cascade in "
                 "the whole text; 0: all inherit, in half the time; 1: all are resolved. One that hardly changed has the answer of "
                 "the version before [0.9; 0 with --model or --rung]")
      ->check(CLI::Range(0.0, 1.0));
}

std::expected<std::vector<learn::Model>, int> cascade_models(const CLI::App& app, const CascadeOptions& options, const learn::Task& task, Report& report) {
  const learn::Rung* rung = options.rung.empty() ? nullptr : known_rung(app, options.rung);
  if (!options.rung.empty() && rung == nullptr) return std::unexpected(kExitUsage);
  Result<std::vector<learn::Model>> models = load_models(options, task);
  if (!models) return report.error(models.error()), std::unexpected(report.exit_code());
  if (rung != nullptr)
    std::erase_if(*models, [&](const learn::Model& model) { return model.rung != rung; });
  else if (options.models.empty())
    std::erase_if(*models, [&](const learn::Model& model) { return !learn::climbs_to(model.rung->name, options.wanted_doubt() > 0); });
  if (models->empty())
    return std::unexpected(usage_error(app, rung != nullptr ? "no weights for rung " + std::string(rung->name) : "no weights of the cascade's rungs"));
  std::ranges::stable_sort(*models, {}, &learn::Model::rung); // pointers into the one table, low to high
  return std::move(*models);
}

} // namespace packscope::tools
