// Learning decompression round by round: for each step of decoding a small network is trained to give the step's output from
// its input, and judged by streams of repositories that it never saw.
//
// The idea: what a network reads straight from a step's input needs no code for that step, and a rung above may begin at the
// input; what it cannot read must be computed first. So the figures say which steps a model of compressed bytes may skip.
#pragma once

#include "learn/backend.h"
#include "learn/dataset.h"
#include "learn/ladder_cost.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace packscope::learn {

struct StepStream {
  std::vector<std::uint8_t> zlib;
  std::uint64_t inflated_size = 0;
  bool test = false;
};

struct StepOptions {
  std::uint64_t seed = 1;             // of positions, initial weights and orders
  std::uint32_t epochs = 12;
  std::size_t train = 80000, test = 16000; // samples of a step, at most
  std::size_t cost_objects = 16;      // samples whose instructions are counted
  CostBy cost = CostBy::steps;
};

struct StepFigures {
  std::string step, inputs;
  std::uint32_t classes = 0;            // 0: a distribution is wanted
  std::uint64_t trained = 0, n = 0;     // samples learned from; unseen ones
  std::optional<double> accuracy, majority;
  // Of the histogram: the share of its variance that is explained, and the distance (Kullback-Leibler) from it in bits a
  // character; of the network and of the closed form, where a byte of code length l has probability 2^-l.
  std::optional<double> r2, bits, closed_r2, closed_bits;
  std::optional<double> exact_instructions, network_instructions;
  std::string cost_measured;            // empty: not measured
  bool may_skip = false;
};

// The rule: a model may skip a step that a network gives on unseen streams with an accuracy (of the histogram: R2) of this.
inline constexpr double kSkipFrom = 0.99;

inline constexpr std::size_t kLearnedSteps = 5; // networks; the first answers four questions
// `after_epoch`: called kLearnedSteps * epochs times. Errors: a side without streams, the backend's.
Result<std::vector<StepFigures>> learn_steps(Backend& backend, const std::vector<StepStream>& streams, const StepOptions& options,
                                             const std::function<void()>& after_epoch = {});

} // namespace packscope::learn
