// What a lattice answers: against the experts' sum written out, and the same whatever a thread asked before.
#include "lattice/explainer.h"
#include "lattice/weights.h"
#include "random_lattice.h"

#include <catch2/catch_approx.hpp>

#include <algorithm>
#include <cmath>
#include <thread>

using namespace packscope;
using namespace packscope::test;

namespace {

constexpr Dimension kAsked[] = {Dimension::raw16,    Dimension::symbols2, Dimension::symbols4,    Dimension::symbols6, Dimension::symbols8,
                                Dimension::symbols16, Dimension::punctuation, Dimension::shortest};
const Element kRepository = element_of(as_bytes("repository 7"));

// Random evidence for clues of all dimensions, and for everything.
std::map<std::uint64_t, std::string> records_of(learn::Random& random) {
  std::map<std::uint64_t, std::string> records;
  const auto put = [&](std::uint64_t key) {
    records[key].clear();
    random_evidence(random).encode(records[key]);
  };
  put(key_of(Dimension::total, 0));
  for (unsigned i = 0; i < 200; ++i) put(key_of(kAsked[random.below(std::size(kAsked))], std::uint64_t{random.below(12)} << 50));
  for (unsigned i = 0; i < 20; ++i) put(key_of(Dimension::inner, std::uint64_t{random.below(40)} << 50));
  for (unsigned i = 0; i < 500; ++i) put(profile_key(random.below(kGroups), random.below(kProfiles)));
  return records;
}

Clues random_clues(learn::Random& random) {
  Clues clues;
  for (const Dimension dimension : kAsked) clues.set(dimension, std::uint64_t{random.below(12)} << 50);
  for (; clues.inner_count < kInner; ++clues.inner_count) clues.inner[clues.inner_count] = key_of(Dimension::inner, std::uint64_t{random.below(40)} << 50);
  if (random.below(3) != 0) {
    clues.set(Dimension::profile, 0);
    for (std::uint16_t& profile : clues.profile) profile = static_cast<std::uint16_t>(random.below(kProfiles));
  }
  return clues;
}

bool same(const Answer& a, const Answer& b) {
  return a.known == b.known && a.label == b.label && a.confidence == b.confidence && a.damaged == b.damaged &&
         std::ranges::equal(a.evidence(), b.evidence(), [](const Support& x, const Support& y) {
           return x.dimension == y.dimension && x.objects == y.objects && x.repositories == y.repositories;
         });
}

// By a thread that has asked nothing yet.
Answer fresh(const Explainer& explainer, const Clues& clues, Element own) {
  Answer answer;
  std::thread([&] { answer = explainer.by_clues(clues, own); }).join();
  return answer;
}

} // namespace

TEST_CASE("the answer is the weighted sum of what the experts say", "[explainer]") {
  TemporaryFolder folder;
  learn::Random random(5);
  write(folder / "lattice", records_of(random));
  const Result<Lattice> lattice = Lattice::open(folder / "lattice");
  REQUIRE(lattice);
  const Result<Explainer> explainer = Explainer::of(*lattice);
  REQUIRE(explainer);
  for (unsigned round = 0; round < 200; ++round) {
    const Clues clues = random_clues(random);
    std::array<Explainer::Expert, Explainer::kExperts> experts;
    const unsigned count = explainer->experts(clues, 0, experts);
    const Answer answer = explainer->by_clues(clues, 0);
    REQUIRE(answer.known == (count > 0));
    if (!answer.known) continue;
    std::array<double, syntax::kLanguages> logits;
    for (unsigned i = 0; i < logits.size(); ++i) {
      // Only c, cpp and rust have votes at all.
      if (explainer->prior()[i] == *std::ranges::min_element(explainer->prior())) {
        logits[i] = -1e9;
        continue;
      }
      logits[i] = static_cast<double>(kWeights[static_cast<std::size_t>(Dimension::total)][clues.dynamic()].repositories * explainer->prior()[i]);
      for (const Explainer::Expert& expert : std::span(experts).first(count)) {
        const Weight weight = kWeights[static_cast<std::size_t>(expert.dimension)][expert.bucket];
        logits[i] += static_cast<double>(weight.repositories * expert.repositories[i] + weight.objects * expert.objects[i]);
      }
    }
    double sum = 0;
    const std::size_t best = static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
    for (const double logit : logits) sum += std::exp(logit - logits[best]);
    CHECK(answer.confidence == Catch::Approx(1 / sum).margin(1e-4));
    if (1 / sum > 0.501) CHECK(static_cast<std::size_t>(answer.label) == best);
    CHECK(std::ranges::is_sorted(answer.evidence(), {}, &Support::dimension));
    CHECK(std::ranges::all_of(answer.evidence(), [](const Support& one) { return one.objects > 0 && one.repositories > 0; }));
  }
}

TEST_CASE("what a thread asked before changes no answer", "[explainer]") {
  TemporaryFolder folder;
  learn::Random random(6);
  write(folder / "one", records_of(random));
  write(folder / "other", records_of(random));
  const Result<Lattice> one = Lattice::open(folder / "one"), other = Lattice::open(folder / "other");
  REQUIRE((one && other));
  const Result<Explainer> first = Explainer::of(*one), second = Explainer::of(*other);
  const Result<Explainer> few = Explainer::of(*one, 1u << static_cast<unsigned>(Dimension::symbols4));
  REQUIRE((first && second && few));
  unsigned differ = 0;
  for (unsigned round = 0; round < 300; ++round) {
    const Clues clues = random_clues(random);
    const Explainer& explainer = *std::array{&*first, &*second, &*few}[random.below(3)];
    const Element own = random.below(2) == 0 ? 0 : kRepository;
    const Answer answer = explainer.by_clues(clues, own);
    REQUIRE(same(answer, fresh(explainer, clues, own)));
    differ += !same(answer, explainer.by_clues(clues, own == 0 ? kRepository : 0));
  }
  CHECK(differ > 0); // a repository's own votes count
  // More clues than a thread remembers.
  Clues many = random_clues(random);
  const Answer before = first->by_clues(many, 0);
  for (unsigned i = 0; i < 20000; ++i) {
    Clues unknown;
    unknown.set(Dimension::shortest, std::uint64_t{i} << 30 | 1);
    CHECK_FALSE(first->by_clues(unknown, 0).known);
  }
  CHECK(same(first->by_clues(many, 0), before));
}
