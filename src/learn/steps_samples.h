// The steps of decoding as tasks: what each reads, what it gives, and where in a stream it is met.
#pragma once

#include "learn/steps.h"
#include "learn/training.h"

namespace packscope::learn {

// Where a step is met: its stream, its block, its first bit, and its output there.
struct StepPlace {
  std::uint32_t stream = 0, header = 0; // indices
  std::uint64_t bit = 0;
  std::vector<std::uint32_t> labels; // one a question; of the histogram one byte of the text
};

struct Step {
  const char* inputs;
  Rung rung; // reads the step's input from Source::block and Source::bit
  Task task;
  std::vector<std::uint32_t> hidden;
  // The step computed exactly, from the same bytes: what the network's cost is compared with. The sum of its outputs.
  std::uint64_t (*compute)(const Source& source);
};

// header, code length symbol, literal/length symbol, distance symbol, histogram
const std::vector<Step>& learned_steps();
inline constexpr std::size_t kHistogram = 4;

// All places that the streams are sampled at, by step.
struct StepPlaces {
  std::vector<deflate::BlockHeader> headers;
  std::array<std::vector<StepPlace>, kLearnedSteps> train, test;
};
StepPlaces find_places(const std::vector<StepStream>& streams, const StepOptions& options);

Source source_at(const std::vector<StepStream>& streams, const StepPlaces& places, const StepPlace& place);

// A text's bytes by value, as shares.
std::array<double, 256> histogram(const Source& source);

} // namespace packscope::learn
