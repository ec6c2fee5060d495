// What a blob's stream gives away before it is inflated: a key in each dimension.
//
// Sixteen symbols are read, and the headers of the blocks before and around them; nothing is copied or allocated; all of it is a function of the stream.
#pragma once

#include "deflate/fault.h"
#include "lattice/dimension.h"

#include <array>

namespace packscope::lattice {

inline constexpr unsigned kInner = 3, kGroups = 8, kGroupCharacters = 5, kProfiles = 1 << (2 * kGroupCharacters);

struct Clues {
  std::array<std::uint64_t, kDimensions> key = {}; // by dimension; inner and profile have their own below
  std::uint32_t present = 0;                       // a bit a dimension
  unsigned inner_count = 0;
  std::array<std::uint64_t, kInner> inner = {};         // keys
  std::array<std::uint16_t, kGroups> profile = {};      // below kProfiles, where that is present

  bool has(Dimension dimension) const { return present >> static_cast<unsigned>(dimension) & 1; }
  bool dynamic() const { return has(Dimension::profile); } // the first block sends its codes
  std::uint64_t of(Dimension dimension) const { return key[static_cast<std::size_t>(dimension)]; }
  void set(Dimension dimension, std::uint64_t hash) {
    key[static_cast<std::size_t>(dimension)] = key_of(dimension, hash);
    present |= 1u << static_cast<unsigned>(dimension);
  }
};

// Where a group's profile stands among those of all groups.
constexpr std::size_t profile_place(unsigned group, unsigned profile) { return std::size_t{group} * kProfiles + profile; }
std::uint64_t profile_key(unsigned group, unsigned profile);

std::uint64_t object_key(Dimension dimension, Bytes id); // object, delta

// `zlib`: the stream, and no byte after it. After a fault the clues before it stand.
deflate::Fault read_clues(Bytes zlib, Clues& clues);

} // namespace packscope::lattice
