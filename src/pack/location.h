// Where in a Store an object's bytes lie: a pair of numbers, cheap to keep by the million.
#pragma once

#include <compare>
#include <cstdint>

namespace packscope::pack {

inline constexpr std::uint32_t kLoose = UINT32_MAX;

// Loose objects follow the packs in numbering.
struct Location {
  std::uint32_t pack = 0;  // index into Store::packs(), or kLoose
  std::uint32_t entry = 0; // entry of that pack, or index of the loose object
  auto operator<=>(const Location&) const = default;
};

} // namespace packscope::pack
