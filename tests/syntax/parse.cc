// The parser's limits: hostile texts end in time, and the next text is parsed as if nothing had been.
#include "syntax/parse.h"

#include "base/sanitized.h"
#include "texts.h"

#include <catch2/generators/catch_generators.hpp>

#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <random>
#include <thread>

using namespace packscope;
using namespace packscope::syntax;
using namespace packscope::test;
using namespace std::chrono_literals;

namespace {
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}
// Has this process a child, as it has since a parser needed one?
bool forked() { return ::waitpid(-1, nullptr, WNOHANG) == 0; }
} // namespace

TEST_CASE("kinds and back") {
  for (unsigned i = 0; i < kDeclarationKinds; ++i) {
    DeclarationKind back = DeclarationKind::other;
    REQUIRE(parse_declaration_kind(name(static_cast<DeclarationKind>(i)), back));
    CHECK(back == static_cast<DeclarationKind>(i));
  }
  DeclarationKind out = DeclarationKind::other;
  CHECK(!parse_declaration_kind("functions", out));
  CHECK(name(DeclarationKind::import_) == "import");
}

TEST_CASE("only what is wanted; a language without a grammar is empty") {
  Parser parser(grammars());
  Parsed out;
  REQUIRE(parser.parse(Language::c, as_bytes("int x; int f("), out, {true, false}));
  CHECK(!out.tokens.empty());
  CHECK(out.declarations.empty());
  CHECK(out.has_error);
  const std::string_view text = "template <class T>\nclass A { };\nint f();\n";
  REQUIRE(parser.parse(Language::cpp, as_bytes(text), out, {false, true}));
  CHECK(out.tokens.empty());
  REQUIRE(out.declarations.size() == 2);
  CHECK(slice(text, out.declarations[0].begin, out.declarations[0].end) == "template <class T>\nclass A { };");
  REQUIRE(parser.parse(Language::other, as_bytes("int x;"), out));
  CHECK(out.tokens.empty());
  CHECK(out.declarations.empty());
  CHECK(!out.has_error);
  REQUIRE(parser.parse(Language::json, {}, out));
  CHECK(out.tokens.empty());
}

