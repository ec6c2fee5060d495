// A set of byte values: what may stand at one place of a pattern.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>

namespace packscope::patterns {

class ByteSet {
public:
  constexpr ByteSet() = default;
  static constexpr ByteSet of(std::uint8_t byte) { return range(byte, byte); }
  static constexpr ByteSet range(unsigned first, unsigned last) { // both ends belong to it
    ByteSet set;
    for (unsigned byte = first; byte <= last; ++byte) set.insert(static_cast<std::uint8_t>(byte));
    return set;
  }
  static constexpr ByteSet all() { return range(0, 255); }

  constexpr void insert(std::uint8_t byte) { words_[byte >> 6] |= std::uint64_t{1} << (byte & 63); }
  constexpr bool has(std::uint8_t byte) const { return (words_[byte >> 6] >> (byte & 63) & 1) != 0; }
  constexpr unsigned size() const {
    int count = 0;
    for (const std::uint64_t word : words_) count += std::popcount(word);
    return static_cast<unsigned>(count);
  }
  constexpr bool is_all() const {
    return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == ~std::uint64_t{0}; });
  }
  constexpr bool is_one() const { return size() == 1; }
  constexpr std::uint8_t first() const { // of a set that is not empty
    unsigned at = 0;
    while (words_[at] == 0) ++at;
    return static_cast<std::uint8_t>(at * 64 + static_cast<unsigned>(std::countr_zero(words_[at])));
  }
  constexpr auto operator<=>(const ByteSet&) const = default;

private:
  std::array<std::uint64_t, 4> words_{};
};

} // namespace packscope::patterns
