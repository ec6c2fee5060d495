// Look up, lift, weigh, sum.
#include "lattice/explainer.h"

#include "lattice/weights.h"
#include "learn/softmax.h"

#include <algorithm>
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

// Log-odds of a language among all, smoothed.
void logarithms(const std::array<float, kLanes>& counts, float few, std::array<float, kLanes>& out) {
  float sum = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    out[i] = log_of(counts[i] + few);
    sum += out[i];
  }
  const float mean = sum / kLanes;
  for (float& one : out) one -= mean;
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
  std::array<float, kLanes> repositories = {}, objects = {}; // of everything: logarithms
  LanguageVotes total;
  // By group and profile: they are few, and asked by every blob. Not known: no votes, lifts of 0.
  std::vector<LanguageVotes> profile_votes;
  std::vector<Expert> profile_lifts;
  // Of all groups together, what weights.h makes of the lifts.
  std::vector<std::array<float, kLanes>> profile_weighed;
};

Result<Explainer> Explainer::of(const Lattice& lattice, std::uint32_t dimensions) {
  Explainer explainer(lattice);
  explainer.dimensions_ = dimensions;
  bool damaged = false;
  const auto tables = std::make_shared<Tables>();
  explainer.tables_ = tables;
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
      const Weight weight = kWeights[static_cast<std::size_t>(Dimension::profile)][group];
      for (unsigned i = 0; i < kLanes; ++i) tables->profile_weighed[at][i] = weight.repositories * expert.repositories[i] + weight.objects * expert.objects[i];
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

void Explainer::lift(LanguageVotes votes, Expert& expert) const {
  if (votes.own != 0) prefer_own(votes);
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
void Explainer::each(const Clues& clues, Element own, bool& damaged, const Hear& hear) const {
  const auto chain = [&](std::initializer_list<Dimension> coarse_to_exact) {
    for (const Dimension dimension : coarse_to_exact) {
      if (!clues.has(dimension)) return;
      LanguageVotes votes;
      if (!ask(clues.of(dimension), own, votes, damaged)) return;
      if (asks(dimension)) hear(dimension, votes);
    }
  };
  chain({Dimension::raw16, Dimension::raw32, Dimension::raw64});
  chain({Dimension::symbols2, Dimension::symbols4, Dimension::symbols6, Dimension::symbols8, Dimension::symbols16});
  if (asks(Dimension::inner))
    for (unsigned i = 0; i < clues.inner_count; ++i) {
      LanguageVotes votes;
      if (ask(clues.inner[i], own, votes, damaged)) hear(Dimension::inner, votes);
    }
  chain({Dimension::punctuation, Dimension::lengths});
  chain({Dimension::shortest});
}

unsigned Explainer::experts(const Clues& clues, Element own, std::array<Expert, kExperts>& out) const {
  unsigned count = 0;
  bool damaged = false;
  each(clues, own, damaged, [&](Dimension dimension, const LanguageVotes& votes) {
    out[count].dimension = dimension;
    lift(votes, out[count++]);
  });
  if (clues.dynamic() && asks(Dimension::profile))
    for (unsigned group = 0; group < kGroups; ++group) out[count++] = tables_->profile_lifts[std::size_t{group} * kProfiles + clues.profile[group]];
  return count;
}

Answer Explainer::by_clues(const Clues& clues, Element own) const {
  Answer answer;
  std::array<float, kLanes> logits = {};
  struct Heard {
    Dimension dimension;
    LanguageVotes votes;
  };
  std::array<Heard, kDimensions + kInner> heard;
  unsigned count = 0;
  each(clues, own, answer.damaged, [&](Dimension dimension, const LanguageVotes& votes) {
    heard[count++] = {dimension, votes};
    Expert expert;
    lift(votes, expert);
    const Weight weight = kWeights[static_cast<std::size_t>(dimension)][expert.bucket];
    for (unsigned i = 0; i < kLanes; ++i) logits[i] += weight.repositories * expert.repositories[i] + weight.objects * expert.objects[i];
  });
  const bool profiled = clues.dynamic() && asks(Dimension::profile) && tables_->total.all_objects > 0;
  if (profiled)
    for (unsigned group = 0; group < kGroups; ++group) {
      const std::array<float, kLanes>& weighed = tables_->profile_weighed[std::size_t{group} * kProfiles + clues.profile[group]];
      for (unsigned i = 0; i < kLanes; ++i) logits[i] += weighed[i];
    }
  if (count == 0 && !profiled) return answer;
  const Weight prior = kWeights[static_cast<std::size_t>(Dimension::total)][clues.dynamic() ? 1 : 0];
  for (unsigned i = 0; i < kLanes; ++i) logits[i] += prior.repositories * tables_->repositories[i] + prior.objects * tables_->objects[i];
  // A language that no repository of the lattice has is not told from: what is against all others would speak for it.
  if (tables_->total.all_repositories > 0)
    for (unsigned i = 0; i < kLanguages; ++i)
      if (tables_->total.repositories[i] == 0) logits[i] = -50.0f;
  learn::softmax(std::span(logits).first(kLanguages), kLanguages);
  unsigned best = 0;
  for (unsigned i = 1; i < kLanguages; ++i)
    if (logits[i] > logits[best]) best = i;
  answer.known = true;
  answer.label = static_cast<syntax::Language>(best);
  answer.confidence = logits[best];
  const auto support = [&](Dimension dimension, const LanguageVotes& votes) {
    if (votes.repositories[best] == 0) return;
    const Support one = {dimension, static_cast<std::uint64_t>(votes.objects[best]), static_cast<std::uint64_t>(votes.repositories[best])};
    // Of a dimension's several clues: the one that most repositories have.
    for (Support& other : std::span(answer.support).first(answer.count))
      if (other.dimension == dimension) {
        if (one.repositories > other.repositories) other = one;
        return;
      }
    answer.support[answer.count++] = one;
  };
  for (unsigned i = 0; i < count; ++i) support(heard[i].dimension, heard[i].votes);
  if (profiled)
    for (unsigned group = 0; group < kGroups; ++group) support(Dimension::profile, tables_->profile_votes[std::size_t{group} * kProfiles + clues.profile[group]]);
  for (unsigned i = 1; i < answer.count; ++i) // exact to coarse; a dozen at most
    for (unsigned j = i; j > 0 && answer.support[j].dimension < answer.support[j - 1].dimension; --j) std::swap(answer.support[j], answer.support[j - 1]);
  return answer;
}

} // namespace packscope::lattice
