// From tree to tokens: against tree-sitter's own tree, and what holds for every text.
#include "syntax/walk.h"

#include "support.h"
#include "texts.h"

#include <random>

using namespace packscope;
using namespace packscope::syntax;
using namespace packscope::test;

namespace {
// The kinds and texts of all tokens, "kind|text".
std::vector<std::string> tokens(Language language, std::string_view text) {
  std::vector<std::string> lines;
  for (const Token& token : parsed(language, text).tokens)
    lines.push_back(std::string(token.kind) + "|" + std::string(slice(text, token.begin, token.end)));
  return lines;
}

// Leaves by the plain recursive way, which the walk avoids.
void leaves(TSNode node, std::vector<std::pair<std::uint32_t, std::uint32_t>>& out) {
  if (ts_node_child_count(node) == 0 || std::string_view(ts_node_type(node)).ends_with("comment")) {
    if (ts_node_end_byte(node) > ts_node_start_byte(node)) out.push_back({ts_node_start_byte(node), ts_node_end_byte(node)});
    return;
  }
  for (std::uint32_t i = 0; i < ts_node_child_count(node); ++i) leaves(ts_node_child(node, i), out);
}

std::vector<std::string> own_sources() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PACKSCOPE_SOURCES))
    if (entry.is_regular_file() && language_of(entry.path().string()) != Language::other)
      paths.push_back(entry.path().string());
  return paths;
}
} // namespace

TEST_CASE("leaves are tokens, named or literal") {
  const std::string_view text = "int f ( ) ;";
  const Parsed all = parsed(Language::c, text);
  CHECK(tokens(Language::c, text) ==
        std::vector<std::string>{"primitive_type|int", "identifier|f", "(|(", ")|)", ";|;"});
  CHECK(all.tokens[0].named);
  CHECK(!all.tokens[2].named);
  CHECK(!all.has_error);
}

TEST_CASE("a comment is one token, without the end of its line") {
  CHECK(tokens(Language::rust, "/// a b\n// c\nmod m;") ==
        std::vector<std::string>{"line_comment|/// a b", "line_comment|// c", "mod|mod", "identifier|m", ";|;"});
}

TEST_CASE("what a grammar shows no leaf for is a token of the node around it") {
  CHECK(tokens(Language::toml, "a = ' b c '") ==
        std::vector<std::string>{"bare_key|a", "=|=", "'|'", "string|b c", "'|'"});
  // The backslash that joins lines; a byte order mark.
  CHECK(tokens(Language::c, "int x = 1 + \\\n 2;")[5] == "binary_expression|\\");
  CHECK(tokens(Language::c, "\xEF\xBB\xBFint x;") ==
        std::vector<std::string>{"translation_unit|\xEF\xBB\xBF", "primitive_type|int", "identifier|x", ";|;"});
}

TEST_CASE("blank content of a string is a token, the end of a line is none") {
  CHECK(tokens(Language::json, "\"  \"") == std::vector<std::string>{"\"|\"", "string_content|  ", "\"|\""});
  CHECK(tokens(Language::go, "package a\n") == std::vector<std::string>{"package|package", "package_identifier|a"});
}

TEST_CASE("every leaf of tree-sitter's tree of our own sources is a token, and they tile the text") {
  TSParser* parser = ts_parser_new();
  std::size_t texts = 0;
  for (const std::string& path : own_sources()) {
    const Language language = language_of(path);
    const TSLanguage* grammar = grammars().get(language).value();
    if (grammar == nullptr) continue;
    INFO(path);
    const std::string text = read_file(path);
    const Parsed all = parsed(language, text);
    CHECK(broken_rule(all, text) == "");
    ++texts;

    REQUIRE(ts_parser_set_language(parser, grammar));
    TSTree* tree = ts_parser_parse_string(parser, nullptr, text.data(), static_cast<std::uint32_t>(text.size()));
    std::vector<std::pair<std::uint32_t, std::uint32_t>> expected;
    leaves(ts_tree_root_node(tree), expected);
    ts_tree_delete(tree);
    std::size_t found = 0, token = 0;
    for (auto [begin, end] : expected) {
      while (end > begin && is_space(text[end - 1])) --end;
      if (begin == end) continue;
      while (token < all.tokens.size() && all.tokens[token].begin < begin) ++token;
      if (token < all.tokens.size() && all.tokens[token].begin == begin && all.tokens[token].end >= end) ++found;
      else FAIL_CHECK("no token for the leaf at " << begin);
    }
    CHECK(found > 0);
  }
  ts_parser_delete(parser);
  CHECK(texts > 20);
}

TEST_CASE("cut, shuffled and random texts keep every rule, in every language") {
  const std::string seeds[] = {
      "template <class T> class A { int f(int x) { return x; } };\n#include <a>\n\"\\n\" // c\n",
      "@d(lambda: 1)\ndef f():\n  x = f'{y!r}'\nexport const g = () => { class K { m() {} } };\n",
      "impl<T> A for B { fn f() {} }\n[a]\nb = { c = 'd' }\n$(cat <<E\nx\nE\n)\nconst ( A = 1 )\n",
  };
  std::mt19937 random(1);
  for (unsigned language = 0; language < kLanguages; ++language) {
    if (grammars().get(static_cast<Language>(language)).value() == nullptr) continue;
    INFO(name(static_cast<Language>(language)));
    for (int round = 0; round < 150; ++round) {
      std::string text = seeds[random() % 3] + seeds[random() % 3];
      for (std::size_t i = random() % 12; i > 0; --i) {
        const std::size_t at = random() % text.size();
        switch (random() % 4) {
        case 0: text.erase(at, 1 + random() % 6); break;
        case 1: text.insert(at, 1, static_cast<char>(random())); break;
        case 2: text.insert(at, text.substr(random() % text.size(), random() % 30)); break;
        default: text[at] = "{}()[]<>\"'`\\\n\0#$"[random() % 16];
        }
        if (text.empty()) text = "x";
      }
      INFO(text);
      CHECK(broken_rule(parsed(static_cast<Language>(language), text), text) == "");
    }
  }
}
