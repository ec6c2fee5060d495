// The walk of source_tree.h. Like Linux, at most 40 links a path, and a link's text is at most 4096 bytes.
#include "compile/source_tree.h"

#include <deque>

namespace packscope::compile {
namespace {

constexpr unsigned kLinks = 40;
constexpr std::uint64_t kLinkText = 4096;

bool reachable(std::string_view name) { // by a path
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

// The names of `path` before those of `rest`.
void push_names(std::string_view path, std::deque<std::string>& rest) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    names.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  rest.insert(rest.begin(), names.begin(), names.end());
}

Node outside(const char* why) { return {.kind = NodeKind::outside, .why = why}; }
Node damaged(const char* why) { return {.kind = NodeKind::damaged, .why = why}; }

} // namespace

struct SourceTree::Step {
  std::string path;
  pack::ObjectId id;
};

const SourceTree::Folder* SourceTree::folder(const pack::ObjectId& id) {
  if (const auto known = folders_.find(id); known != folders_.end()) return &known->second;
  Result<pack::ObjectPtr> tree = store_.read(id);
  if (!tree || (*tree)->type != pack::ObjectType::tree) return nullptr;
  Folder made = {.keep = std::move(*tree), .entries = {}};
  pack::TreeReader reader({made.keep->data.data(), made.keep->data.size()}, id.kind);
  for (pack::TreeEntry entry; reader.next(entry);)
    if (reachable(entry.name)) made.entries.try_emplace(entry.name, entry); // of one name, the first: git's own choice
  if (reader.fault() != pack::Fault::none) return nullptr;
  return &folders_.emplace(id, std::move(made)).first->second;
}

std::uint64_t SourceTree::number_of(const std::string& path) { return numbers_.try_emplace(path, numbers_.size() + 1).first->second; }

Node SourceTree::find(std::string_view path) {
  std::vector<Step> stack = {{"", root_}};
  std::deque<std::string> rest;
  push_names(path, rest);
  unsigned links = 0;
  while (!rest.empty()) {
    const std::string name = std::move(rest.front());
    rest.pop_front();
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      if (stack.size() == 1) return outside("leads out of the revision's tree");
      stack.pop_back();
      continue;
    }
    const Folder* here = folder(stack.back().id);
    if (here == nullptr) return damaged("lies in a tree that cannot be read");
    const auto found = here->entries.find(name);
    if (found == here->entries.end() || pack::is_gitlink(found->second.mode)) return {};
    const pack::TreeEntry& entry = found->second;
    std::string full = stack.back().path + (stack.back().path.empty() ? "" : "/") + name;
    if (pack::is_tree(entry.mode)) {
      stack.push_back({std::move(full), entry.id});
    } else if (pack::is_link(entry.mode)) {
      if (++links > kLinks) return outside("too many links, or a circle of them");
      const Result<pack::ObjectPtr> target = store_.read(entry.id);
      if (!target || (*target)->type != pack::ObjectType::blob) return damaged("a link that cannot be read");
      const std::string_view text = as_text({(*target)->data.data(), (*target)->data.size()});
      if (text.empty() || text.size() > kLinkText || text.find('\0') != std::string_view::npos) return outside("a link to no path");
      if (text.front() == '/') return outside("a link leads out of the revision's tree");
      push_names(text, rest);
    } else {
      // What follows a file can only be white space of paths.
      for (const std::string& more : rest)
        if (!more.empty()) return {};
      const std::uint64_t number = number_of(full);
      return {.kind = NodeKind::file, .number = number, .path = std::move(full), .id = entry.id};
    }
  }
  const std::uint64_t number = number_of(stack.back().path);
  return {.kind = NodeKind::folder, .number = number, .path = std::move(stack.back().path), .id = stack.back().id};
}

std::vector<SourceTree::Name> SourceTree::list(const Node& node) {
  std::vector<Name> names;
  const Folder* here = folder(node.id);
  if (here == nullptr) return names;
  pack::TreeReader reader({here->keep->data.data(), here->keep->data.size()}, node.id.kind);
  for (pack::TreeEntry entry; reader.next(entry);)
    if (reachable(entry.name) && !pack::is_gitlink(entry.mode))
      names.push_back({std::string(entry.name), pack::is_tree(entry.mode) ? NodeKind::folder : NodeKind::file});
  return names;
}

} // namespace packscope::compile
