// Trees and the walk over them; see tree.h. The walk keeps its own stack of open trees: depth costs heap
// only.
#include "pack/tree.h"

#include <algorithm>

namespace packscope::pack {

bool TreeReader::next(TreeEntry& entry) {
  if (fault_ != Fault::none || tree_.empty()) return false;
  const std::string_view text = as_text(tree_);
  const std::size_t space = text.find(' '), id = hash_size(hash_);
  std::uint32_t mode = 0;
  // Seven octal digits hold every mode that git has written (six, and old zero-padded ones).
  bool good = space != text.npos && space > 0 && space <= 7;
  for (std::size_t i = 0; good && i < space; ++i) {
    good = text[i] >= '0' && text[i] <= '7';
    mode = mode << 3 | static_cast<std::uint32_t>(text[i] - '0');
  }
  const std::size_t nul = good ? text.find('\0', space) : text.npos;
  if (nul == text.npos || nul == space + 1 || text.size() - nul - 1 < id) {
    fault_ = Fault::tree;
    return false;
  }
  entry = {mode, text.substr(space + 1, nul - space - 1), ObjectId::from(tree_.subspan(nul + 1, id))};
  tree_ = tree_.subspan(nul + 1 + id);
  return true;
}

void walk_tree(Store& store, const ObjectId& root, const PathVisitor& visitor) {
  constexpr std::size_t kMaxDepth = 4096;
  struct Open {
    Location at;
    ObjectPtr tree; // keeps the reader's bytes
    TreeReader reader;
    std::size_t path_length;
  };
  std::vector<Open> stack;
  std::string path;
  std::uint64_t entries = 0;

  // What is wrong with an entry is said of the tree that holds it.
  const auto broken = [&](const std::string& what) {
    Error error = {what};
    if (stack.empty()) return visitor.error(error);
    error.file = store.file_of(stack.back().at);
    error.offset = store.offset_of(stack.back().at);
    visitor.error(error);
  };
  const auto open = [&](const ObjectId& id) {
    const std::optional<Location> at = store.find(id);
    if (!at) {
      if (visitor.missing)
        visitor.missing(path, id);
      else
        broken("tree " + id.hex() + " of path '" + path + "' is missing");
      return;
    }
    const Outcome<ObjectPtr> object = store.read(*at);
    if (!object) return visitor.error(store.error(*at, object.error()));
    if ((*object)->type != ObjectType::tree)
      return visitor.error(store.error(*at, Failure{Fault::tree, store.offset_of(*at)}));
    stack.push_back({*at, *object, TreeReader((*object)->data, id.kind), path.size()});
  };

  open(root);
  while (!stack.empty()) {
    Open& top = stack.back();
    path.resize(top.path_length);
    TreeEntry entry;
    if (!top.reader.next(entry)) {
      if (top.reader.fault() != Fault::none)
        visitor.error(store.error(top.at, Failure{Fault::tree, store.offset_of(top.at)}));
      stack.pop_back();
      continue;
    }
    if (++entries > visitor.max_entries)
      return broken("tree " + root.hex() + " has more than " + std::to_string(visitor.max_entries) + " paths");
    if (!path.empty()) path += '/';
    path += entry.name;
    if (!is_tree(entry.mode))
      visitor.entry(path, entry);
    else if (visitor.descend && !visitor.descend(path, entry))
      continue;
    else if (stack.size() < kMaxDepth)
      open(entry.id);
    else
      broken("tree " + entry.id.hex() + " lies deeper than " + std::to_string(kMaxDepth) + " folders");
  }
}

} // namespace packscope::pack
