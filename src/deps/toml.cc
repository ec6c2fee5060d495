// TOML behind limits; see toml.h.
//
//   string := """ … """ | ''' … ''' | " … " | ' … '      a backslash escapes in the first and third
//   dotted := part ("." part)*      part := bare | string
#include "deps/toml.h"

#include <algorithm>

namespace packscope::deps {
namespace {

// The offset after the string that begins at `at`; an unclosed one ends the text, or its line.
std::size_t after_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
  const bool long_one = text.substr(at, 3) == triple;
  for (at += long_one ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') ++at;
    else if (!long_one && (text[at] == quote || text[at] == '\n')) return at + 1;
    else if (long_one && text.substr(at, 3) == triple) {
      at += 3;
      while (at < text.size() && text[at] == quote) ++at; // """a""""" holds two quotes more
      return at;
    }
  }
  return text.size();
}

} // namespace

std::optional<std::size_t> too_deep(std::string_view text) {
  std::size_t nesting = 0, parts = 0; // parts: of the dotted key that we are in, if we are in one
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at];
    if (byte == '"' || byte == '\'') {
      at = after_string(text, at);
      continue;
    }
    if (byte == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (byte == '[' || byte == '{') ++nesting;
    if ((byte == ']' || byte == '}') && nesting > 0) --nesting;
    if (byte == '.') ++parts;
    else if (byte == '=' || byte == ',' || byte == '\n' || byte == ']' || byte == '}') parts = 0;
    if (nesting + parts > kMaxNesting) return at;
    ++at;
  }
  return std::nullopt;
}

Result<toml::table> parse_toml(std::string_view text) {
  if (Result<void> fit = check_manifest(text); !fit) return std::unexpected(fit.error());
  if (const std::optional<std::size_t> at = too_deep(text))
    return fail_in(text, *at, "nested deeper than " + std::to_string(kMaxNesting));
  toml::parse_result parsed = toml::parse(text);
  if (parsed) return std::move(parsed).table();
  const toml::parse_error& error = parsed.error();
  return fail("line " + std::to_string(error.source().begin.line) + ": " + shortened(error.description()));
}

} // namespace packscope::deps
