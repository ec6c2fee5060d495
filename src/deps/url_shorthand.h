// "github:owner/name", as flakes spell a repository; the grammar is in url.h. Private to the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace packscope::deps {

struct Shorthand {
  std::string_view owner, name, rest; // rest: ref or rev
  std::string host;
  std::size_t end = 0;
};

// `at`: the forge's word in `text`.
std::optional<Shorthand> parse_shorthand(std::string_view text, std::size_t at);
// As url.h's normal form; nullopt: a name that the forge does not have.
std::optional<std::string> normalize(const Shorthand& parts);

} // namespace packscope::deps
