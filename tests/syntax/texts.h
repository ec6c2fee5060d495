// Parsing a text in a test, and its declarations as lines that are easy to compare.
#pragma once

#include "syntax/parse.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace packscope::test {

inline syntax::Grammars& grammars() {
  static syntax::Grammars all;
  return all;
}

inline syntax::Parsed parsed(syntax::Language language, std::string_view text) {
  syntax::Parser parser(grammars());
  syntax::Parsed out;
  const Result<void> done = parser.parse(language, as_bytes(text), out);
  if (!done) FAIL(done.error().text());
  return out;
}

// One line a declaration: "kind name", indented under its parent, Rust's item in brackets.
inline std::vector<std::string> outline(syntax::Language language, std::string_view text) {
  const syntax::Parsed all = parsed(language, text);
  std::vector<std::string> lines;
  for (const syntax::Declaration& d : all.declarations) {
    std::string line;
    for (std::int32_t at = d.parent; at >= 0; at = all.declarations[static_cast<std::size_t>(at)].parent) line += "  ";
    line += std::string(name(d.kind)) + (d.item.empty() ? "" : " [" + std::string(d.item) + "]") +
            (d.name.empty() ? "" : " " + d.name);
    lines.push_back(line);
  }
  return lines;
}

inline std::string_view slice(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  return text.substr(begin, end - begin);
}

inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What holds for every text: empty, or the first thing that is wrong.
inline std::string broken_rule(const syntax::Parsed& all, std::string_view text) {
  std::size_t at = 0;
  for (const syntax::Token& token : all.tokens) {
    const std::string where = " at " + std::to_string(token.begin);
    if (token.begin < at || token.end <= token.begin || token.end > text.size()) return "token out of order" + where;
    for (; at < token.begin; ++at)
      if (!is_space(text[at])) return "byte in no token at " + std::to_string(at);
    at = token.end;
    if (token.kind.empty()) return "token without a kind" + where;
    if (token.declaration < 0) continue;
    const syntax::Declaration& d = all.declarations.at(static_cast<std::size_t>(token.declaration));
    if (token.begin < d.begin || token.end > d.end) return "token outside its declaration" + where;
  }
  for (; at < text.size(); ++at)
    if (!is_space(text[at])) return "byte in no token at " + std::to_string(at);

  std::vector<std::int32_t> open; // the declarations around, outermost first
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < all.declarations.size(); ++i) {
    const syntax::Declaration& d = all.declarations[i];
    const std::string where = " at " + std::to_string(d.begin);
    if (d.begin < last || d.end <= d.begin || d.end > text.size()) return "declaration out of order" + where;
    last = d.begin;
    while (!open.empty() && all.declarations[static_cast<std::size_t>(open.back())].end <= d.begin) open.pop_back();
    const std::int32_t around = open.empty() ? -1 : open.back();
    if (d.parent != around) return "not the declaration around it as parent" + where;
    if (around >= 0 && d.end > all.declarations[static_cast<std::size_t>(around)].end) return "crosses its parent" + where;
    open.push_back(static_cast<std::int32_t>(i));
  }
  return "";
}

} // namespace packscope::test
