// Git trees: entry := mode(octal digits) ' ' name '\0' id
#pragma once

#include "pack/object.h"
#include "pack/store.h"

#include <functional>

namespace packscope::pack {

struct TreeEntry {
  std::uint32_t mode;    // 0100644, 0100755, 0120000 link, 040000 tree, 0160000 gitlink
  std::string_view name; // one path component, raw bytes
  ObjectId id;
};
inline bool is_tree(std::uint32_t mode) { return (mode & 0170000) == 0040000; }
inline bool is_file(std::uint32_t mode) { return (mode & 0170000) == 0100000; }
inline bool is_link(std::uint32_t mode) { return (mode & 0170000) == 0120000; }
inline bool is_gitlink(std::uint32_t mode) { return (mode & 0170000) == 0160000; }

// An entry as it lies, `size` bytes in all.
struct RawTreeEntry {
  std::uint32_t mode;
  std::string_view name;
  Bytes id;
  std::size_t size;
};
// The entry at the start of `tree`; nullopt where it is none.
std::optional<RawTreeEntry> first_tree_entry(Bytes tree, std::size_t id_size);

class TreeReader {
public:
  explicit TreeReader(Bytes tree, HashKind hash = HashKind::sha1) : tree_(tree), hash_(hash) {}
  bool next(TreeEntry& entry);          // false at the end, or with fault() == tree
  Fault fault() const { return fault_; }

private:
  Bytes tree_;
  HashKind hash_;
  Fault fault_ = Fault::none;
};

struct PathVisitor {
  std::function<void(const std::string& path, const TreeEntry&)> entry; // blobs, links and gitlinks, in tree order
  std::function<void(const Error&)> error;                              // a tree that cannot be read; the walk goes on
  // Optional. False: the tree is not entered (it was seen before).
  std::function<bool(const std::string& path, const TreeEntry&)> descend = {};
  // Optional. A tree that the store lacks, as a partial clone may; without this, an error.
  std::function<void(const std::string& path, const ObjectId&)> missing = {};
  // Optional. A tree that was read before, or null.
  std::function<ObjectPtr(const ObjectId&)> known = {};
  // Longer paths are an error each, and not entered. No checkout could hold them.
  std::size_t max_path = std::size_t{1} << 15;
  // A few trees that name each other ten times a level make 10^n paths; no real tree comes near this many.
  std::uint64_t max_entries = std::uint64_t{1} << 26;
};
// Walks the tree `root` and all below it, a tree's entries in the order in which git keeps them. Depth is bounded (4096) so that a hostile pack cannot overflow the stack.
void walk_tree(Store& store, const ObjectId& root, const PathVisitor& visitor);

} // namespace packscope::pack
