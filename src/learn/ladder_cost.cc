// Steps or counters, one object after the other.
#include "learn/ladder_cost.h"

#include "perf/counters.h"

namespace packscope::learn {

void Cost::add(deflate::BlockType block, std::uint64_t instructions) {
  for (Sum* sum : {&sums_[0], &sums_[1 + static_cast<std::size_t>(block)]}) {
    ++sum->n;
    sum->instructions += instructions;
  }
}

std::optional<double> Cost::mean(std::optional<deflate::BlockType> block) const {
  const Sum& of = sum(block);
  if (of.n == 0) return std::nullopt;
  return static_cast<double>(of.instructions) / static_cast<double>(of.n);
}

static Cost by_counters(std::span<const deflate::BlockType> blocks, const std::function<void(std::size_t)>& work) {
  Cost cost;
  perf::Counters counters({.cost_only = true});
  if (counters.measured() != perf::event_name(perf::EventKind::instructions)) {
    cost.refused = counters.fallback().value_or("instructions:u: not measured");
    return cost;
  }
  constexpr unsigned kRepetitions = 16; // a region that reading the counter does not drown
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    work(i); // loads and allocates what a first call does
    counters.start();
    for (unsigned repetition = 0; repetition < kRepetitions; ++repetition) work(i);
    const perf::Reading reading = counters.stop();
    if (reading.instructions) cost.add(blocks[i], *reading.instructions / kRepetitions);
  }
  if (cost.n() > 0) cost.measured = counters.measured();
  return cost;
}

Cost measure_cost(CostBy by, std::span<const deflate::BlockType> blocks, const std::function<void(std::size_t)>& work,
                  perf::StepLimits limits) {
  if (by == CostBy::none || blocks.empty()) return {};
  if (by == CostBy::counters) return by_counters(blocks, work);
  Cost cost;
  const Result<std::vector<std::uint64_t>> counts = perf::count_steps(blocks.size(), work, limits);
  if (!counts) {
    cost.refused = counts.error().text();
    return cost;
  }
  for (std::size_t i = 0; i < counts->size(); ++i) cost.add(blocks[i], (*counts)[i]);
  if (cost.n() > 0) cost.measured = perf::kSingleSteps;
  else cost.refused = "single steps: an object takes more than " + std::to_string(limits.most);
  return cost;
}

} // namespace packscope::learn
