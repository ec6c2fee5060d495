// R1 and what stands below it: the sizes that a pack states, and the first block's header fields.
//
// A number becomes features by knots: it lies between two of them, and both get their share. So a network can bend its
// answer at every knot, which one number times one weight could not.
#pragma once

#include "learn/rung.h"

namespace packscope::learn {

inline constexpr std::size_t kSizeKnots = 24;  // log2 of the inflated size, one apart: 1 byte to 8 MB
inline constexpr std::size_t kRatioKnots = 24; // log2 of inflated by packed, a quarter apart, from 1/2
inline constexpr std::size_t kSizesWidth = kSizeKnots + kRatioKnots, kSizesMost = 4;
void add_sizes(const Source& source, std::size_t first, Row& row); // nothing where they are not known
deflate::Fault read_sizes(const Source& source, Row& row);

inline constexpr std::size_t kR1Width = 3 + 32 + 32 + 16 + kSizesWidth, kR1Most = 4;
inline constexpr std::size_t kR1SourceBytes = 8; // zlib's header, and 17 bits
deflate::Fault read_r1(const Source& source, Row& row);

} // namespace packscope::learn
