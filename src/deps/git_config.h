// Git's configuration syntax (git-config(1), "Syntax"), of which .gitmodules is one file.
//
//   file    := (section | key | comment)*
//   section := "[" name ("." name)* "]" | "[" name space '"' (char | "\" char)* '"' "]"
//   key     := letter (letter | digit | "-")* space* ("=" value)?      without "=": true
//   value   := (char | '"' char* '"' | "\" (n | t | b | '"' | "\" | line end))*  to the line's end or # or ;
#pragma once

#include "deps/manifest.h"

#include <optional>
#include <vector>

namespace packscope::deps {

struct GitConfigEntry {
  std::string section;                   // lower case; empty: before any section, which git lets pass
  std::optional<std::string> subsection; // as written; lower case in the old form [a.b]
  std::string key;                       // lower case
  std::optional<std::string> value;      // none: a key alone
};
// In the order of the file. As git, the whole is refused for one bad line.
Result<std::vector<GitConfigEntry>> parse_git_config(std::string_view text);

} // namespace packscope::deps
