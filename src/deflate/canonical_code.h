// A prefix code (RFC 1951, 3.2.2) decoded by comparison: for who wants a few symbols only.
//
// The idea: codewords of one length are consecutive numbers, and, aligned to 15 bits, all codewords of a length are smaller
// than those of the next. So the length is told by comparing the next 15 bits, first bit on top, with the end of each
// length's range. Building is one counting sort of the used symbols (some 800 instructions for a literal code, where
// the lookup table of code_table.h takes 5,000); a symbol costs 30 to 40 instead of 12.
#pragma once

#include "deflate/block.h"

namespace packscope::deflate {

class CanonicalCode {
public:
  CanonicalCode() = default; // nothing until it is built
  constexpr explicit CanonicalCode(std::span<const std::uint8_t> lengths) : end_{}, first_{}, sorted_{} { build(lengths); }

  // Lengths as read_block_header() lets them through, at most kLiteralSymbols.
  constexpr void build(std::span<const std::uint8_t> lengths) {
    LengthCounts count = {};
    for (const std::uint8_t length : lengths) ++count[length];
    LengthCounts next = set_ranges(count);
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol)
      if (const unsigned length = lengths[symbol]; length != 0) sorted_[next[length]++] = used_code(symbol, length);
  }
  // The same from BlockHeader::used and the counts beside it; symbols count from `first`.
  void build_used(std::span<const std::uint16_t> used, const LengthCounts& count, unsigned first) {
    LengthCounts next = set_ranges(count);
    const auto put = [&](std::uint16_t code) { sorted_[next[code & 15]++] = static_cast<std::uint16_t>(code - used_code(first, 0)); };
    const std::uint16_t* at = used.data();
    for (const std::uint16_t* end = at + used.size() / 4 * 4; at != end; at += 4) put(at[0]), put(at[1]), put(at[2]), put(at[3]);
    for (; at != used.data() + used.size(); ++at) put(*at);
  }

  // The symbol that `word` begins with (its lowest bit first; 15 bits must be there), and its length; -1: no codeword.
  int decode(std::uint64_t word, unsigned& length) const {
    const std::uint32_t bits = reversed15(static_cast<std::uint32_t>(word));
    length = shortest_;
    while (bits >= end_[length]) ++length;
    if (length <= kMaxCodeLength) return sorted_[static_cast<std::uint32_t>(first_[length] + static_cast<std::int32_t>(bits >> (kMaxCodeLength - length)))] >> 4;
    length = 1; // as zlib counts bits that are no code
    return -1;
  }

private:
  // Where each length's codewords end; returns where in sorted_ each length begins.
  constexpr LengthCounts set_ranges(const LengthCounts& count) {
    LengthCounts next = {};
    std::uint32_t end = 0; // of the codewords so far, aligned to 15 bits
    unsigned shorter = 0;  // symbols of shorter codewords
    for (unsigned length = 1; length <= kMaxCodeLength; ++length) {
      next[length] = static_cast<std::uint16_t>(shorter);
      first_[length] = static_cast<std::int32_t>(shorter) - static_cast<std::int32_t>(end >> (kMaxCodeLength - length));
      shorter += count[length];
      end += static_cast<std::uint32_t>(count[length]) << (kMaxCodeLength - length);
      end_[length] = end;
    }
    end_[kMaxCodeLength + 1] = ~std::uint32_t{0};
    shortest_ = 1;
    while (shortest_ < kMaxCodeLength && count[shortest_] == 0) ++shortest_;
    return next;
  }
  static constexpr std::uint32_t reversed15(std::uint32_t word) {
    return static_cast<std::uint32_t>(kReversedByte[word & 255] << 7 | kReversedByte[word >> 8 & 127] >> 1);
  }

  std::array<std::uint32_t, kMaxCodeLength + 2> end_;   // [length]: end of its codewords, aligned to 15 bits; then more than any
  std::array<std::int32_t, kMaxCodeLength + 1> first_;  // [length]: index in sorted_ less the first codeword
  std::array<std::uint16_t, kLiteralSymbols> sorted_;   // used_code()s by (length, symbol)
  unsigned shortest_ = 1;
};

} // namespace packscope::deflate
