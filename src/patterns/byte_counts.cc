// All the sets that a class may be, tried; see byte_counts.h.
#include "patterns/byte_counts.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace packscope::patterns {

namespace {

constexpr double kLeastBits = 0.75;

class Chooser {
public:
  Chooser(std::uint32_t total, double lift) : total_(total), lift_(lift), before_(worth(lift)) {}

  // A set of `size` freely chosen values or ends must pay for each of them with one occurrence, and stand out among
  // `choices` others.
  template <class Make>
  void offer(std::uint32_t hits, double chance, unsigned size, double choices, const Make& make) {
    if (hits <= size || chance >= 1) return;
    const double sure = hits - size;
    const double share = hits == total_ ? 1 : sure / total_;
    const double bits = std::log2(sure / total_ / std::max(chance, 1e-9));
    if (bits < kLeastBits || sure * bits * std::numbers::ln2 < std::log(choices) + 7) return;
    const double gain = share * worth(lift_ + bits) - before_;
    if (gain <= (best_ ? best_->gain + 1e-9 : 0)) return;
    best_ = Choice{.set = make(), .hits = hits, .gain = gain};
  }
  std::optional<Choice> best() const { return best_; }

private:
  const std::uint32_t total_;
  const double lift_, before_;
  std::optional<Choice> best_;
};

} // namespace

std::optional<Choice> best_set(const Column& column, std::uint32_t total, double lift, const Background& background) {
  Chooser chooser(total, lift);
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
  for (unsigned size = 1; size <= 8; ++size) {
    const std::uint8_t byte = order[size - 1];
    if (counts[byte] == 0) break;
    hits += counts[byte];
    chance += background.probability(byte);
    choices *= 256.0 / size;
    set.insert(byte);
    chooser.offer(hits, chance, size - 1, choices, [&] { return set; });
  }

  // All with the same high or low bits.
  for (unsigned bits = 1; bits <= 6; ++bits) {
    for (unsigned value = 0; value < 1u << bits; ++value) {
      for (const bool low : {false, true}) {
        const unsigned step = low ? 1u << bits : 1, first = low ? value : value << (8 - bits);
        const unsigned last = low ? 255 : first + (256u >> bits) - 1;
        std::uint32_t inside = 0;
        double mass = 0;
        for (unsigned byte = first; byte <= last; byte += step) {
          inside += counts[byte];
          mass += background.probability(static_cast<std::uint8_t>(byte));
        }
        chooser.offer(inside, mass, 0, 256, [&] {
          ByteSet made;
          for (unsigned byte = first; byte <= last; byte += step) made.insert(static_cast<std::uint8_t>(byte));
          return made;
        });
      }
    }
  }

  // Ranges, between values that were seen.
  std::array<std::uint32_t, 257> sum{};
  std::array<double, 257> mass{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    sum[byte + 1] = sum[byte] + counts[byte];
    mass[byte + 1] = mass[byte] + background.probability(static_cast<std::uint8_t>(byte));
  }
  for (unsigned first = 0; first < 256; ++first) {
    if (counts[first] == 0 || sum[256] - sum[first] < total / 8) continue;
    for (unsigned last = first + 2; last < 256; ++last) {
      if (counts[last] == 0) continue;
      chooser.offer(sum[last + 1] - sum[first], mass[last + 1] - mass[first], 2, 32640,
                    [&] { return ByteSet::range(first, last); });
    }
  }
  return chooser.best();
}

} // namespace packscope::patterns
