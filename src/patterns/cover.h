// What is already said about each byte of the sample: the worth, in bits, of the best chosen pattern that holds it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace packscope::patterns {

class Cover {
public:
  explicit Cover(std::size_t bytes) : halves_(bytes) {}

  void raise(std::size_t begin, std::size_t end, double bits) {
    const std::uint8_t halves = static_cast<std::uint8_t>(std::clamp(bits * 2, 0.0, 255.0));
    for (std::size_t at = begin; at < end; ++at) halves_[at] = std::max(halves_[at], halves);
  }
  double mean(std::size_t begin, std::size_t end) const { // of a range that is not empty
    std::uint64_t sum = 0;
    for (std::size_t at = begin; at < end; ++at) sum += halves_[at];
    return static_cast<double>(sum) / 2 / static_cast<double>(end - begin);
  }

private:
  std::vector<std::uint8_t> halves_; // half bits
};

} // namespace packscope::patterns
