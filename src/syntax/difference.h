// Inside the room: what of one text is not in another, as edits; a version of a file differs from the one before in few places.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace packscope::syntax {

// The bytes [old_begin, old_end) of the old text became [new_begin, new_end) of the new one.
struct Edit {
  std::uint32_t old_begin, old_end, new_begin, new_end;
};

// In order, disjoint, at whole lines but for the first's beginning and the last's end; what lies between is the same. Empty: the
// texts are equal. Texts that have little in common are one edit, or a few; time is bounded: some hundred ms at worst, for 20,000 lines each.
std::vector<Edit> difference(std::string_view old_text, std::string_view new_text);

} // namespace packscope::syntax
