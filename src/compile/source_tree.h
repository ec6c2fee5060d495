// One revision of a pack as a file system that can only be read: what a compiler sees of it.
//
// The one idea: a path is walked name by name through tree objects, links included, on a stack that ends at the root. ".."
// pops the stack, so nothing that a tree says leads out of it; names that a file system would read as something else
// ("", ".", "..", with a slash) are never asked for, so entries of that name cannot be reached.
#pragma once

#include "pack/store.h"
#include "pack/tree.h"

#include <unordered_map>

namespace packscope::compile {

// outside: the path leads out of the tree, or nowhere by links; damaged: an object on the way cannot be read.
enum class NodeKind : std::uint8_t { missing, file, folder, outside, damaged };

struct Node {
  NodeKind kind = NodeKind::missing;
  std::uint64_t number = 0;       // the same for one place, whichever links led there; like an inode's
  std::string path = {};          // without links, "." and ".."
  pack::ObjectId id = {};         // of the blob or tree
  const char* why = "";           // of what is outside or damaged: "a link leads out of the tree"
};

class SourceTree {
public:
  SourceTree(pack::Store& store, const pack::ObjectId& root) : store_(store), root_(root) {}

  // `path`: from the root, names between slashes.
  Node find(std::string_view path);
  // The file's bytes; an Error that names the object where it cannot be read.
  Result<pack::ObjectPtr> read(const Node& file) { return store_.read(file.id); }
  // Names in a folder, in the order of the tree: files, folders and links; nothing that could not be found().
  struct Name {
    std::string name;
    NodeKind kind;
  };
  std::vector<Name> list(const Node& folder);

private:
  struct Folder {
    pack::ObjectPtr keep; // the names lie in it
    std::unordered_map<std::string_view, pack::TreeEntry> entries;
  };
  struct Step;
  const Folder* folder(const pack::ObjectId& id);
  std::uint64_t number_of(const std::string& path);

  pack::Store& store_;
  pack::ObjectId root_;
  std::unordered_map<pack::ObjectId, Folder, pack::ObjectIdHash> folders_;
  std::unordered_map<std::string, std::uint64_t> numbers_;
};

} // namespace packscope::compile
