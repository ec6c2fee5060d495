// Meets and covers.
#include "encoders/verdict.h"

namespace packscope::encoders {

std::uint64_t Verdict::explained() const {
  std::uint64_t sum = 0;
  for (const auto& [set, streams] : streams_) sum += set.second.empty() ? 0 : streams;
  return sum;
}

std::uint64_t Verdict::unexplained() const {
  std::uint64_t sum = 0;
  for (const auto& [set, streams] : streams_) sum += set.second.empty() ? streams : 0;
  return sum;
}

std::vector<Verdict::Part> Verdict::cover() const {
  std::vector<Part> left, parts;
  for (const auto& [set, streams] : streams_)
    if (!set.second.empty()) left.push_back({set.first, set.second, streams});
  while (!left.empty()) {
    std::map<unsigned, std::vector<std::uint64_t>> counts; // by window, then variant
    for (const Part& one : left) {
      std::vector<std::uint64_t>& own = counts.try_emplace(one.window_bits, kVariants).first->second;
      for (unsigned number = 0; number < kVariants; ++number) own[number] += one.writers.has(number) ? one.streams : 0;
    }
    unsigned window = 0, best = 0;
    std::uint64_t most = 0;
    for (const auto& [bits, own] : counts)
      for (unsigned number = 0; number < kVariants; ++number)
        if (own[number] > most) most = own[number], window = bits, best = number;
    Part part{.window_bits = window};
    std::vector<Part> rest;
    for (Part& one : left) {
      if (one.window_bits != window || !one.writers.has(best)) {
        rest.push_back(one);
        continue;
      }
      if (part.streams == 0) part.writers = one.writers;
      else part.writers &= one.writers;
      part.streams += one.streams;
    }
    parts.push_back(part);
    left = std::move(rest);
  }
  return parts;
}

std::vector<std::pair<Variant, std::uint64_t>> Verdict::counts() const {
  std::map<Variant, std::uint64_t> sums;
  for (const auto& [set, streams] : streams_)
    for (const Variant& variant : set.second.list(set.first)) sums[variant] += streams;
  return {sums.begin(), sums.end()};
}

} // namespace packscope::encoders