TEST_CASE("a long text, watched or parsed in a process of its own, gives what a short one does") {
  const std::string line = "/* a comment of some length */ int function_of_some_length(int x) { return x + 1; }\n";
  const std::size_t lines = GENERATE(std::size_t{2000}, std::size_t{20'000}); // 170 kB, 1.7 MB
  const std::string text = repeated(line, lines);
  const Parsed one = parsed(Language::c, line), all = parsed(Language::c, text);
  CHECK(broken_rule(all, text) == "");
  REQUIRE(all.tokens.size() == lines * one.tokens.size());
  REQUIRE(all.declarations.size() == lines);
  for (std::size_t i = 0; i < all.tokens.size(); ++i) {
    const Token &here = all.tokens[i], &there = one.tokens[i % one.tokens.size()];
    REQUIRE((here.kind == there.kind && here.named == there.named && here.end - here.begin == there.end - there.begin));
  }
  CHECK(all.declarations.back().name == "function_of_some_length");
  CHECK(all.declarations.back().node == "function_definition");
  CHECK(!all.has_error);
}

TEST_CASE("ordinary source is parsed in this process, what takes much is not") {
  const std::string line = "int function_of_some_length(int x) { return x + 1; }\n";
  Parser parser(grammars());
  Parsed out;
  REQUIRE(parser.parse(Language::c, as_bytes(repeated(line, kSanitized ? 1000 : 12'000)), out)); // 600 kB
  CHECK(!forked());
  REQUIRE(parser.parse(Language::c, as_bytes(repeated(line, 20'000)), out)); // 1 MB
  CHECK(forked());
  Parser other(grammars());
  REQUIRE(other.parse_versions(Language::c, std::vector<Bytes>{as_bytes(line), as_bytes(line)}).size() == 2);
  (void)other.parse(Language::json, as_bytes(std::string(600'000, '[')), out);
  REQUIRE(other.parse(Language::c, as_bytes(line), out));
  CHECK(out.declarations.size() == 1);
}

TEST_CASE("what is lost with parses that are left has a limit, and the answers stay the same") {
  const std::string deep(40'000, '['), small = "{\"a\": [1, 2]}";
  Parser parser(grammars());
  Parsed out, again;
  REQUIRE(parser.parse(Language::json, as_bytes(small), out));
  for (int i = 0; i < 20; ++i) { // some megabytes each
    (void)parser.parse(Language::json, as_bytes(deep), again);
    CHECK(forked());
    REQUIRE(parser.parse(Language::json, as_bytes(small), again));
    CHECK(again.tokens.size() == out.tokens.size());
  }
}

// Before 0.20.8 tree-sitter frees what is not there where it is stopped at the end of a comment in Rust, and Markdown's scanner
// writes behind its buffer.
TEST_CASE("texts that crashed tree-sitter are errors or trees") {
  Parser parser(grammars());
  Parsed out;
  for (std::size_t phase = 0; phase < 8; ++phase) {
    const std::string text = "fn f(){" + repeated("!", phase) + repeated("(//\n", 40'000);
    if (parser.parse(Language::rust, as_bytes(text), out)) CHECK(broken_rule(out, text) == "");
  }
  for (const std::size_t deep : {100, 300, 40'000}) {
    const std::string text(deep, '>');
    if (parser.parse(Language::markdown, as_bytes(text), out)) CHECK(broken_rule(out, text) == "");
  }
}

TEST_CASE("a text above the limit is an error that says so") {
  Parser parser(grammars());
  Parsed out;
  const std::string text(kMaxText + 1, ' ');
  const Result<void> done = parser.parse(Language::c, as_bytes(text), out);
  REQUIRE(!done);
  CHECK(done.error().text() == "parse: 67108865 bytes of text, more than 67108864");
}

TEST_CASE("hostile texts end in time, and leave the parser whole") {
  std::mt19937 random(1);
  std::string noise(50'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  const std::string texts[] = {
      std::string(100'000, '('),                                             // never closed
      repeated("[", 100'000) + repeated("]", 100'000),                       // closed
      repeated("{", 15'000) + repeated("}", 15'000),                         // below what is parsed apart
      repeated("mod a{", 50'000) + repeated("}", 50'000),                    // declarations in declarations
      repeated("template<class T>", 30'000) + "int x;",                      // wrappers in wrappers
      repeated("`${", 50'000),
      "int " + repeated("a,", 200'000) + "b;",                               // one declaration, many children
      "int " + repeated("*", 100'000) + "a;",                                // one long declarator
      repeated("a[function(){", 10'000) + repeated("}]=()=>1", 10'000),      // long names in long names
      repeated("x=", 100'000) + "1",
      repeated("if a:\n", 50'000),
      std::string(300'000, '\0'),
      std::string(30'000, '\0'),
      repeated("\xff\xfe", 100'000),
      repeated("a = 1;\r\n", 20'000),
      repeated("int a=1;", 60'000),                                          // one long line
      noise,
  };
  Parser parser(grammars(), 50ms);
  Parsed out;
  for (const Language language : {Language::c, Language::cpp, Language::rust, Language::python, Language::go,
                                  Language::javascript, Language::toml, Language::json, Language::shell}) {
    for (const std::string& text : texts) {
      INFO(name(language) << ", " << text.substr(0, 20) << "…, " << text.size() << " bytes");
      const std::clock_t start = std::clock();
      const Result<void> done = parser.parse(language, as_bytes(text), out);
      CHECK(std::clock() - start < 2 * CLOCKS_PER_SEC); // of this process; what is parsed apart is killed by its limit
      if (done) CHECK(broken_rule(out, text) == "");
      else CHECK(done.error().what.starts_with("parse: "));
    }
    REQUIRE(parser.parse(language, as_bytes("{}"), out));
    CHECK(broken_rule(out, "{}") == "");
  }
}

// More children than a node may have: tree-sitter before 0.20.8 would write over what is not its own.
TEST_CASE("an unclosed bracket in a long table ends as an error or as a tree, and not this process") {
  const auto [language, head, entry] = GENERATE(table<Language, std::string, std::string>({
      {Language::javascript, "x = [", "1,"},
      {Language::javascript, "x = ", "("},
      {Language::json, "", "["},
      {Language::c, "int a = ", "("},
      {Language::toml, "a = ", "["},
  }));
  const std::size_t entries = GENERATE(std::size_t{20'000}, std::size_t{70'000});
  const std::string text = head + repeated(entry, entries);
  Parser parser(grammars());
  Parsed out;
  for (int again = 0; again < 2; ++again) {
    const Result<void> done = parser.parse(language, as_bytes(text), out);
    if (done) CHECK(broken_rule(out, text) == "");
    else CHECK(done.error().what.starts_with("parse: "));
    const std::string_view small = "{}";
    REQUIRE(parser.parse(language, as_bytes(small), out));
    CHECK(broken_rule(out, small) == "");
  }
}

// The second is what a child says: versions are parsed in one where any of them is above 640 KiB.
TEST_CASE("a long text of any kind is the same here and in a process of its own") {
  const std::string_view pieces[] = {"(", ")", "{", "}", "[", "]", "<", ">", ";", ",", "*", "&", "=", ":", ".", "\"", "'", "`", "/*", "*/", "//", "#", "\n", "\\\n", " ", "\t",
                                     "a", "b ", "0", "1e", "if ", "else ", "int ", "struct ", "class ", "def ", "fn ", "func ", "template", "typename ", "operator", "return ",
                                     "import ", "let ", "mod ", "#define ", "#if 1\n", "#endif\n", "=>", "->", "::", "R\"(", ")\"", "r#\"", "<<E\n", "\xff", std::string_view("\0", 1)};
  std::mt19937 random(std::getenv("SEED") != nullptr ? static_cast<unsigned>(std::atoi(std::getenv("SEED"))) : 1);
  const auto any = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  const auto some = [&] {
    std::string text;
    for (std::size_t left = 1 + any(6); left > 0; --left) text += pieces[any(std::size(pieces))];
    return text;
  };
  constexpr Language kThese[] = {Language::c, Language::cpp, Language::rust, Language::go, Language::python, Language::json};
  const std::string large(1'700'000, '\n');
  int compared = 0;
  const int texts = std::getenv("TEXTS") != nullptr ? std::atoi(std::getenv("TEXTS")) : 6;
  for (int i = 0; i < texts; ++i) {
    const Language language = kThese[any(std::size(kThese))];
    std::string text;
    const std::size_t size = 40'000 + any(300'000);
    for (std::size_t part = 1 + any(3); part > 0; --part) {
      const std::string piece = some();
      text += any(4) > 0 ? repeated(piece, size / piece.size() / part) : [&] {
        std::string mixed;
        while (mixed.size() < size / 4) mixed += some();
        return mixed;
      }();
    }
    INFO(name(language) << ", text " << i << " of " << text.size() << " bytes: " << text.substr(0, 30));
    Parsed here;
    Parser parser(grammars(), 500ms), child(grammars(), 500ms);
    const Result<void> done = parser.parse(language, as_bytes(text), here, {.tokens = false, .declarations = true});
    if (forked()) continue;
    const Bytes versions[] = {as_bytes(text), as_bytes(large)};
    const std::vector<Result<Parsed>> apart = child.parse_versions(language, versions);
    REQUIRE(apart.size() == 2);
    if (!done || !apart[0]) continue; // out of time, perhaps in one of them alone
    ++compared;
    CHECK(here.has_error == apart[0]->has_error);
    REQUIRE(here.declarations.size() == apart[0]->declarations.size());
    for (std::size_t d = 0; d < here.declarations.size(); ++d) {
      const Declaration &one = here.declarations[d], &other = apart[0]->declarations[d];
      REQUIRE((one.begin == other.begin && one.end == other.end && one.node == other.node && one.name == other.name && one.parent == other.parent));
    }
  }
  CHECK(compared > 0);
}

TEST_CASE("out of time is an error, and the next text starts afresh") {
  Parser parser(grammars(), 0ms);
  Parsed out;
  for (const std::size_t lines : {std::size_t{1000}, std::size_t{20'000}, std::size_t{100'000}}) { // here, and apart
    const Result<void> done = parser.parse(Language::cpp, as_bytes(repeated("int f(int a) { g(); }\n", lines)), out);
    REQUIRE(!done);
    CHECK(done.error().text() == "parse: not done within 0 ms of processor time");
    CHECK(out.tokens.empty());
  }
  Parser patient(grammars());
  REQUIRE(patient.parse(Language::c, as_bytes("int x;"), out));
  CHECK(out.tokens.size() == 3);
}

TEST_CASE("parsers in several threads share the grammars") {
  const std::string text = repeated("fn f(x: u8) -> u8 { x + 1 }\n", 1000);
  std::size_t counts[4] = {};
  {
    std::vector<std::jthread> threads;
    for (std::size_t& count : counts)
      threads.emplace_back([&] {
        Parser parser(grammars());
        Parsed out;
        for (int round = 0; round < 5; ++round)
          if (parser.parse(Language::rust, as_bytes(text), out)) count += out.declarations.size();
      });
  }
  for (const std::size_t count : counts) CHECK(count == 5000);
}
