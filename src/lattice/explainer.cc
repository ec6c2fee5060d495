// Look up, lift, weigh, sum.
#include "lattice/explainer.h"

#include "lattice/lanes.h"
#include "lattice/weights.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <initializer_list>
#include <utility>
#include <vector>

namespace packscope::lattice {
namespace {

constexpr unsigned kLanguages = syntax::kLanguages;
constexpr float kSure = 0.995f; // an object that the lattice holds, all votes for one language

// A repository's own votes are heard alone, and weigh as several strangers' that agree.
void prefer_own(LanguageVotes& votes) {
  constexpr float kStrangers = 3;
  votes.all_repositories = votes.all_objects = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    const bool own = votes.own >> i & 1;
    votes.repositories[i] = own ? std::max(votes.repositories[i], kStrangers) : 0;
    if (!own) votes.objects[i] = 0;
    votes.all_repositories += votes.repositories[i];
    votes.all_objects += votes.objects[i];
  }
}

} // namespace

struct Explainer::Tables {
  const LaneKernels& lanes = lane_kernels();
  const learn::cpu::Kernels& kernels = learn::cpu::kernels(learn::cpu::supported_levels().back());
  std::uint64_t number; // which Explainer's, of all that a process makes; from 1 on
  Row repositories = {}, objects = {}; // of everything: logarithms
  LanguageVotes total;
  // By group and profile: they are few, and asked by every blob. Not known: no votes, lifts of 0.
  std::vector<LanguageVotes> profile_votes;
  std::vector<Expert> profile_lifts;
  // Of all groups together, what weights.h makes of the lifts.
  std::vector<Row> profile_weighed;
  std::array<Row, 2> prior; // what any blob's logits begin with; second: it sends its codes
};

Result<Explainer> Explainer::of(const Lattice& lattice, std::uint32_t dimensions) {
  Explainer explainer(lattice);
  explainer.dimensions_ = dimensions;
  bool damaged = false;
  const auto tables = std::make_shared<Tables>();
  explainer.tables_ = tables;
  static std::atomic<std::uint64_t> made = 0;
  tables->number = ++made;
  explainer.ask(key_of(Dimension::total, 0), 0, tables->total, damaged);
  const LaneKernels& lanes = tables->lanes;
  lanes.logarithms(tables->total.repositories, kFewRepositories, tables->repositories);
  lanes.logarithms(tables->total.objects, kFewObjects, tables->objects);
  tables->profile_votes.resize(std::size_t{kGroups} * kProfiles);
  tables->profile_lifts.resize(tables->profile_votes.size());
  tables->profile_weighed.resize(tables->profile_votes.size());
  for (unsigned group = 0; group < kGroups; ++group)
    for (unsigned profile = 0; profile < kProfiles; ++profile) {
      const std::size_t at = profile_place(group, profile);
      Expert& expert = tables->profile_lifts[at];
      expert = {};
      if (explainer.ask(profile_key(group, profile), 0, tables->profile_votes[at], damaged)) explainer.lift(tables->profile_votes[at], expert);
      expert.dimension = Dimension::profile;
      expert.bucket = group;
      const Weight weight = kWeights[static_cast<std::size_t>(Dimension::profile)][group];
      lanes.weigh(weight.repositories, expert.repositories, weight.objects, expert.objects, tables->profile_weighed[at]);
    }
  // A language that no repository of the lattice has is not told from: what is against all others would speak for it.
  constexpr float kNever = -1e6f;
  for (unsigned dynamic = 0; dynamic < 2; ++dynamic) {
    const Weight weight = kWeights[static_cast<std::size_t>(Dimension::total)][dynamic];
    lanes.weigh(weight.repositories, tables->repositories, weight.objects, tables->objects, tables->prior[dynamic]);
    for (unsigned i = 0; i < kLanes; ++i)
      if (i >= kLanguages || (tables->total.all_repositories > 0 && tables->total.repositories[i] == 0)) tables->prior[dynamic][i] = kNever;
  }
  if (damaged) return fail("lattice: damaged", lattice.path());
  return explainer;
}

bool Explainer::ask(std::uint64_t key, Element own, LanguageVotes& votes, bool& damaged) const {
  const Bytes value = lattice_->find(key, damaged);
  return !value.empty() && read_votes(value, own, votes, damaged);
}

bool Explainer::knows(Bytes identity) const {
  bool damaged = false;
  return !lattice_->find(object_key(Dimension::repository, identity), damaged).empty();
}

