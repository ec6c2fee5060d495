// R2: the code lengths of the first block, read but not used for decoding.
//
// The idea: a symbol's code length is the encoder's own estimate of -log2 of its frequency, so a dynamic block's header is
// a histogram of the characters of the text, for the price of reading some hundred bits.
//
//   lengths  := (16 - length)/16 {286 literal/length} {30 distance}  one-hot length{15}{286}{30}  block type{3}  sizes
//   features := lengths  bytes      bytes := byte{256} of each of the first 4  byte{256} of any of the first 16
//
// One-hot beside the number, as a length does not weigh on an answer in proportion: a network of 64 units gained .03 by it.
// A block without code lengths of its own (fixed, stored) has its first bytes of data instead, as they lie and not decoded:
// what R0 reads.
#pragma once

#include "learn/rung_r1.h"

namespace packscope::learn {

inline constexpr std::size_t kR2Literals = 286, kR2Distances = 30, kR2Lengths = kR2Literals + kR2Distances;
inline constexpr std::size_t kR2OneHot = kR2Lengths, kR2Type = kR2OneHot + 15 * kR2Lengths, kR2Sizes = kR2Type + 3,
                             kR2LengthsWidth = kR2Sizes + kSizesWidth;
inline constexpr std::size_t kR2First = 4, kR2Bag = 16;
inline constexpr std::size_t kR2Bytes = kR2LengthsWidth, kR2BytesWidth = (kR2First + 1) * 256, kR2Width = kR2LengthsWidth + kR2BytesWidth;
inline constexpr std::size_t kR2MostUnits = kR2Lengths + 1, kR2MostValued = kR2Lengths + kSizesMost;

// Folded, a length's number is in its one-hot row, and that row's index is deflate::used_code(): what the header's reader
// wrote is the row.
inline constexpr std::size_t kR2FoldedType = kR2Lengths * 16, kR2FoldedSizes = kR2FoldedType + 3,
                             kR2FoldedLengthsWidth = kR2FoldedSizes + kSizesWidth, kR2FoldedWidth = kR2FoldedLengthsWidth + kR2BytesWidth;

// 2 of zlib's header; of a dynamic block's at most 17 bits + 19 * 3 + 316 lengths of 7 bits and no more extra bits than
// those: 286 bytes; rounded up.
inline constexpr std::size_t kR2SourceBytes = 320;

deflate::Fault read_r2(const Source& source, Row& row);
deflate::Fault read_r2_bits(const Source& source, Row& row); // lengths, and the 128 bits after the header
void fold_r2(const FirstLayer& from, float* to);
void fold_r2_bits(const FirstLayer& from, float* to);

// For the rungs above: `lengths` from a header that was read already, and its sizes.
void add_lengths(const deflate::BlockHeader& header, Row& row);
void add_length_sizes(const Source& source, Row& row);
void fold_lengths(const FirstLayer& from, float* to);

} // namespace packscope::learn
