// What an answer costs: user instructions an object, counted, never estimated.
#pragma once

#include "base/result.h"
#include "deflate/block.h"
#include "perf/steps.h"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace packscope::learn {

enum class CostBy : std::uint8_t {
  steps,    // perf/steps.h: the same each time
  counters, // perf/counters.h, where the machine has any: all objects, the last digits vary
  none,
};

// Sums over the objects that were counted; a mean of none is none.
class Cost {
public:
  std::string measured;                // "single steps", "instructions:u"; empty: not measured
  std::optional<std::string> refused;  // why not

  void add(deflate::BlockType block, std::uint64_t instructions);
  std::uint64_t n(std::optional<deflate::BlockType> block = {}) const { return sum(block).n; }
  std::optional<double> mean(std::optional<deflate::BlockType> block = {}) const;

private:
  struct Sum {
    std::uint64_t n = 0, instructions = 0;
  };
  const Sum& sum(std::optional<deflate::BlockType> block) const { return sums_[block ? 1 + static_cast<std::size_t>(*block) : 0]; }
  std::array<Sum, 4> sums_ = {};
};

// work(i) for the object whose first block is blocks[i]; in order, until the limit of steps is met.
Cost measure_cost(CostBy by, std::span<const deflate::BlockType> blocks, const std::function<void(std::size_t)>& work,
                  perf::StepLimits limits = {});

} // namespace packscope::learn
