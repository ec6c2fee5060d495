// The dimensions' names.
#include "lattice/dimension.h"

#include <array>

namespace packscope::lattice {

static constexpr std::array<std::string_view, kDimensions> kDimensionNames = {
    "header",    "repository", "total",    "object",   "delta",    "raw64", "raw32",       "raw16",    "lengths",
    "symbols16", "symbols8",   "symbols6", "symbols4", "symbols2", "inner", "punctuation", "shortest", "profile"};

std::string_view name(Dimension dimension) {
  const std::size_t at = static_cast<std::size_t>(dimension);
  return at < kDimensionNames.size() ? kDimensionNames[at] : "trailer";
}

std::optional<Dimension> parse_dimension(std::string_view text) {
  for (std::size_t at = static_cast<std::size_t>(kFirstClue); at <= static_cast<std::size_t>(kLastClue); ++at)
    if (kDimensionNames[at] == text) return static_cast<Dimension>(at);
  return std::nullopt;
}

} // namespace packscope::lattice
