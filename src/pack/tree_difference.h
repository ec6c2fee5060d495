// What one tree has that another has not: a delta's tree against its base's, most of whose bytes are the same.
//
// Both are sorted lists of entries. Where the two lists are equal, memcmp's speed finds how far; where they differ, the
// child's entry is taken and both lists advance as in a merge. Entries are compared where they begin, so that nothing a
// delta copies is mistaken for an entry that it is not. Private to the room.
#pragma once

#include "pack/tree.h"

#include <algorithm>
#include <cstring>

namespace packscope::pack {

// How many bytes two trees have in common at their beginnings.
inline std::size_t equal_bytes(Bytes child, Bytes base) {
  const std::size_t most = std::min(child.size(), base.size());
  std::size_t equal = 0;
  constexpr std::size_t kWord = 8, kStride = 4 * kWord;
  const auto differ = [&](std::size_t at) {
    return load_le<std::uint64_t>(child.data() + at) ^ load_le<std::uint64_t>(base.data() + at);
  };
  while (equal + kStride <= most &&
         (differ(equal) | differ(equal + kWord) | differ(equal + 2 * kWord) | differ(equal + 3 * kWord)) == 0)
    equal += kStride;
  while (equal < most && child[equal] == base[equal]) ++equal;
  return equal;
}

// Calls same(bytes of an entry that both have), ours(RawTreeEntry of the child alone), theirs(RawTreeEntry of the base
// alone), each in the order of its tree. `base` was read before, so that its entries are known to be whole. False: the
// child holds what is no entry, and the rest is left out.
template <class Same, class Ours, class Theirs>
bool tree_difference(Bytes child, Bytes base, std::size_t id_size, Same same, Ours ours, Theirs theirs) {
  for (;;) {
    const std::size_t equal = equal_bytes(child, base);
    std::size_t whole = 0;
    while (whole < equal) { // only the ends of entries are looked for
      const void* const nul = std::memchr(base.data() + whole, 0, equal - whole);
      if (nul == nullptr) break;
      const std::size_t end = static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - base.data()) + 1 + id_size;
      if (end > equal) break;
      same(base.subspan(whole, end - whole));
      whole = end;
    }
    child = child.subspan(whole);
    base = base.subspan(whole);
    if (child.empty()) return true;
    const std::optional<RawTreeEntry> left = first_tree_entry(child, id_size);
    if (!left) return false;
    const std::optional<RawTreeEntry> right = first_tree_entry(base, id_size);
    const int compared = right ? left->name.compare(right->name) : -1;
    if (compared <= 0) {
      ours(*left);
      child = child.subspan(left->size);
    }
    if (compared >= 0) {
      theirs(*right);
      base = base.subspan(right->size);
    }
  }
}

} // namespace packscope::pack
