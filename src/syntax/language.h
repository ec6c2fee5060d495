// syntax: text in, spans out: languages by path, tree-sitter grammars by name, tokens and declarations.
// This file: the languages and how a path tells them (one table, in language.cc).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace packscope::syntax {

// As linguist names them, lower case; the order is the order of the classes in a model.
enum class Language : std::uint8_t {
  c, cpp, rust, nix, python, perl, go, javascript, markdown, toml, yaml, json, shell, other
};
inline constexpr unsigned kLanguages = 14;
std::string_view name(Language language);                 // "cpp"
bool parse_language(std::string_view text, Language& out); // the reverse

// By file name or extension, ASCII case folded where linguist does. `.h` gives `c`: see HeaderVote.
Language language_of(std::string_view path);

// `.h` follows the majority of .c against .cc/.cpp/.cxx/.hpp in its repository.
class HeaderVote {
public:
  void count(std::string_view path);
  Language language_of(std::string_view path) const; // as the free function, `.h` by vote (ties: c)

private:
  std::uint64_t c_ = 0, cpp_ = 0;
};

} // namespace packscope::syntax
