// Trees and the walk over them; see tree.h. The walk keeps its own stack of open trees: depth costs heap
// only.
#include "pack/tree.h"

#include <algorithm>

namespace packscope::pack {

std::optional<RawTreeEntry> first_tree_entry(Bytes tree, std::size_t id_size) {
  constexpr std::size_t kMostDigits = 7; // git writes six; old writers padded with a zero
  const std::string_view text = as_text(tree);
  std::uint32_t mode = 0;
  std::size_t space = 0;
  for (; space < text.size() && text[space] >= '0' && text[space] <= '7'; ++space)
    mode = mode << 3 | static_cast<std::uint32_t>(text[space] - '0');
  if (space == 0 || space > kMostDigits || space == text.size() || text[space] != ' ') return {};
  const std::size_t nul = text.find('\0', space);
  if (nul == text.npos || nul == space + 1 || text.size() - nul - 1 < id_size) return {};
  return RawTreeEntry{mode, text.substr(space + 1, nul - space - 1), tree.subspan(nul + 1, id_size), nul + 1 + id_size};
}

bool TreeReader::next(TreeEntry& entry) {
  if (fault_ != Fault::none || tree_.empty()) return false;
  const std::optional<RawTreeEntry> raw = first_tree_entry(tree_, hash_size(hash_));
  if (!raw) {
    fault_ = Fault::tree;
    return false;
  }
  entry = {raw->mode, raw->name, ObjectId::from(raw->id)};
  tree_ = tree_.subspan(raw->size);
  return true;
}

void walk_tree(Store& store, const ObjectId& root, const PathVisitor& visitor) {
  constexpr std::size_t kMaxDepth = 4096;
  struct Open {
    ObjectId id;
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
    const std::optional<Location> at = stack.empty() ? std::nullopt : store.find(stack.back().id);
    if (at) {
      error.file = store.file_of(*at);
      error.offset = store.offset_of(*at);
    }
    visitor.error(error);
  };
  const auto broken_tree = [&](const ObjectId& id) {
    if (const std::optional<Location> at = store.find(id))
      visitor.error(store.error(*at, Failure{Fault::tree, store.offset_of(*at)}));
  };
  const auto open = [&](const ObjectId& id) {
    ObjectPtr tree = visitor.known ? visitor.known(id) : nullptr;
    if (!tree) tree = store.peek(id);
    if (tree && tree->type == ObjectType::tree) {
      const Bytes data = tree->data;
      return stack.push_back({id, std::move(tree), TreeReader(data, id.kind), path.size()});
    }
    const std::optional<Location> at = store.contains(id) ? store.find(id) : std::nullopt;
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
    stack.push_back({id, *object, TreeReader((*object)->data, id.kind), path.size()});
  };

  open(root);
  while (!stack.empty()) {
    Open& top = stack.back();
    path.resize(top.path_length);
    TreeEntry entry;
    if (!top.reader.next(entry)) {
      if (top.reader.fault() != Fault::none)
        broken_tree(top.id);
      stack.pop_back();
      continue;
    }
    if (++entries > visitor.max_entries)
      return broken("tree " + root.hex() + " has more than " + std::to_string(visitor.max_entries) + " paths");
    if (!path.empty()) path += '/';
    path += entry.name;
    if (path.size() > visitor.max_path) {
      broken("tree " + root.hex() + " has a path longer than " + std::to_string(visitor.max_path) + " bytes");
      continue;
    }
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
