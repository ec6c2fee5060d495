// R3-n: R2 and the first n symbols, decoded but not copied: a literal is a character, a match tells how far and how long.
//
//   features := R2's lengths  position{16}  bag  pairs
//   position := literal{256} length class{8} distance class{16}      of one of the first 16 symbols
//   bag      := literal{256} length class{8} distance class{16}      of the first n, each counted 16/n
//   pairs    := hash of two literals in a row{1024}                  of the first n, each counted 16/n
//
// A stored block's bytes are its literals.
#pragma once

#include "learn/rung_r2.h"

namespace packscope::learn {

inline constexpr std::size_t kR3Positions = 16, kR3PerSymbol = 256 + 8 + 16, kR3Pairs = 1024;
inline constexpr std::size_t kR3Position = kR2LengthsWidth, kR3Bag = kR3Position + kR3Positions * kR3PerSymbol,
                             kR3Pair = kR3Bag + kR3PerSymbol, kR3Width = kR3Pair + kR3Pairs;
// Folded, only where it begins differs.
inline constexpr std::size_t kR3FoldedShift = kR2FoldedLengthsWidth - kR2LengthsWidth, kR3FoldedWidth = kR3Width + kR3FoldedShift;
constexpr std::size_t r3_most(std::size_t symbols) { return kR2MostUnits + kR3Positions * 2 + symbols * 3; }

// A symbol is at most 48 bits (15 + 5 + 15 + 13). Blocks that end within the n symbols bring headers of their own, at
// worst one a symbol; room for four is far beyond what an encoder writes.
constexpr std::size_t r3_source_bytes(std::size_t symbols) { return 5 * kR2SourceBytes + symbols * 6; }

// fold_lengths() and the symbols; where every symbol has a position (R3-16) with its bag's row in that.
void fold_symbols(const FirstLayer& from, float* to);
void fold_more_symbols(const FirstLayer& from, float* to);

deflate::Fault read_symbols(const Source& source, std::size_t symbols, Row& row);

template <std::size_t symbols>
deflate::Fault read_r3(const Source& source, Row& row) {
  return read_symbols(source, symbols, row);
}

} // namespace packscope::learn
