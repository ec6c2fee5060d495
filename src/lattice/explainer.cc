// Look up, lift, weigh, sum.
#include "lattice/explainer.h"

#include "lattice/weights.h"
#include "learn/softmax.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <initializer_list>
#include <utility>
#include <vector>

namespace packscope::lattice {
namespace {

constexpr unsigned kLanguages = syntax::kLanguages;
constexpr float kFewRepositories = 0.1f, kFewObjects = 0.5f; // what a language that has no vote counts as
constexpr float kSure = 0.995f; // an object that the lattice holds, all votes for one language

// Within .005 of the logarithm; the same bits everywhere.
float log_of(float number) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(number);
  const float exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  const float m = std::bit_cast<float>((bits & 0x7fffff) | 0x3f800000); // [1, 2)
  return 0.69314718f * (exponent + (-0.33582878f * m + 2.0f) * m - 1.65871022f);
}

// Log-odds of a language among all, smoothed. Loops over whole vectors; the sum is in one order everywhere.
void logarithms(const std::array<float, kLanes>& counts, float few, std::array<float, kLanes>& out) {
  for (unsigned i = 0; i < kLanes; ++i) out[i] = log_of(counts[i] + few);
  std::array<float, 4> sums = {};
  for (unsigned i = 0; i < kLanes; i += 4)
    for (unsigned lane = 0; lane < 4; ++lane) sums[lane] += out[i + lane];
  const float mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / kLanes;
  for (float& one : out) one -= mean;
}

// What an expert adds to the logits.
void weigh(Weight weight, const std::array<float, kLanes>& repositories, const std::array<float, kLanes>& objects, std::array<float, kLanes>& out) {
  for (unsigned i = 0; i < kLanes; ++i) out[i] = weight.repositories * repositories[i] + weight.objects * objects[i];
}

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
  std::uint64_t number; // which Explainer's, of all that a process makes; from 1 on
  std::array<float, kLanes> repositories = {}, objects = {}; // of everything: logarithms
  LanguageVotes total;
  // By group and profile: they are few, and asked by every blob. Not known: no votes, lifts of 0.
  std::vector<LanguageVotes> profile_votes;
  std::vector<Expert> profile_lifts;
  // Of all groups together, what weights.h makes of the lifts.
  std::vector<std::array<float, kLanes>> profile_weighed;
  std::array<std::array<float, kLanes>, 2> prior; // what any blob's logits begin with; second: it sends its codes
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
  logarithms(tables->total.repositories, kFewRepositories, tables->repositories);
  logarithms(tables->total.objects, kFewObjects, tables->objects);
  tables->profile_votes.resize(std::size_t{kGroups} * kProfiles);
  tables->profile_lifts.resize(tables->profile_votes.size());
  tables->profile_weighed.resize(tables->profile_votes.size());
  for (unsigned group = 0; group < kGroups; ++group)
    for (unsigned profile = 0; profile < kProfiles; ++profile) {
      const std::size_t at = std::size_t{group} * kProfiles + profile;
      Expert& expert = tables->profile_lifts[at];
      expert = {};
      if (explainer.ask(profile_key(group, profile), 0, tables->profile_votes[at], damaged)) explainer.lift(tables->profile_votes[at], expert);
      expert.dimension = Dimension::profile;
      expert.bucket = group;
      weigh(kWeights[static_cast<std::size_t>(Dimension::profile)][group], expert.repositories, expert.objects, tables->profile_weighed[at]);
    }
  // A language that no repository of the lattice has is not told from: what is against all others would speak for it.
  constexpr float kNever = -1e6f;
  for (unsigned dynamic = 0; dynamic < 2; ++dynamic) {
    weigh(kWeights[static_cast<std::size_t>(Dimension::total)][dynamic], tables->repositories, tables->objects, tables->prior[dynamic]);
    for (unsigned i = 0; i < kLanes; ++i)
      if (i >= kLanguages || (tables->total.all_repositories > 0 && tables->total.repositories[i] == 0)) tables->prior[dynamic][i] = kNever;
  }
  if (damaged) return fail("lattice: damaged", lattice.path());
  return explainer;
}

bool Explainer::ask(std::uint64_t key, Element own, LanguageVotes& votes, bool& damaged) const {
  const Bytes value = lattice_->find(key, damaged);
  return !value.empty() && read_votes(value, own, votes);
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
  std::uint64_t repositories = 0, owns = 0;
  Support best = {dimension, 0, 0};
  bool best_own = false;
  // One's own votes first, then the most repositories, then the most objects.
  for (std::uint8_t language; next_language(reader, entry, language);) {
    const bool is_own = own != 0 && entry.repositories.holds(own);
    const Support one = {dimension, entry.objects.count, entry.repositories.count};
    repositories += one.repositories;
    owns += is_own;
    if (is_own < best_own || (is_own == best_own && (one.repositories < best.repositories || (one.repositories == best.repositories && one.objects <= best.objects)))) continue;
    best = one;
    best_own = is_own;
    answer.label = static_cast<syntax::Language>(language);
  }
  if (best.repositories == 0) return answer;
  answer.known = true;
  answer.confidence = kSure * (best_own ? 1 / static_cast<float>(owns) : static_cast<float>(best.repositories) / static_cast<float>(repositories));
  answer.support[answer.count++] = best;
  return answer;
}

