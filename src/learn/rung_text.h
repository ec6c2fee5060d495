// R4 and R5: the text itself, its first bytes or (nearly) all of it. What the rungs below are held against.
//
//   R4   := lengths of R2  text      of the first 512 bytes
//   R5   := sizes  text              of the first 64 KiB
//   text := byte{256}  first{8 * 64}  hash{buckets}
//   first := hash of each of the first 8 bytes with its place
//   hash  := triples of bytes; words (letters, digits, _); words of the first line, apart
//
// A byte, triple or word that comes n times counts 1 + log2 n, and the text is brought to length 4: a long one is not
// louder than a short one. R4 keeps what the rungs below it read: the code lengths speak for the whole block, of which 512
// bytes are the beginning only.
#pragma once

#include "learn/rung_r2.h"

namespace packscope::learn {

inline constexpr std::size_t kTextFirst = 256, kTextHash = kTextFirst + 512; // from where the text's features begin
inline constexpr std::size_t kR4Bytes = 512, kR4Buckets = 4096, kR4Width = kR2LengthsWidth + kTextHash + kR4Buckets,
                             kR4FoldedWidth = kR2FoldedLengthsWidth + kTextHash + kR4Buckets;
inline constexpr std::size_t kR5Bytes = 65536, kR5Buckets = 6144, kR5Width = kSizesWidth + kTextHash + kR5Buckets;
constexpr std::size_t text_most(std::size_t bytes, std::size_t buckets) { // features of the text
  const std::size_t features = 8 + 256 + 3 * bytes, all = kTextHash + buckets;
  return features < all ? features : all;
}

deflate::Fault read_r4(const Source& source, Row& row);
deflate::Fault read_r5(const Source& source, Row& row);
void fold_r4(const FirstLayer& from, float* to);

// The first bytes of a zlib stream's text, at most out.size(): `made` of them. `first`: takes the first block's header.
deflate::Fault inflate_prefix(Bytes zlib, std::span<std::uint8_t> out, std::size_t& made, deflate::BlockHeader* first = nullptr);

} // namespace packscope::learn
