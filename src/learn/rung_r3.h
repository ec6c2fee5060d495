// R3-n: R2 and the first n symbols, decoded but not copied: a literal is a character, a match tells how far and how long.
//
//   features := R2  symbol{16}  histogram
//   symbol   := literal match bit{8} length distance     of one of the first 16 symbols; a match's bits are 0
//   histogram:= literal{256} length class{8} distance class{8}     counts among the first n, / n
#pragma once

#include "deflate/symbols.h"
#include "learn/rung_r2.h"

namespace packscope::learn {

inline constexpr std::size_t kR3Positions = 16, kR3PerSymbol = 12, kR3Histogram = 256 + 8 + 8;
inline constexpr std::size_t kR3Width = kR2Width + kR3Positions * kR3PerSymbol + kR3Histogram;

// A symbol is at most 48 bits (15 + 5 + 15 + 13). Blocks that end within the n symbols bring headers of their own, at
// worst one a symbol; room for four is far beyond what an encoder writes.
constexpr std::size_t r3_source_bytes(std::size_t symbols) { return 5 * kR2SourceBytes + symbols * 6; }

deflate::Fault extract_symbols(Bytes zlib, std::size_t symbols, std::span<float> out);

template <std::size_t symbols>
deflate::Fault extract_r3(Bytes zlib, std::span<float> out) {
  return extract_symbols(zlib, symbols, out);
}

} // namespace packscope::learn