void Explainer::lift(const LanguageVotes& all, Expert& expert) const {
  LanguageVotes own;
  if (all.own != 0) prefer_own(own = all);
  const LanguageVotes& votes = all.own != 0 ? own : all;
  expert.bucket = bucket_of(votes.all_repositories);
  expert.raw = votes.repositories;
  logarithms(votes.repositories, kFewRepositories, expert.repositories);
  logarithms(votes.objects, kFewObjects, expert.objects);
  for (unsigned i = 0; i < kLanes; ++i) {
    expert.repositories[i] -= tables_->repositories[i];
    expert.objects[i] -= tables_->objects[i];
  }
}

const std::array<float, kLanes>& Explainer::prior() const { return tables_->repositories; }

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
    for (unsigned group = 0; group < kGroups; ++group) out[count++] = tables_->profile_lifts[std::size_t{group} * kProfiles + clues.profile[group]];
  return count;
}

// What the lattice said of the clues that a thread asked about, weighed.
class Explainer::Memo {
public:
  struct Heard {
    std::uint64_t key;
    bool known, damaged;
    LanguageVotes votes;
    std::array<float, kLanes> weighed; // what it adds to the logits
  };

  // Makes room for all that a blob can ask; what another lattice said, or to another voter, is forgotten.
  void begin(std::uint64_t lattice, Element own) {
    constexpr std::size_t kMostClues = kDimensions + kInner;
    const bool same = lattice_ == lattice && own_ == own;
    if (same && heard_.size() + kMostClues <= heard_.capacity()) return;
    if (!same || heard_.size() + kMostClues > kMost) {
      heard_.clear();
      slots_.assign(kSlots, 0);
      lattice_ = lattice;
      own_ = own;
    }
    heard_.reserve(std::min(kMost, std::max<std::size_t>(kMost / 16, 2 * heard_.size())));
  }
  // A key's place, and whether it is new there. Places stay until the next begin().
  std::pair<Heard*, bool> place(std::uint64_t key) {
    std::size_t slot = key * 0x9e3779b97f4a7c15u >> (64 - kSlotBits);
    for (; slots_[slot] != 0; slot = (slot + 1) % kSlots)
      if (Heard& heard = heard_[slots_[slot] - 1u]; heard.key == key) return {&heard, false};
    heard_.emplace_back().key = key;
    slots_[slot] = static_cast<std::uint16_t>(heard_.size());
    return {&heard_.back(), true};
  }

private:
  static constexpr unsigned kSlotBits = 15;
  static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits, kMost = kSlots / 2;
  std::uint64_t lattice_ = 0; // none
  Element own_ = 0;
  std::vector<Heard> heard_;
  std::vector<std::uint16_t> slots_; // by hash of the key: the place in heard_, + 1
};

Answer Explainer::by_clues(const Clues& clues, Element own) const {
  Answer answer;
  std::array<float, kLanes> logits = {};
  std::array<std::pair<Dimension, const LanguageVotes*>, kDimensions + kInner + kGroups> heard;
  unsigned count = 0;
  thread_local Memo memo;
  memo.begin(tables_->number, own);
  each(clues, [&](Dimension dimension, std::uint64_t key) {
    const auto [place, is_new] = memo.place(key);
    if (is_new) {
      place->damaged = false;
      place->known = ask(key, own, place->votes, place->damaged);
      if (place->known) {
        Expert expert;
        lift(place->votes, expert);
        weigh(kWeights[static_cast<std::size_t>(dimension)][expert.bucket], expert.repositories, expert.objects, place->weighed);
      }
    }
    answer.damaged |= place->damaged;
    if (!place->known || !asks(dimension)) return place->known;
    heard[count++] = {dimension, &place->votes};
    for (unsigned i = 0; i < kLanes; ++i) logits[i] += place->weighed[i];
    return true;
  });
  const bool profiled = clues.dynamic() && asks(Dimension::profile) && tables_->total.all_objects > 0;
  if (count == 0 && !profiled) return answer;
  if (profiled)
    for (unsigned group = 0; group < kGroups; ++group) {
      const std::size_t at = std::size_t{group} * kProfiles + clues.profile[group];
      for (unsigned i = 0; i < kLanes; ++i) logits[i] += tables_->profile_weighed[at][i];
      heard[count++] = {Dimension::profile, &tables_->profile_votes[at]};
    }
  for (unsigned i = 0; i < kLanes; ++i) logits[i] += tables_->prior[clues.dynamic()][i];
  learn::softmax(logits, kLanes); // those that are no language have nothing
  unsigned best = 0;
  for (unsigned i = 1; i < kLanguages; ++i)
    if (logits[i] > logits[best]) best = i;
  answer.known = true;
  answer.label = static_cast<syntax::Language>(best);
  answer.confidence = logits[best];
  // Of a dimension's several clues: the one that most repositories have.
  std::array<const LanguageVotes*, kDimensions> by_dimension = {};
  for (const auto& [dimension, votes] : std::span(heard).first(count))
    if (const LanguageVotes*& most = by_dimension[static_cast<std::size_t>(dimension)];
        votes->repositories[best] > (most == nullptr ? 0 : most->repositories[best])) most = votes;
  for (unsigned i = 0; i < kDimensions; ++i)
    if (const LanguageVotes* votes = by_dimension[i])
      answer.support[answer.count++] = {static_cast<Dimension>(i), static_cast<std::uint64_t>(votes->objects[best]), static_cast<std::uint64_t>(votes->repositories[best])};
  return answer;
}

} // namespace packscope::lattice
