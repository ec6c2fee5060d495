// R4 and R5: the text itself, its first bytes or (nearly) all of it. What the rungs below are held against.
//
//   features := sizes  byte{256}  first{64 * 8}  hash{4096}
//   first    := hash of each of the first 8 bytes with its place
//   hash     := triples of bytes; words (letters, digits, _); words of the first line, apart
//
// A byte, triple or word that comes n times counts 1 + log2 n, and the row is brought to length 4: a long text is not
// louder than a short one.
#pragma once

#include "learn/rung_r1.h"

namespace packscope::learn {

inline constexpr std::size_t kTextBytes = kSizesWidth, kTextFirst = kTextBytes + 256, kTextHash = kTextFirst + 512,
                             kTextBuckets = 6144, kTextWidth = kTextHash + kTextBuckets;
constexpr std::size_t text_most(std::size_t bytes) {
  const std::size_t features = kSizesMost + 8 + 256 + 3 * bytes;
  return features < kTextWidth ? features : kTextWidth;
}

deflate::Fault read_text_features(const Source& source, std::size_t limit, Row& row);

template <std::size_t limit>
deflate::Fault read_text(const Source& source, Row& row) {
  return read_text_features(source, limit, row);
}

// The first bytes of a zlib stream's text, at most out.size(): `made` of them.
deflate::Fault inflate_prefix(Bytes zlib, std::span<std::uint8_t> out, std::size_t& made);

} // namespace packscope::learn
