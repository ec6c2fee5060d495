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
    Counts count = {};
    for (const std::uint8_t length : lengths) ++count[length];
    count[0] = 0;
    Counts next = set_ranges(count);
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol)
      if (const unsigned length = lengths[symbol]; length != 0) sorted_[next[length]++] = static_cast<std::uint16_t>(symbol);
  }
  // The same from BlockHeader::used, whose symbols count from `first`.
  void build_used(std::span<const std::uint16_t> used, unsigned first) {
    Counts count = {};
    for (const std::uint16_t code : used) ++count[code & 15];
    Counts next = set_ranges(count);
    for (const std::uint16_t code : used) sorted_[next[code & 15]++] = static_cast<std::uint16_t>((code >> 4) - first);
  }

  // The symbol that `word` begins with (its lowest bit first; 15 bits must be there), and its length; -1: no codeword.
  int decode(std::uint64_t word, unsigned& length) const {
    const std::uint32_t bits = reversed15(static_cast<std::uint32_t>(word));
    length = shortest_;
    while (bits >= end_[length]) ++length;
    if (length <= kMaxCodeLength) return sorted_[static_cast<std::uint32_t>(first_[length] + static_cast<std::int32_t>(bits >> (kMaxCodeLength - length)))];
    length = 1; // as zlib counts bits that are no code
    return -1;
  }

private:
  using Counts = std::array<std::uint16_t, kMaxCodeLength + 2>; // by length

  // Where each length's codewords end; returns where in sorted_ each length begins.
  constexpr Counts set_ranges(const Counts& count) {
    Counts next = {};
    std::uint32_t end = 0; // of the codewords so far, aligned to 15 bits
    for (unsigned length = 1; length <= kMaxCodeLength; ++length) {
      next[length + 1] = static_cast<std::uint16_t>(next[length] + count[length]);
      first_[length] = static_cast<std::int32_t>(next[length]) - static_cast<std::int32_t>(end >> (kMaxCodeLength - length));
      end += static_cast<std::uint32_t>(count[length]) << (kMaxCodeLength - length);
      end_[length] = end;
    }
    end_[kMaxCodeLength + 1] = ~std::uint32_t{0};
    shortest_ = 1;
    while (shortest_ < kMaxCodeLength && count[shortest_] == 0) ++shortest_;
    return next;
  }
  static constexpr std::uint32_t reversed15(std::uint32_t word) {
    word = (word & 0x5555u) << 1 | (word >> 1 & 0x5555u);
    word = (word & 0x3333u) << 2 | (word >> 2 & 0x3333u);
    word = (word & 0x0f0fu) << 4 | (word >> 4 & 0x0f0fu);
    return ((word & 0xffu) << 8 | (word >> 8 & 0xffu)) >> 1;
  }

  std::array<std::uint32_t, kMaxCodeLength + 2> end_;   // [length]: end of its codewords, aligned to 15 bits; then more than any
  std::array<std::int32_t, kMaxCodeLength + 1> first_;  // [length]: index in sorted_ less the first codeword
  std::array<std::uint16_t, kLiteralSymbols> sorted_;   // used symbols by (length, symbol)
  unsigned shortest_ = 1;
};

} // namespace packscope::deflate
