// R0: the first 16 bytes of the DEFLATE stream as they lie, nothing decoded.
//
// It works because a small text is one fixed-Huffman block: letters and most signs are codes of 8 bits, so the bytes are
// the text in a fixed substitution, shifted by the block header's three bits. In a dynamic block these bytes are code
// tables, and hold no text at all.
#pragma once

#include "learn/rung.h"

namespace packscope::learn {

inline constexpr std::size_t kR0Bytes = 16;
inline constexpr std::size_t kR0Width = kR0Bytes;         // a byte is one number, as in the seed's network
inline constexpr std::size_t kR0BitsWidth = kR0Bytes * 8; // or each bit is
inline constexpr std::size_t kR0SourceBytes = 2 + kR0Bytes;

// Folded, a byte is one of 256 rows instead of up to eight: 16 additions an answer.
inline constexpr std::size_t kR0FoldedWidth = kR0Bytes * 256;

deflate::Fault read_r0(const Source& source, Row& row);
deflate::Fault read_r0_bits(const Source& source, Row& row);
// The 128 bits from `bit` on, as features first, first + 1, …
void add_bits(Bytes zlib, std::uint64_t bit, std::size_t first, Row& row);

void fold_r0(const FirstLayer& from, float* to);
void fold_r0_bits(const FirstLayer& from, float* to);

} // namespace packscope::learn
