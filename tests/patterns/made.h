// Bytes and patterns for the tests: random ones that are the same each time, and plants in them.
#pragma once

#include "patterns/pattern.h"

#include <random>
#include <string>
#include <vector>

namespace packscope::patterns::test {

inline std::vector<std::uint8_t> random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 11);
  return bytes;
}

// "ab[0-9]" and the like by hand.
inline Pattern literal(std::string_view text) {
  Pattern pattern;
  for (const char byte : text) pattern.steps.push_back({.set = ByteSet::of(static_cast<std::uint8_t>(byte))});
  return pattern;
}
inline Pattern operator+(Pattern a, const Pattern& b) {
  a.steps.insert(a.steps.end(), b.steps.begin(), b.steps.end());
  return a;
}
inline Pattern one_of(ByteSet set) { return {.steps = {{.set = set}}}; }
inline Pattern gap(unsigned min, unsigned max) {
  return {.steps = {{.set = ByteSet::all(), .min = static_cast<std::uint16_t>(min), .max = static_cast<std::uint16_t>(max)}}};
}

// The end of the shortest match at `at`, by trying every way; npos where there is none.
inline std::size_t slow_match(const Pattern& pattern, Bytes data, std::size_t at, std::size_t step = 0) {
  if (step == pattern.steps.size()) return at;
  const Step& one = pattern.steps[step];
  std::size_t best = Matcher::kNone;
  for (std::size_t length = one.min; length <= one.max && at + length <= data.size(); ++length) {
    bool holds = true;
    for (std::size_t i = 0; i < length; ++i) holds &= one.set.has(data[at + i]);
    if (holds) best = std::min(best, slow_match(pattern, data, at + length, step + 1));
  }
  return best;
}
// Matches one behind the other, leftmost first.
inline std::vector<std::pair<std::size_t, std::size_t>> slow_matches(const Pattern& pattern, Bytes data) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t end = slow_match(pattern, data, at);
    if (end != Matcher::kNone) found.emplace_back(at, end);
    at = end != Matcher::kNone ? end : at + 1;
  }
  return found;
}

} // namespace packscope::patterns::test
