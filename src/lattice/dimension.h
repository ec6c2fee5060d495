// lattice: what many packs together say of compressed bytes: clues, the evidence for each, files of them that join.
// This file: the dimensions in which a blob gives clues, and a clue's key.
//
//   key := dimension:5 hash:59         big endian in the file, so that a dimension's clues lie together
//
// The numbers are part of the format: a new dimension takes an unused one; what a dimension means changes with kSchema.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <span>
#include <string_view>

namespace packscope::lattice {

enum class Dimension : std::uint8_t {
  header = 0,      // one record: the file's own
  repository = 1,  // one a repository: its languages and objects
  total = 2,       // one record: all of them
  // Clues, exact to coarse.
  object = 3,      // the blob's id
  delta = 4,       // the id of the plain object that a delta stands on
  raw64 = 5,       // the first bytes of the DEFLATE stream, as they lie
  raw32 = 6,
  raw16 = 7,
  lengths = 8,     // all code lengths of the first block, where it sends its codes
  symbols16 = 9,   // the first symbols
  symbols8 = 10,
  symbols6 = 11,
  symbols4 = 12,
  symbols2 = 13,
  inner = 14,       // four symbols in a row, further on among the first sixteen: three clues a blob
  punctuation = 15, // which punctuation has a code
  shortest = 16,    // which characters have the shortest codes, and one bit more
  profile = 17,     // how short the codes of five characters are: a clue for each of eight groups
  trailer = 31,    // one record: how many there were, and their checksum
};
inline constexpr Dimension kFirstClue = Dimension::object, kLastClue = Dimension::profile;
inline constexpr unsigned kDimensions = 18; // that have a name; the trailer aside

std::string_view name(Dimension dimension);             // "symbols16"
std::optional<Dimension> parse_dimension(std::string_view text); // of the clues

inline constexpr unsigned kHashBits = 59;
constexpr std::uint64_t key_of(Dimension dimension, std::uint64_t hash) {
  return static_cast<std::uint64_t>(dimension) << kHashBits | hash >> (64 - kHashBits);
}
constexpr Dimension dimension_of(std::uint64_t key) { return static_cast<Dimension>(key >> kHashBits); }

// Is part of the format, as what follows: both halves of a product.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

// Sixteen bytes at a time, then what is left of them, which may overlap, and the length.
inline std::uint64_t hash_bytes(Bytes bytes, std::uint64_t seed = 0) {
  constexpr std::uint64_t kFirst = 0x9e3779b97f4a7c15u, kSecond = 0xbf58476d1ce4e5b9u;
  const auto word = [](const std::uint8_t* at) { return load_le<std::uint64_t>(at); };
  const auto half = [](const std::uint8_t* at) -> std::uint64_t { return load_le<std::uint32_t>(at); };
  std::uint64_t hash = (seed ^ kSecond) * kFirst + bytes.size();
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 16; at += 16, left -= 16) hash = fold(word(at) ^ kFirst, word(at + 8) ^ hash) + hash;
  std::uint64_t low = 0, high = 0;
  if (left >= 8) low = word(at), high = word(at + left - 8);
  else if (left >= 4) low = half(at), high = half(at + left - 4);
  else if (left > 0) low = at[0] | at[left / 2] << 8 | at[left - 1] << 16;
  return fold(fold(low ^ kFirst, high ^ hash) ^ kSecond, hash ^ kFirst);
}

} // namespace packscope::lattice
