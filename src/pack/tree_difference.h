// What one tree has that another has not: a delta's tree against its base's, most of whose bytes are the same.
//
// Both are sorted lists of entries. Where the two lists are equal, memcmp's speed finds how far; where they differ, the
// child's entry is taken and both lists advance as in a merge. Entries are compared where they begin, so that nothing a
// delta copies is mistaken for an entry that it is not. Private to the room.
#pragma once

#include "pack/tree.h"

#include <algorithm>
#include <bit>
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
  for (; equal + kWord <= most; equal += kWord)
    if (const std::uint64_t bits = differ(equal); bits != 0) return equal + static_cast<std::size_t>(std::countr_zero(bits)) / 8;
  while (equal < most && child[equal] == base[equal]) ++equal;
  return equal;
}

// Calls ours(RawTreeEntry of the child alone, where it ends) and theirs(RawTreeEntry of the base alone, where it ends),
// each in the order of its tree, and between them skip(place in the child, place in the base, how many equal bytes follow):
// it says how many of these are known to be whole entries, 0 if it doesn't know. `base` was read before, so that its entries
// are known to be whole. False: the child holds what is no entry, and the rest is left out.
template <class Skip, class Ours, class Theirs>
bool tree_difference(Bytes child, Bytes base, std::size_t id_size, Skip skip, Ours ours, Theirs theirs) {
  for (std::size_t at = 0, there = 0;;) {
    const Bytes rest = base.subspan(there);
    const std::size_t equal = equal_bytes(child.subspan(at), rest);
    std::size_t whole = skip(at, there, equal);
    if (equal == rest.size() && at + equal == child.size()) return true;
    while (whole < equal) { // only the ends of entries are looked for
      const void* const nul = std::memchr(rest.data() + whole, 0, equal - whole);
      if (nul == nullptr) break;
      const std::size_t end = static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - rest.data()) + 1 + id_size;
      if (end > equal) break;
      whole = end;
    }
    at += whole;
    there += whole;
    if (at == child.size()) return true;
    const std::optional<RawTreeEntry> left = first_tree_entry(child.subspan(at), id_size);
    if (!left) return false;
    const std::optional<RawTreeEntry> right = first_tree_entry(base.subspan(there), id_size);
    const int compared = right ? left->name.compare(right->name) : -1;
    if (compared <= 0) ours(*left, at += left->size);
    if (compared >= 0) theirs(*right, there += right->size);
  }
}

} // namespace packscope::pack