Answer Explainer::by_id(Dimension dimension, Bytes id, Element own) const {
  Answer answer;
  if (!asks(dimension)) return answer;
  EvidenceReader reader(lattice_->find(object_key(dimension, id), answer.damaged));
  EvidenceReader::Entry entry;
  double repositories = 0; // a hostile file has more than a number holds
  std::uint64_t owns = 0;
  Support best = {dimension, 0, 0};
  bool best_own = false;
  // One's own votes first, then the most repositories, then the most objects.
  for (std::uint8_t language; next_language(reader, entry, language, answer.damaged);) {
    const bool is_own = own != 0 && entry.repositories.holds(own);
    const Support one = {dimension, entry.objects.count, entry.repositories.count};
    repositories += static_cast<double>(one.repositories);
    owns += is_own;
    if (is_own < best_own || (is_own == best_own && (one.repositories < best.repositories || (one.repositories == best.repositories && one.objects <= best.objects)))) continue;
    best = one;
    best_own = is_own;
    answer.label = static_cast<syntax::Language>(language);
  }
  if (best.repositories == 0) return answer;
  answer.known = true;
  answer.confidence = kSure * (best_own ? 1 / static_cast<float>(owns) : static_cast<float>(static_cast<double>(best.repositories) / repositories));
  answer.support[answer.count++] = best;
  return answer;
}

void Explainer::lift(const LanguageVotes& votes, Expert& expert) const {
  if (votes.own != 0) {
    LanguageVotes own = votes;
    prefer_own(own);
    own.own = 0;
    return lift(own, expert);
  }
  expert.bucket = bucket_of(votes.all_repositories);
  expert.raw = votes.repositories;
  tables_->lanes.lift(votes, tables_->repositories, tables_->objects, expert.repositories, expert.objects);
}

const Row& Explainer::prior() const { return tables_->repositories; }

// Where a clue is not known, none that says more is: sixteen symbols were seen only where their first eight were.
template <class Hear>
void Explainer::each(const Clues& clues, const Hear& hear) const {
  const auto chain = [&](std::initializer_list<Dimension> coarse_to_exact) {
    for (const Dimension dimension : coarse_to_exact)
      if (!clues.has(dimension) || !hear(dimension, clues.of(dimension))) return;
  };
  chain({Dimension::raw16, Dimension::raw32, Dimension::raw64});
  chain({Dimension::symbols2, Dimension::symbols4, Dimension::symbols6, Dimension::symbols8, Dimension::symbols16});
  for (unsigned i = 0; i < clues.inner_count; ++i) hear(Dimension::inner, clues.inner[i]);
  chain({Dimension::punctuation, Dimension::lengths});
  chain({Dimension::shortest});
}

unsigned Explainer::experts(const Clues& clues, Element own, std::array<Expert, kExperts>& out) const {
  unsigned count = 0;
  bool damaged = false;
  each(clues, [&](Dimension dimension, std::uint64_t key) {
    LanguageVotes votes;
    if (!ask(key, own, votes, damaged)) return false;
    if (!asks(dimension)) return true;
    out[count].dimension = dimension;
    lift(votes, out[count++]);
    return true;
  });
  if (clues.dynamic() && asks(Dimension::profile))
    for (unsigned group = 0; group < kGroups; ++group) out[count++] = tables_->profile_lifts[profile_place(group, clues.profile[group])];
  return count;
}

// What the lattice said of the clues that a thread asked about, weighed.
class Explainer::Memo {
public:
  static constexpr std::uint32_t kUnknown = UINT32_MAX;
  struct Heard {
    std::uint64_t key;
    std::uint32_t said; // its place in said(); kUnknown
    bool damaged;
  };
  struct Said {
    Said() {} // `weighed` is written next
    LanguageVotes votes;
    Row weighed; // what it adds to the logits
  };

  // Makes room for all that a blob can ask; what another lattice said, or to another voter, is forgotten.
  void begin(std::uint64_t lattice, Element own) {
    constexpr std::size_t kMostClues = kDimensions + kInner;
    const bool same = lattice_ == lattice && own_ == own;
    if (same && heard_ + kMostClues <= kMost && said_.size() + kMostClues <= said_.capacity()) return;
    if (!same || heard_ + kMostClues > kMost) {
      heard_ = 0;
      said_.clear();
      slots_.assign(kSlots, 0);
      keys_ = std::make_unique_for_overwrite<Heard[]>(kMost);
      lattice_ = lattice;
      own_ = own;
    }
    said_.reserve(std::min(kMost, std::max<std::size_t>(kMost / 16, 2 * said_.size())));
  }
  // A key's place, and whether it is new there. Places stay until the next begin().
  std::pair<Heard*, bool> place(std::uint64_t key) {
    std::size_t slot = key * 0x9e3779b97f4a7c15u >> (64 - kSlotBits);
    for (; slots_[slot] != 0; slot = (slot + 1) % kSlots)
      if (Heard& heard = keys_[slots_[slot] - 1u]; heard.key == key) return {&heard, false};
    Heard& heard = keys_[heard_];
    heard = {key, kUnknown, false};
    slots_[slot] = static_cast<std::uint16_t>(++heard_);
    return {&heard, true};
  }
  void look_up(const Explainer& explainer, Dimension dimension, Heard& heard);
  const Said& said(const Heard& heard) const { return said_[heard.said]; }

private:
  static constexpr unsigned kSlotBits = 15;
  static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits, kMost = kSlots / 2;
  std::uint64_t lattice_ = 0; // none
  Element own_ = 0;
  std::size_t heard_ = 0; // of keys_
  std::unique_ptr<Heard[]> keys_;
  std::vector<Said> said_;
  std::vector<std::uint16_t> slots_; // by hash of the key: the place in keys_, + 1
};

