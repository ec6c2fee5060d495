// R2: the code lengths of the first block, read but not used for decoding.
//
// The idea: a symbol's code length is the encoder's own estimate of -log2 of its frequency, so a dynamic block's header is
// a histogram of the characters of the text, for the price of reading some hundred bits.
#pragma once

#include "deflate/block.h"

#include <span>

namespace packscope::learn {

inline constexpr std::size_t kR2Literals = 286, kR2Distances = 30;
inline constexpr std::size_t kR2Width = 3 + kR2Literals + kR2Distances;
// 2 of zlib's header; of a dynamic block's at most 17 bits + 19 * 3 + 316 lengths of 7 bits and no more extra bits than
// those: 286 bytes; rounded up.
inline constexpr std::size_t kR2SourceBytes = 320;

deflate::Fault extract_r2(Bytes zlib, std::span<float> out);
// The same from a header that was read already.
void r2_from_header(const deflate::BlockHeader& header, std::span<float> out);

} // namespace packscope::learn
