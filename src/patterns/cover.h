// What is already said about each byte of the sample by the patterns chosen so far.
//
// Of a pattern inside another's match the other says all; of a pattern around another's match the other says its own
// worth, for log2(observed ÷ expected) of the longer, less that of the shorter, is how much more often the shorter is
// extended so than by chance. So two numbers a byte: the worth of the best match that holds it, and its share in that.
#pragma once

#include "patterns/background.h"

#include <cmath>
#include <numbers>

namespace packscope::patterns {

class Cover {
public:
  explicit Cover(std::size_t bytes) : halves_(bytes), eighths_(bytes) {}

  void raise(std::size_t begin, std::size_t end, double bits) {
    const std::uint8_t halves = static_cast<std::uint8_t>(std::clamp(bits * 2, 0.0, 255.0));
    const std::uint8_t eighths = static_cast<std::uint8_t>(std::clamp(bits * 8 / static_cast<double>(end - begin), 0.0, 255.0));
    for (std::size_t at = begin; at < end; ++at) {
      halves_[at] = std::max(halves_[at], halves);
      eighths_[at] = std::max(eighths_[at], eighths);
    }
  }
  // How much of a match on this range, which is not empty, is no news.
  double known(std::size_t begin, std::size_t end) const {
    std::uint64_t whole = 0, shares = 0;
    for (std::size_t at = begin; at < end; ++at) {
      whole += halves_[at];
      shares += eighths_[at];
    }
    return std::max(static_cast<double>(whole) / 2 / static_cast<double>(end - begin), static_cast<double>(shares) / 8);
  }

private:
  std::vector<std::uint8_t> halves_, eighths_; // of bits
};

// Whether `count` occurrences that were chosen because they occur are more than chance when each says `bits` more than
// is expected: Poisson's deviance, in nats, against the logarithm of how many strings there are to choose from.
inline bool beyond_chance(double count, double bits, double choices_log) {
  const double others = count - 1; // the first one is why it was looked at
  if (others <= 0 || bits <= 0) return false;
  const double expected = count * std::exp2(-bits);
  return others * std::log(others / expected) - (others - expected) >= choices_log + 7;
}

// What `bits` of news must be to be worth a pattern of its own, of `all` that it says.
inline bool is_news(double count, double bits, double all, std::size_t sample) {
  constexpr double kLeast = 2, kShare = 0.2;
  return bits >= std::max(kLeast, kShare * all) && beyond_chance(count, bits, std::log(static_cast<double>(sample)));
}

} // namespace packscope::patterns
