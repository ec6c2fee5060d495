// Arithmetic over all languages at once, one copy an instruction set, chosen when the program runs: a blob's answer sums some
// twenty rows of kLanes numbers. Every copy gives the same bits.
#pragma once

#include "lattice/votes.h"
#include "learn/cpu/kernels.h"

namespace packscope::lattice {

using Row = std::array<float, kLanes>; // a number for each language

// What a language that has no vote counts as.
inline constexpr float kFewRepositories = 0.1f, kFewObjects = 0.5f;

struct LaneKernels {
  // The logarithms of counts + few, less their mean: log-odds of a language among all, within .005.
  void (*logarithms)(const Row& counts, float few, Row& out);
  // The logarithms of both less those of everything.
  void (*lift)(const LanguageVotes& votes, const Row& repositories, const Row& objects, Row& repositories_out, Row& objects_out);
  // a * x + b * y
  void (*weigh)(float a, const Row& x, float b, const Row& y, Row& out);
  // The sum of `count` rows, in order.
  void (*sum)(const Row* const* rows, unsigned count, Row& out);
};
const LaneKernels& lane_kernels(learn::cpu::Level level);
const LaneKernels& lane_kernels(); // the best that this processor runs

} // namespace packscope::lattice
