// Nix's indented strings; see nix_literal.h.
//
// As nix's own parser does it: the smallest indentation of all lines that hold more than spaces is taken off each, the
// first line is dropped if it holds spaces only, and so are the spaces of the last. Tabs are no indentation.
#include "deps/nix_literal.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace packscope::deps {
namespace {

// A character of the result; one that an escape made is never indentation.
struct Made {
  char byte;
  bool escaped;
};

std::optional<std::vector<Made>> unescaped(std::string_view inner) {
  std::vector<Made> out;
  for (std::size_t at = 0; at < inner.size(); ++at) {
    const std::string_view rest = inner.substr(at);
    if (rest.starts_with("''$") || rest.starts_with("'''")) {
      if (rest[2] == '$')
        out.push_back({'$', true});
      else
        out.push_back({'\'', true}), out.push_back({'\'', true});
      at += 2;
    } else if (rest.starts_with("''\\") && rest.size() > 3) {
      const char byte = rest[3];
      out.push_back({byte == 'n' ? '\n' : byte == 'r' ? '\r' : byte == 't' ? '\t' : byte, true});
      at += 3;
    } else if (rest.starts_with("${")) {
      return std::nullopt;
    } else if (rest.starts_with("$$")) {
      out.push_back({'$', false}), out.push_back({'$', false});
      ++at;
    } else {
      out.push_back({inner[at], false});
    }
  }
  return out;
}

} // namespace

std::optional<std::string> indented_text(std::string_view inner) {
  const std::optional<std::vector<Made>> made = unescaped(inner);
  if (!made) return std::nullopt;
  std::vector<std::vector<Made>> lines(1);
  for (const Made& one : *made) {
    lines.back().push_back(one);
    if (one.byte == '\n' && !one.escaped) lines.emplace_back();
  }
  const auto spaces = [](const std::vector<Made>& line) {
    return static_cast<std::size_t>(
        std::ranges::find_if(line, [](const Made& one) { return one.byte != ' ' || one.escaped; }) - line.begin());
  };
  const auto blank = [&](const std::vector<Made>& line) {
    const std::size_t many = spaces(line);
    return many == line.size() || (line[many].byte == '\n' && !line[many].escaped);
  };
  std::size_t least = inner.size();
  for (const std::vector<Made>& line : lines)
    if (!blank(line)) least = std::min(least, spaces(line));
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == 0 && lines.size() > 1 && blank(lines[i])) continue;
    const bool last_spaces = i + 1 == lines.size() && blank(lines[i]);
    if (last_spaces) break;
    for (std::size_t at = std::min(least, spaces(lines[i])); at < lines[i].size(); ++at) out += lines[i][at].byte;
  }
  return out;
}

} // namespace packscope::deps
