// What a blob's stream gives away before it is inflated: a key in each dimension.
//
// Up to a header and sixteen symbols are read, nothing is copied or allocated; all of it is a function of the stream.
#pragma once

#include "deflate/fault.h"
#include "lattice/dimension.h"

#include <array>

namespace packscope::lattice {

// The characters of dimension `character`: white space and ASCII that is no letter, and the letters.
inline constexpr unsigned kCharacters = 98; // '\t', '\n', '\r', ' ' … '~'
constexpr unsigned character(unsigned index) { return index < 2 ? 9 + index : index == 2 ? 13 : 32 + index - 3; }

struct Clues {
  std::array<std::uint64_t, kDimensions> key = {}; // by dimension
  std::uint32_t present = 0;                       // a bit a dimension
  bool dynamic = false;                            // the first block sends its codes
  std::array<std::uint8_t, kCharacters> lengths = {}; // of their codes; 0: not used

  bool has(Dimension dimension) const { return present >> static_cast<unsigned>(dimension) & 1; }
  std::uint64_t of(Dimension dimension) const { return key[static_cast<std::size_t>(dimension)]; }
  void set(Dimension dimension, std::uint64_t hash) {
    key[static_cast<std::size_t>(dimension)] = key_of(dimension, hash);
    present |= 1u << static_cast<unsigned>(dimension);
  }
};

// Lengths above this are one clue.
inline constexpr unsigned kMostLength = 12;
std::uint64_t character_key(unsigned index, unsigned length);

std::uint64_t object_key(Dimension dimension, Bytes id); // object, delta

// `zlib`: the stream, and no byte after it. After a fault the clues before it stand.
deflate::Fault read_clues(Bytes zlib, Clues& clues);

} // namespace packscope::lattice
