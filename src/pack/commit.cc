// Commits and tags; see commit.h for the grammar.
#include "pack/commit.h"

#include <charconv>

namespace packscope::pack {

// Takes "KEY hex\n" off the front.
static std::optional<ObjectId> take_id(std::string_view& text, std::string_view key) {
  if (!text.starts_with(key)) return {};
  const std::size_t end = text.find('\n');
  if (end == text.npos) return {};
  const std::optional<ObjectId> id = ObjectId::parse(text.substr(key.size(), end - key.size()));
  if (id) text.remove_prefix(end + 1);
  return id;
}

std::optional<Commit> parse_commit(Bytes bytes) {
  std::string_view text = as_text(bytes);
  const std::optional<ObjectId> tree = take_id(text, "tree ");
  if (!tree) return {};
  Commit commit = {*tree, {}, 0};
  while (const std::optional<ObjectId> parent = take_id(text, "parent ")) commit.parents.push_back(*parent);
  const std::string_view headers = text.substr(0, text.find("\n\n"));
  const std::size_t committer = headers.find("committer ");
  if (committer == headers.npos) return commit;
  const std::string_view line = headers.substr(committer, headers.find('\n', committer) - committer);
  const std::size_t time = line.rfind("> ");
  if (time != line.npos) std::from_chars(line.data() + time + 2, line.data() + line.size(), commit.time);
  return commit;
}

std::optional<ObjectId> parse_tag(Bytes bytes) {
  std::string_view text = as_text(bytes);
  return take_id(text, "object ");
}

} // namespace packscope::pack
