// A prefix code (RFC 1951, 3.2.2) as a lookup table: the next bits of the stream are the index.
//
// The idea: a primary table of 2^root entries answers every codeword of at most `root` bits at once; a longer
// codeword costs one more look into a subtable behind it. An entry says everything about its symbol in 32
// bits: what it is, its value, and how many bits to take with and without the extra bits, so that decoding
// branches on the kind only.
//
// Building doubles: codewords arrive in order of length, the table holds 2^length entries while codewords of
// that length are written, and is copied behind itself before the next. That writes each symbol once and lets
// whole vectors be copied, where filling entry by entry costs a store for each of the 2^root.
#pragma once

#include "deflate/block.h"

#include <bit>

namespace packscope::deflate {

enum class CodeKind : std::uint32_t {
  literal = 0,
  copy = 1, // a match length, or a distance
  end = 2,  // end of block
  subtable = 3,
  invalid = 4, // bits that are no code, or a symbol that must not occur
};

// bits 0..4: all bits of the symbol (codeword and extra: at most 15 + 13 = 28) | 5..7: kind | 8..11: of them
// codeword | 12..15: of them extra (<= 13); of a subtable entry: the subtable's index bits | 16..31: literal,
// base of the length or distance (<= 24577), or the subtable's first entry
using CodeEntry = std::uint32_t;

constexpr CodeEntry code_entry(CodeKind kind, unsigned value, unsigned codeword_bits, unsigned extra_bits) {
  return value << 16 | extra_bits << 12 | codeword_bits << 8 | static_cast<unsigned>(kind) << 5 |
         (codeword_bits + extra_bits);
}
constexpr CodeKind kind(CodeEntry entry) {
  return static_cast<CodeKind>(entry >> 5 & 7);
}
constexpr unsigned total_bits(CodeEntry entry) {
  return entry & 31;
}
constexpr unsigned codeword_bits(CodeEntry entry) {
  return entry >> 8 & 15;
}
constexpr unsigned extra_bits(CodeEntry entry) {
  return entry >> 12 & 15;
}
constexpr unsigned value(CodeEntry entry) {
  return entry >> 16;
}
// Base plus extra bits; `word` begins with the codeword.
constexpr unsigned value_with_extra(CodeEntry entry, std::uint64_t word) {
  return value(entry) +
         (static_cast<unsigned>(word >> codeword_bits(entry)) & ((1u << extra_bits(entry)) - 1));
}

// The largest tables that any complete code needs, subtables included: "Maximum of N table entries" as zlib's
// examples/enough.c counts them with arguments `286 10 15` and `30 8 15`. 286 and 30 are the most symbols a
// dynamic block may send; the fixed codes have no codeword above 9 and 5 bits, hence no subtable. An
// incomplete code fills the primary table only.
inline constexpr unsigned kLiteralRoot = 10;
inline constexpr unsigned kDistanceRoot = 8;
inline constexpr std::size_t kLiteralTableSize = 1332;
inline constexpr std::size_t kDistanceTableSize = 400;

// Meaning of every symbol, as entries without a codeword (RFC 1951, 3.2.5).
struct SymbolMeanings {
  std::array<CodeEntry, kLiteralSymbols> literal = {};
  std::array<CodeEntry, kDistanceSymbols> distance = {};

