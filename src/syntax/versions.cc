// The rest of a version where that is enough, else all of it.
#include "syntax/versions.h"

#include <algorithm>

namespace packscope::syntax {

// Some grammars' scanners (Python's, the shell's) keep something of the text before, unless they are made anew.
Versions::Tree Versions::parse(std::string_view text) {
  trees_.set_language(language_);
  return Tree(trees_.parse(text, limit_, watch_, how_, types_.comment()));
}

const Versions::Known* Versions::nearest(const Lines& lines) const {
  const Known* found = nullptr;
  unsigned most = 0;
  for (const Known& known : known_) {
    const unsigned alike = known.lines.alike(lines);
    if (alike < std::max(most, 1U)) continue;
    most = alike;
    found = &known;
  }
  return found;
}

bool Versions::by_rest(const Known& before, std::string_view text, std::span<const Edit> edits, Version& out) {
  if (!rest_.make(before.version.items, before.lines.text(), text, edits)) return false;
  const Tree tree = parse(rest_.text());
  if (tree == nullptr || trees_.looked_far()) return false;
  const TSNode root = ts_tree_root_node(tree.get());
  return !ts_node_has_error(root) && walk_rest(root, types_, rest_, before.version, out);
}

void Versions::keep(Known known) {
  std::size_t text = known.lines.text().size(), kept = 0;
  while (kept < std::min(known_.size(), kKept - 1)) {
    text += known_[known_.size() - 1 - kept].lines.text().size();
    if (text > kKeptText) break;
    ++kept;
  }
  known_.erase(known_.begin(), known_.end() - static_cast<std::ptrdiff_t>(kept));
  known_.push_back(std::move(known));
}

const Parsed* Versions::next(std::string_view text) {
  Lines lines(text);
  const Known* const before = nearest(lines);
  const std::vector<Edit> edits = before != nullptr ? difference(before->lines, lines) : std::vector<Edit>();
  Version now;
  if (before != nullptr && edits.empty()) {
    now = before->version;
  } else if (before == nullptr || !by_rest(*before, text, edits, now)) {
    now = {};
    const Tree tree = parse(text);
    if (tree == nullptr) return nullptr;
    const TSNode root = ts_tree_root_node(tree.get());
    walk_version(root, types_, text, now);
    if (now.parsed.has_error || trees_.looked_far()) {
      doubtful_ = std::move(now.parsed);
      return &doubtful_;
    }
  }
  keep({std::move(lines), std::move(now)});
  return &known_.back().version.parsed;
}

} // namespace packscope::syntax
