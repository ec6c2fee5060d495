// R2: the code lengths of the first block, read but not used for decoding.
//
// The idea: a symbol's code length is the encoder's own estimate of -log2 of its frequency, so a dynamic block's header is
// a histogram of the characters of the text, for the price of reading some hundred bits.
//
//   features := (16 - length)/16 {286 literal/length} {30 distance}  one-hot length{15}{286}{30}  block type{3}  sizes
//
// One-hot beside the number, as a length does not weigh on an answer in proportion: a network of 64 units gained .03 by it.
#pragma once

#include "learn/rung_r1.h"

namespace packscope::learn {

inline constexpr std::size_t kR2Literals = 286, kR2Distances = 30, kR2Lengths = kR2Literals + kR2Distances;
inline constexpr std::size_t kR2OneHot = kR2Lengths, kR2Type = kR2OneHot + 15 * kR2Lengths, kR2Sizes = kR2Type + 3, kR2Width = kR2Sizes + kSizesWidth;
inline constexpr std::size_t kR2Most = 2 * kR2Lengths + 1 + kSizesMost;
// 2 of zlib's header; of a dynamic block's at most 17 bits + 19 * 3 + 316 lengths of 7 bits and no more extra bits than
// those: 286 bytes; rounded up.
inline constexpr std::size_t kR2SourceBytes = 320;

deflate::Fault read_r2(const Source& source, Row& row);
deflate::Fault read_r2_bits(const Source& source, Row& row); // and the 128 bits after the header
// The same from a header that was read already.
void add_lengths(const deflate::BlockHeader& header, Row& row);

} // namespace packscope::learn
