// Look up, lift, weigh, sum.
#include "lattice/explainer.h"

#include "lattice/weights.h"
#include "learn/softmax.h"

#include <algorithm>
#include <bit>
#include <tuple>
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
  std::vector<std::array<float, kLanes>> characters; // [index * (kMostLength + 1) + length]
};

Result<Explainer> Explainer::of(const Lattice& lattice, std::uint32_t dimensions) {
  Explainer explainer(lattice);
  explainer.dimensions_ = dimensions;
  bool damaged = false;
  const auto tables = std::make_shared<Tables>();
  explainer.ask(key_of(Dimension::total, 0), 0, tables->total, damaged);
  logarithms(tables->total.repositories, kFewRepositories, tables->repositories);
  logarithms(tables->total.objects, kFewObjects, tables->objects);
  tables->characters.resize(kCharacters * (kMostLength + 1));
  for (unsigned index = 0; index < kCharacters; ++index) {
    std::array<LanguageVotes, kMostLength + 1> votes = {};
    std::array<float, kLanes> all = {};
    for (unsigned length = 0; length <= kMostLength; ++length) {
      explainer.ask(character_key(index, length), 0, votes[length], damaged);
      for (unsigned i = 0; i < kLanes; ++i) all[i] += votes[length].objects[i];
    }
    // The logarithm of the share of a language's blobs in which the character has this length.
    for (unsigned length = 0; length <= kMostLength; ++length)
      for (unsigned i = 0; i < kLanguages; ++i)
        tables->characters[index * (kMostLength + 1) + length][i] = log_of((votes[length].objects[i] + 1) / (all[i] + kMostLength + 1));
  }
  explainer.tables_ = tables;
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
  LanguageVotes votes;
  if ((dimensions_ >> static_cast<unsigned>(dimension) & 1) == 0 || !ask(object_key(dimension, id), own, votes, answer.damaged)) return answer;
  answer.known = true;
  unsigned best = 0;
  // One's own votes first, then the most repositories, then the most objects.
  const auto rank = [&](unsigned i) { return std::tuple(votes.own >> i & 1, votes.repositories[i], votes.objects[i]); };
  for (unsigned i = 1; i < kLanguages; ++i)
    if (rank(i) > rank(best)) best = i;
  answer.label = static_cast<syntax::Language>(best);
  const float against = votes.own != 0 ? static_cast<float>(std::popcount(votes.own) - 1) : votes.all_repositories - votes.repositories[best];
  const float in_favour = votes.own != 0 ? 1 : votes.repositories[best];
  answer.confidence = kSure * in_favour / (in_favour + against);
  answer.support[answer.count++] = {dimension, static_cast<std::uint64_t>(votes.objects[best]), static_cast<std::uint64_t>(votes.repositories[best])};
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

void Explainer::spell(const Clues& clues, Expert& expert) const {
  std::array<float, kLanes> sum = {};
  for (unsigned index = 0; index < kCharacters; ++index) {
    const unsigned length = std::min<unsigned>(clues.lengths[index], kMostLength);
    const std::array<float, kLanes>& one = tables_->characters[index * (kMostLength + 1) + length];
    for (unsigned i = 0; i < kLanes; ++i) sum[i] += one[i];
  }
  expert.objects = sum;
  expert.repositories = {};
}

unsigned Explainer::experts(const Clues& clues, Element own, std::array<Expert, kDimensions>& out) const {
  unsigned count = 0;
  bool damaged = false;
  for (unsigned i = static_cast<unsigned>(Dimension::raw64); i < static_cast<unsigned>(Dimension::character); ++i) {
    const Dimension dimension = static_cast<Dimension>(i);
    LanguageVotes votes;
    if (!clues.has(dimension) || (dimensions_ >> i & 1) == 0 || !ask(clues.of(dimension), own, votes, damaged)) continue;
    Expert& expert = out[count++];
    expert.dimension = dimension;
    lift(votes, expert);
  }
  if (clues.dynamic && (dimensions_ >> static_cast<unsigned>(Dimension::character) & 1) != 0 && tables_->total.all_objects > 0) {
    Expert& expert = out[count++];
    expert.dimension = Dimension::character;
    expert.bucket = bucket_of(tables_->total.all_repositories);
    spell(clues, expert);
  }
  return count;
}

Answer Explainer::by_clues(const Clues& clues, Element own) const {
  Answer answer;
  std::array<float, kLanes> logits = {};
  struct Heard {
    Dimension dimension;
    LanguageVotes votes;
  };
  std::array<Heard, kDimensions> heard;
  unsigned count = 0;
  const auto weigh = [&](const Expert& expert) {
    const Weight weight = kWeights[static_cast<std::size_t>(expert.dimension)][expert.bucket];
    for (unsigned i = 0; i < kLanes; ++i) logits[i] += weight.repositories * expert.repositories[i] + weight.objects * expert.objects[i];
  };
  Expert expert;
  for (unsigned i = static_cast<unsigned>(Dimension::raw64); i < static_cast<unsigned>(Dimension::character); ++i) {
    expert.dimension = static_cast<Dimension>(i);
    if (!clues.has(expert.dimension) || (dimensions_ >> i & 1) == 0) continue;
    Heard& one = heard[count];
    one = {expert.dimension, {}};
    if (!ask(clues.of(expert.dimension), own, one.votes, answer.damaged)) continue;
    ++count;
    lift(one.votes, expert);
    weigh(expert);
  }
  const bool spelt = clues.dynamic && (dimensions_ >> static_cast<unsigned>(Dimension::character) & 1) != 0 && tables_->total.all_objects > 0;
  if (spelt) {
    expert.dimension = Dimension::character;
    expert.bucket = bucket_of(tables_->total.all_repositories);
    spell(clues, expert);
    weigh(expert);
  }
  if (count == 0 && !spelt) return answer;
  const Weight prior = kWeights[static_cast<std::size_t>(Dimension::total)][clues.dynamic ? 1 : 0];
  for (unsigned i = 0; i < kLanes; ++i) logits[i] += prior.repositories * tables_->repositories[i] + prior.objects * tables_->objects[i];
  learn::softmax(std::span(logits).first(kLanguages), kLanguages);
  unsigned best = 0;
  for (unsigned i = 1; i < kLanguages; ++i)
    if (logits[i] > logits[best]) best = i;
  answer.known = true;
  answer.label = static_cast<syntax::Language>(best);
  answer.confidence = logits[best];
  for (unsigned i = 0; i < count; ++i)
    if (const LanguageVotes& votes = heard[i].votes; votes.repositories[best] > 0)
      answer.support[answer.count++] = {heard[i].dimension, static_cast<std::uint64_t>(votes.objects[best]), static_cast<std::uint64_t>(votes.repositories[best])};
  if (spelt && tables_->total.repositories[best] > 0)
    answer.support[answer.count++] = {Dimension::character, static_cast<std::uint64_t>(tables_->total.objects[best]), static_cast<std::uint64_t>(tables_->total.repositories[best])};
  return answer;
}

} // namespace packscope::lattice