  constexpr SymbolMeanings() {
    for (unsigned symbol = 0; symbol < 256; ++symbol)
      literal[symbol] = code_entry(CodeKind::literal, symbol, 0, 0);
    literal[256] = code_entry(CodeKind::end, 0, 0, 0);
    unsigned base = 3;
    for (unsigned symbol = 257; symbol < 285; ++symbol) {
      const unsigned extra = symbol < 265 ? 0 : (symbol - 261) / 4;
      literal[symbol] = code_entry(CodeKind::copy, base, 0, extra);
      base += 1u << extra;
    }
    literal[285] = code_entry(CodeKind::copy, 258, 0, 0);
    literal[286] = literal[287] = code_entry(CodeKind::invalid, 0, 0, 0);
    base = 1;
    for (unsigned symbol = 0; symbol < 30; ++symbol) {
      const unsigned extra = symbol < 4 ? 0 : (symbol - 2) / 2;
      distance[symbol] = code_entry(CodeKind::copy, base, 0, extra);
      base += 1u << extra;
    }
    distance[30] = distance[31] = code_entry(CodeKind::invalid, 0, 0, 0);
  }
};
inline constexpr SymbolMeanings kMeanings;

// Writes the table for a code whose lengths are complete, or one codeword of one bit, or none: what
// read_block_header() lets through. `lengths[i]` is that of the symbol that means `meanings[i]`.
constexpr void build_code_table(std::span<const std::uint8_t> lengths, const CodeEntry* meanings,
                                unsigned root, CodeEntry* table) {
  // Symbols by (length, symbol): the order in which codewords are given out. Unused symbols come first.
  std::array<std::uint16_t, kMaxCodeLength + 1> count = {}, next = {};
  std::array<std::uint16_t, kLiteralSymbols> sorted;
  for (const std::uint8_t length : lengths) ++count[length];
  for (unsigned length = 0; length < kMaxCodeLength; ++length)
    next[length + 1] = static_cast<std::uint16_t>(next[length] + count[length]);
  for (unsigned symbol = 0; symbol < lengths.size(); ++symbol)
    sorted[next[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
  const std::uint16_t* symbol = sorted.data() + count[0];

  const std::size_t used = lengths.size() - count[0];
  if (used == 0 || (used == 1 && count[1] == 1)) {
    // A code that is not complete: what has no symbol is invalid, and one bit long, as in zlib.
    const CodeEntry invalid = code_entry(CodeKind::invalid, 0, 1, 0);
    const CodeEntry zero = used == 0 ? invalid : meanings[*symbol] + code_entry(CodeKind::literal, 0, 1, 0);
    for (std::size_t index = 0; index < std::size_t{1} << root; index += 2) {
      table[index] = zero;
      table[index + 1] = invalid;
    }
    return;
  }

  // The shortest codeword of a complete code of at most 288 symbols has at most 8 bits: it fits the primary
  // table.
  unsigned length = 1;
  while (count[length] == 0) ++length;
  std::size_t size = std::size_t{1} << length; // entries in use; indexed by codewords, first bit lowest
  for (std::size_t index = 0; index < size; ++index) table[index] = 0;
  std::uint32_t codeword = 0; // bit-reversed
  // The next codeword of the same length: add one at the reversed end, i.e. clear the ones on top and set the
  // zero below them. A codeword of only ones is the last one of a complete code.
  const auto advance = [&codeword, &length] {
    const std::uint32_t zeros = codeword ^ ((1u << length) - 1);
    if (zeros == 0) return false;
    const std::uint32_t highest = std::bit_floor(zeros);
    codeword = (codeword & (highest - 1)) | highest;
    return true;
  };

  for (; length <= root; ++length) {
    const CodeEntry bits = code_entry(CodeKind::literal, 0, length, 0);
    for (unsigned left = count[length]; left > 0; --left) {
      table[codeword] = meanings[*symbol++] + bits;
      if (!advance()) { // the last codeword: the rest of the primary table repeats what is there
        for (; length < root; ++length, size *= 2)
          for (std::size_t index = 0; index < size; ++index) table[size + index] = table[index];
        return;
      }
    }
    if (length == root) continue;
    for (std::size_t index = 0; index < size; ++index) table[size + index] = table[index];
    size *= 2;
  }

  // Codewords beyond the primary table: a subtable for each distinct `root` first bits, as wide as the
  // longest codeword in it (found by counting until the codewords that are left fill it).
  std::size_t end = std::size_t{1} << root, start = 0;
  std::uint32_t prefix = UINT32_MAX;
  const std::uint32_t prefix_mask = (1u << root) - 1;
  for (; length <= kMaxCodeLength; ++length) {
    const CodeEntry bits = code_entry(CodeKind::literal, 0, length, 0);
    for (unsigned left = count[length]; left > 0; --left) {
      if ((codeword & prefix_mask) != prefix) {
        prefix = codeword & prefix_mask;
        unsigned index_bits = length - root;
        for (unsigned filled = left; filled < 1u << index_bits; ++index_bits)
          filled = filled * 2 + count[root + index_bits + 1];
        start = end;
        end += std::size_t{1} << index_bits;
        table[prefix] = static_cast<unsigned>(start) << 16 | index_bits << 12 |
                        static_cast<unsigned>(CodeKind::subtable) << 5;
      }
      const CodeEntry entry = meanings[*symbol++] + bits;
      for (std::size_t index = start + (codeword >> root); index < end;
           index += std::size_t{1} << (length - root))
        table[index] = entry;
      if (!advance()) return;
    }
  }
}

// The entry of the codeword that `word` begins with (15 bits of it must be there).
inline CodeEntry look_up(const CodeEntry* table, unsigned root, std::uint64_t word) {
  const CodeEntry entry = table[word & ((1u << root) - 1)];
  if (kind(entry) != CodeKind::subtable) [[likely]]
    return entry;
  return table[value(entry) + ((word >> root) & ((1u << extra_bits(entry)) - 1))];
}

} // namespace packscope::deflate
