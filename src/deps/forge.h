// Public forges: which hosts have repositories as owner/name, and what of a path on them is the repository. Private to the
// room.
#pragma once

#include <span>
#include <string_view>

namespace packscope::deps {

struct Forge {
  std::string_view host;
  std::string_view shorthand; // of flakes
  bool groups = false;        // owner may be a path: group/subgroup
};
std::span<const Forge> forges();
const Forge* forge_of(std::string_view host); // null: of no known one

// "owner/name", or with groups "group/sub/name", of a path on a forge; empty: there is none.
std::string_view project_of(const Forge& forge, std::string_view path);
// Without slashes, punctuation and ".git" at its end, however many.
std::string_view without_git(std::string_view path);

} // namespace packscope::deps
