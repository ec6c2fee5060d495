// All the sets that a class may be, tried; see byte_counts.h.
#include "patterns/byte_counts.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace packscope::patterns {

namespace {

constexpr double kSpecific = 48; // bits from which on classes add nothing, but between or beside literals
constexpr double kLeastBits = 2, kBesideBits = 0.9;
constexpr double kLowBits = 3;   // that a class of equal low bits must say: it reads badly

class Chooser {
public:
  Chooser(std::uint32_t total, double lift, double least_bits)
      : total_(total), lift_(lift), before_(worth(lift)), least_(std::exp2(least_bits)) {}

  // A set of `size` freely chosen values or ends must pay for each of them with one occurrence, and stand out among
  // `choices` others.
  template <class Make>
  void offer(std::uint32_t hits, double chance, unsigned size, double choices, const Make& make) {
    if (hits <= size || chance >= 1) return;
    const double sure = hits - size;
    if (sure < least_ * chance * total_) return;
    const double share = hits == total_ ? 1 : sure / total_;
    const double bits = std::log2(sure / total_ / std::max(chance, 1e-9));
    if (sure * bits * std::numbers::ln2 < std::log(choices) + 7) return;
    const double gain = share * worth(lift_ + bits) - before_;
    if (gain <= (best_ ? best_->gain + 1e-9 : 0)) return;
    best_ = Choice{.set = make(), .hits = hits, .gain = gain};
  }
  std::optional<Choice> best() const { return best_; }

private:
  const std::uint32_t total_;
  const double lift_, before_, least_;
  std::optional<Choice> best_;
};

} // namespace

std::optional<Choice> best_set(const Column& column, std::uint32_t total, double lift, bool beside,
                               const Background& background) {
  const double least_bits = beside ? kBesideBits : kLeastBits;
  const bool literals_only = lift >= kSpecific && !beside;
  Chooser chooser(total, lift, least_bits);
  const std::array<std::uint32_t, 256>& counts = column.counts;

  // Up to eight values: those that are most above their chance, in so far as they are frequent.
  std::array<std::uint8_t, 256> order;
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  const auto surplus = [&](std::uint8_t byte) { return counts[byte] - 2 * total * background.probability(byte); };
  std::array<double, 256> surpluses;
  for (unsigned byte = 0; byte < 256; ++byte) surpluses[byte] = surplus(static_cast<std::uint8_t>(byte));
  std::partial_sort(order.begin(), order.begin() + 8, order.end(), [&](std::uint8_t a, std::uint8_t b) {
    return surpluses[a] != surpluses[b] ? surpluses[a] > surpluses[b] : a < b;
  });
  std::uint32_t hits = 0;
  double chance = 0, choices = 1;
  ByteSet set;
  for (unsigned size = 1; size <= (literals_only ? 1u : 8u); ++size) {
    const std::uint8_t byte = order[size - 1];
    if (counts[byte] == 0) break;
    hits += counts[byte];
    chance += background.probability(byte);
    choices *= 256.0 / size;
    set.insert(byte);
    chooser.offer(hits, chance, size - 1, choices, [&] { return set; });
  }

  if (literals_only) return chooser.best();

  // Ranges, between values that were seen.
  std::array<std::uint32_t, 257> sum{};
  std::array<double, 257> mass{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    sum[byte + 1] = sum[byte] + counts[byte];
    mass[byte + 1] = mass[byte] + background.probability(static_cast<std::uint8_t>(byte));
  }
  // All with the same high bits.
  for (unsigned bits = 1; bits <= 6; ++bits)
    for (unsigned value = 0; value < 1u << bits; ++value) {
      const unsigned first = value << (8 - bits), end = first + (256u >> bits);
      chooser.offer(sum[end] - sum[first], mass[end] - mass[first], 0, 256, [&] { return ByteSet::range(first, end - 1); });
    }
  // All with the same low bits; each step folds the two that differ in the highest of them.
  std::array<std::uint32_t, 256> low_hits = counts;
  std::array<double, 256> low_mass;
  for (unsigned byte = 0; byte < 256; ++byte) low_mass[byte] = background.probability(static_cast<std::uint8_t>(byte));
  for (unsigned size = 128; size >= 8; size /= 2)
    for (unsigned value = 0; value < size; ++value) {
      low_hits[value] += low_hits[value + size];
      low_mass[value] += low_mass[value + size];
      if (size > 64 || low_hits[value] < std::exp2(kLowBits) * low_mass[value] * total) continue;
      chooser.offer(low_hits[value], low_mass[value], 0, 256, [&] {
        ByteSet made;
        for (unsigned byte = value; byte < 256; byte += size) made.insert(static_cast<std::uint8_t>(byte));
        return made;
      });
    }

  std::vector<unsigned> ends; // every value seen, if they are few; else the outermost, and all multiples of eight
  for (unsigned byte = 0; byte < 256; ++byte)
    if (counts[byte] != 0) ends.push_back(byte);
  if (ends.size() > 24) {
    const unsigned least = ends.front(), most = ends.back() + 1;
    ends = {least, most};
    for (unsigned byte = least / 8 * 8 + 8; byte < most; byte += 8) ends.push_back(byte);
    std::sort(ends.begin(), ends.end());
  } else {
    for (std::size_t i = ends.size(); i-- > 0;) ends.push_back(ends[i] + 1);
    std::sort(ends.begin(), ends.end());
  }
  for (const unsigned first : ends) {
    if (first > 255 || sum[256] - sum[first] < total / 8) continue;
    for (const unsigned last : ends)
      if (last > first + 2)
        chooser.offer(sum[last] - sum[first], mass[last] - mass[first], 2, 2048, [&] { return ByteSet::range(first, last - 1); });
  }
  return chooser.best();
}

} // namespace packscope::patterns
