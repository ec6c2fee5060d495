// What a library's level costs over some texts: how small it makes them, and instructions a byte both ways.
//
// The idea: sizes are of all texts, instructions of the first of them, counted step by step (perf/steps.h): the same each time,
// on any machine that has the library's same kernels. All levels are counted over the same texts, in the same order.
#pragma once

#include "encoders/encoder.h"
#include "perf/steps.h"

#include <optional>

namespace packscope::encoders {

struct Instructions {
  std::uint64_t instructions = 0, bytes = 0, compressed = 0; // over the texts that were counted
  std::size_t texts = 0;

  std::optional<double> per_byte() const;            // of the text
  std::optional<double> per_compressed_byte() const;
};

struct LevelCost {
  Variant variant;
  std::size_t texts = 0;
  std::uint64_t bytes = 0, compressed = 0;
  Instructions compress, decompress;
  std::string refused = {}; // why instructions were not counted; empty: they were, or nobody asked

  double ratio() const { return compressed == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(compressed); }
};

// `counted`: how many of the texts, from the first, may be counted; 0: none. Each is compressed, decompressed and compared
// first: an Error names a library that does not give its text back.
Result<LevelCost> measure_level(Encoder& encoder, const Variant& variant, const std::vector<std::vector<std::uint8_t>>& texts,
                                std::size_t counted, perf::StepLimits limits);

} // namespace packscope::encoders
