// R0: the first 16 bytes of the DEFLATE stream as they lie, nothing decoded.
//
// It works because a small text is one fixed-Huffman block: letters and most signs are codes of 8 bits, so the bytes are
// the text in a fixed substitution, shifted by the block header's three bits. In a dynamic block these bytes are code
// tables, and hold no text at all.
#pragma once

#include "base/bytes.h"
#include "deflate/fault.h"

#include <span>

namespace packscope::learn {

inline constexpr std::size_t kR0Bytes = 16;
inline constexpr std::size_t kR0Width = kR0Bytes;         // a byte is one number, as in the seed's network
inline constexpr std::size_t kR0BitsWidth = kR0Bytes * 8; // or each bit is
inline constexpr std::size_t kR0SourceBytes = 2 + kR0Bytes;

deflate::Fault extract_r0(Bytes zlib, std::span<float> out);
deflate::Fault extract_r0_bits(Bytes zlib, std::span<float> out);

} // namespace packscope::learn
