// The leaf name (last path component) of every blob that any tree of a store names, without walking paths.
//
// Each tree is read once, where the resolver makes it; of a tree that is a delta only the entries are looked at that
// its base has not. So a history costs its differences, not its commits times its files.
#pragma once

#include "pack/store.h"

#include <string_view>
#include <vector>

namespace packscope::pack {

class LeafNames {
public:
  // All trees, reachable or not. A tree that cannot be read goes to `error` (called by one thread at a time).
  static LeafNames of(Store& store, unsigned threads, std::uint64_t memory,
                      const std::function<void(const Error&)>& error);

  // Of several names the one in the tree that lies first (and there first); empty: no tree names it.
  std::string_view of(Location blob) const;
  // Does any tree have it as a symbolic link: its text is a path then, whatever its name ends in.
  bool is_link(Location blob) const { return links_[slot(blob)] != 0; }
  std::uint64_t named() const; // how many objects have a name

private:
  friend class LeafNamer;
  std::size_t slot(Location at) const { return first_slot_[at.pack == kLoose ? first_slot_.size() - 1 : at.pack] + at.entry; }

  std::vector<std::size_t> first_slot_;   // by pack; the last: of loose objects
  std::vector<std::uint32_t> name_of_;    // by slot: 1 + index into names_; 0: none
  std::vector<std::uint8_t> links_;       // by slot
  std::vector<std::string_view> names_;   // into arenas_
  std::vector<std::unique_ptr<char[]>> arenas_;
};

} // namespace packscope::pack
