// Random numbers that are the same everywhere: a counter and a mixer (splitmix64: Steele, Lea, Flood, OOPSLA 2014).
//
// std's engines are fixed by the standard but its distributions and std::shuffle are not: a model trained with them
// depends on the library. Number i of a seed is mix(seed + i * odd constant): no state to carry between threads.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace packscope::learn {

// A bijection of 64 bits whose outputs pass for random whatever the input's pattern; also a hash's finaliser.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

class Random {
public:
  // Two streams of one seed have nothing to do with each other (initial weights, epoch 1, epoch 2, …).
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : counter_(mix(seed) + mix(~stream)) {}

  std::uint64_t next() { return mix(counter_ += 0x9e3779b97f4a7c15u); }
  // Below `bound` > 0. The bias of taking the high half of a product is under bound / 2^32: nothing here sees it.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }
  // [-1, 1) in steps of 2^-23: exact in a float.
  float symmetric() { return static_cast<float>(static_cast<std::int64_t>(next() >> 40) - (1 << 23)) * 0x1p-23f; }

  template <class T>
  void shuffle(std::span<T> items) { // Fisher-Yates
    for (std::size_t left = items.size(); left > 1; --left)
      std::swap(items[left - 1], items[below(static_cast<std::uint32_t>(left))]);
  }

private:
  std::uint64_t counter_;
};

} // namespace packscope::learn
