// Counting bytes and their repetitions, and the probability of patterns under them; see background.h.
#include "patterns/background.h"

#include "base/on_threads.h"

#include <cmath>
#include <mutex>

namespace packscope::patterns {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

struct Counts {
  std::array<std::uint64_t, 256> of{}, again{};
};

void count(Bytes bytes, Counts& counts) {
  std::array<std::array<std::uint32_t, 256>, 2> of{}; // two tables: a byte that repeats must not wait for its count
  std::array<std::uint32_t, 256> again{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ++of[i & 1][bytes[i]];
    again[bytes[i]] += static_cast<std::uint32_t>(i + 1 < bytes.size() && bytes[i + 1] == bytes[i]);
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    counts.of[byte] += std::uint64_t{of[0][byte]} + of[1][byte];
    counts.again[byte] += again[byte];
  }
}

} // namespace

Background Background::of(std::span<const Input> inputs, unsigned threads) {
  std::vector<Bytes> pieces;
  for (const Input& input : inputs)
    for (std::size_t at = 0; at < input.bytes.size(); at += kPiece)
      pieces.push_back(input.bytes.subspan(at, std::min(kPiece, input.bytes.size() - at)));
  Counts total;
  std::mutex lock;
  Share share(pieces.size());
  on_threads(share.threads(threads), [&] {
    Counts own;
    for (std::size_t i; share.take(i);) count(pieces[i], own);
    const std::lock_guard guard(lock);
    for (unsigned byte = 0; byte < 256; ++byte) {
      total.of[byte] += own.of[byte];
      total.again[byte] += own.again[byte];
    }
  });

  Background background;
  for (const std::uint64_t one : total.of) background.bytes_ += one;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const double seen = static_cast<double>(total.of[byte]);
    const double p = (seen + 0.5) / (static_cast<double>(background.bytes_) + 128);
    // Never less than chance: a byte that avoids itself is no reason to call its neighbours likely.
    const double again = std::max(p, (static_cast<double>(total.again[byte]) + p) / (seen + 1));
    background.of_[byte] = p;
    background.again_[byte] = again;
    background.other_[byte] = (1 - again) / (1 - p);
    background.log2_of_[byte] = static_cast<float>(std::log2(p));
    background.log2_again_[byte] = static_cast<float>(std::log2(again));
    background.log2_other_[byte] = static_cast<float>(std::log2(std::max(background.other_[byte], 1e-12)));
  }
  return background;
}

double Background::log2_probability(Bytes literal) const {
  double sum = 0;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const std::uint8_t byte = literal[i];
    if (i > 0 && literal[i - 1] == byte) sum += log2_again_[byte];
    else sum += log2_of_[byte] + (i > 0 ? log2_other_[literal[i - 1]] : 0);
  }
  return sum;
}

double Background::probability(const ByteSet& set) const {
  double sum = 0;
  for (unsigned byte = 0; byte < 256; ++byte)
    if (set.has(static_cast<std::uint8_t>(byte))) sum += of_[byte];
  return std::min(sum, 1.0);
}

double Background::log2_probability(const Pattern& pattern) const {
  // The chance of each byte as the last one, of those that match so far; scaled to sum 1, the scale kept as logarithm.
  std::array<double, 256> last = of_;
  double log2_mass = 0;
  bool fresh = true; // `last` is the plain frequency: at the start and behind a gap
  for (const Step& step : pattern.steps) {
    if (step.gap()) {
      log2_mass += std::log2(static_cast<double>(step.max - step.min + 1));
      fresh = true;
      continue;
    }
    double flow = 0; // what comes from other bytes, before their frequency
    if (!fresh)
      for (unsigned byte = 0; byte < 256; ++byte) flow += last[byte] * other_[byte];
    double mass = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
      double value = 0;
      if (step.set.has(static_cast<std::uint8_t>(byte)))
        value = fresh ? of_[byte] : of_[byte] * (flow - last[byte] * other_[byte]) + last[byte] * again_[byte];
      last[byte] = value;
      mass += value;
    }
    mass = std::max(mass, 1e-15);
    for (double& value : last) value /= mass;
    log2_mass += std::log2(mass);
    fresh = false;
  }
  return std::min(log2_mass, 0.0);
}

double worth(double lift) {
  constexpr double kEnough = 48;
  return lift <= kEnough ? lift : kEnough + (lift - kEnough) / 8;
}

} // namespace packscope::patterns