// Of a new key, what the lattice says. Not inline: most keys have been heard.
[[gnu::noinline]] void Explainer::Memo::look_up(const Explainer& explainer, Dimension dimension, Heard& heard) {
  const Bytes value = explainer.lattice_->find(heard.key, heard.damaged);
  if (value.empty()) return;
  heard.said = static_cast<std::uint32_t>(said_.size());
  Said& said = said_.emplace_back();
  if (!read_votes(value, own_, said.votes, heard.damaged)) {
    heard.said = kUnknown;
    return;
  }
  Expert expert;
  explainer.lift(said.votes, expert);
  const Weight weight = kWeights[static_cast<std::size_t>(dimension)][expert.bucket];
  explainer.tables_->lanes.weigh(weight.repositories, expert.repositories, weight.objects, expert.objects, said.weighed);
}

Answer Explainer::by_clues(const Clues& clues, Element own) const {
  Answer answer;
  std::array<const Row*, kExperts + 1> rows; // whose sum are the logits
  unsigned count = 0;
  std::array<const LanguageVotes*, kDimensions> heard; // of a dimension's clues, where there is one
  std::array<const LanguageVotes*, kInner> inner;
  constexpr std::size_t kInnerAt = static_cast<std::size_t>(Dimension::inner);
  std::uint32_t dimensions = 0; // heard: a bit each
  unsigned inners = 0;
  thread_local Memo memo;
  memo.begin(tables_->number, own);
  each(clues, [&](Dimension dimension, std::uint64_t key) {
    const auto [place, is_new] = memo.place(key);
    if (is_new) memo.look_up(*this, dimension, *place);
    answer.damaged |= place->damaged;
    if (place->said == Memo::kUnknown) return false;
    if (!asks(dimension)) return true;
    const Memo::Said& said = memo.said(*place);
    if (dimension == Dimension::inner) inner[inners++] = &said.votes;
    else heard[static_cast<std::size_t>(dimension)] = &said.votes;
    dimensions |= 1u << static_cast<unsigned>(dimension);
    rows[count++] = &said.weighed;
    return true;
  });
  const bool profiled = clues.dynamic() && asks(Dimension::profile) && tables_->total.all_objects > 0;
  if (dimensions == 0 && !profiled) return answer;
  const auto profile = [&](unsigned group) { return profile_place(group, clues.profile[group]); };
  if (profiled)
    for (unsigned group = 0; group < kGroups; ++group) rows[count++] = &tables_->profile_weighed[profile(group)];
  rows[count++] = &tables_->prior[clues.dynamic()];
  Row logits;
  tables_->lanes.sum(rows.data(), count, logits);
  // A softmax of 16 numbers as the networks end in it, with no layer before; those that are no language have nothing.
  const unsigned best = tables_->kernels.last_layer({.hidden = nullptr, .b = nullptr, .start = logits.data(), .out = logits.data(), .depth = 0, .classes = kLanguages, .activation = learn::Activation::relu, .inverse_temperature = 1});
  answer.known = true;
  answer.label = static_cast<syntax::Language>(best);
  answer.confidence = logits[best];
  // Of a dimension's several clues: the one that most repositories have.
  const auto support = [&](Dimension dimension, const LanguageVotes* votes) {
    if (votes->repositories[best] > 0)
      answer.support[answer.count++] = {dimension, static_cast<std::uint64_t>(static_cast<std::int64_t>(votes->objects[best])),
                                        static_cast<std::uint64_t>(static_cast<std::int64_t>(votes->repositories[best]))}; // are below 2^63
  };
  for (unsigned i = 0; i < inners; ++i)
    if (i == 0 || inner[i]->repositories[best] > heard[kInnerAt]->repositories[best]) heard[kInnerAt] = inner[i];
  for (; dimensions != 0; dimensions &= dimensions - 1) {
    const unsigned at = static_cast<unsigned>(std::countr_zero(dimensions));
    support(static_cast<Dimension>(at), heard[at]);
  }
  if (profiled) {
    const LanguageVotes* most = &tables_->profile_votes[profile(0)];
    for (unsigned group = 1; group < kGroups; ++group)
      if (const LanguageVotes& votes = tables_->profile_votes[profile(group)]; votes.repositories[best] > most->repositories[best]) most = &votes;
    support(Dimension::profile, most);
  }
  return answer;
}

} // namespace packscope::lattice
