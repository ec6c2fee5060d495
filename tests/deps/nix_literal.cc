// The literal subset of Nix, and passing over the rest. Expected texts were printed by nix-instantiate --eval.
#include "deps/nix_literal.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deps;

namespace {

// `x` of the set "{ x = VALUE; }".
Result<NixValue> parse_value(const std::string& value) {
  Result<NixValue> root = parse_nix_literals("{ x = " + value + "; }", [](std::string_view) { return true; });
  if (!root) return root;
  return *root->get("x");
}
std::string text(const std::string& value) {
  const Result<NixValue> parsed = parse_value(value);
  return parsed ? parsed->text : "error: " + parsed.error().text();
}
// Whether what stands between `outputs =` and the set's end is passed over, so that `inputs` behind it is found.
bool passes(const std::string& expression) {
  const Result<NixValue> root =
      parse_nix_literals("{ outputs = " + expression + "; inputs.x = \"found\"; }", [](std::string_view name) { return name == "inputs"; });
  return root && root->get("inputs") != nullptr && root->get("inputs")->get("x")->text == "found";
}

} // namespace

TEST_CASE("strings and their escapes", "[nix]") {
  CHECK(text(R"("a\n\t\"\\\x\${b}")") == "a\n\t\"\\x${b}");
  CHECK(text(R"("$${a} $x")") == "$${a} $x");
  CHECK(text("\"a\r\nb\"") == "a\nb");
  CHECK(text(R"("a${b}")").starts_with("error: line 1: a string with"));
}

TEST_CASE("indented strings lose their common indentation", "[nix]") {
  CHECK(text("''\n    a\n      b\n\n    c\n  ''") == "a\n  b\n\nc\n");
  CHECK(text("''one line''") == "one line");
  CHECK(text("''  a\n    b''") == "a\n  b");
  CHECK(text("''a''$b''' ''\\n''\\${c}''") == "a$b'' \n${c}");
  CHECK(text("''\n  ''") == "");
  CHECK(text("''a ${b}''").starts_with("error: "));
}

TEST_CASE("urls and paths without quotes, numbers, booleans, parentheses", "[nix]") {
  CHECK(text("github:NixOS/nixpkgs/nixos-23.05") == "github:NixOS/nixpkgs/nixos-23.05");
  CHECK(text("git+https://h/x?ref=a&dir=b") == "git+https://h/x?ref=a&dir=b");
  CHECK(parse_value("./sub/dir")->kind == NixKind::path);
  CHECK(text("../x") == "../x");
  CHECK(parse_value("42")->number == 42);
  CHECK(parse_value("(true)")->kind == NixKind::boolean);
  CHECK(text("( \"a\" /* b */ ) # c\n") == "a");
}

TEST_CASE("sets by dots, by braces, by both, with quoted names", "[nix]") {
  const Result<NixValue> x = parse_value("{ a.b = \"1\"; a = { \"c d\" = \"2\"; }; \"e\".f.g = \"3\"; }");
  REQUIRE(x);
  CHECK(x->get("a")->get("b")->text == "1");
  CHECK(x->get("a")->get("c d")->text == "2");
  CHECK(x->get("e")->get("f")->get("g")->text == "3");
  CHECK(parse_value("rec { a = \"1\"; }")->get("a")->text == "1");
}

TEST_CASE("what is no literal is refused with its line", "[nix]") {
  for (const char* value : {"import ./x", "\"a\" + \"b\"", "[ ]", "x", "let a = 1; in a", "{ inherit a; }", "{ ${a} = \"1\"; }",
                            "{ a = \"1\"; a = \"2\"; }", "{ a.b = \"1\"; a = \"2\"; }", "{", "\"", "''", "{ a = ; }"})
    CHECK_FALSE(parse_value(value));
  CHECK(text("\n\nimport ./x").starts_with("error: line 3: "));
  CHECK_FALSE(parse_nix_literals("{ lib, ... }: { }", [](std::string_view) { return true; }));
  CHECK_FALSE(parse_nix_literals("{ } { }", [](std::string_view) { return true; }));
}

TEST_CASE("any expression is passed over, whatever semicolons it holds", "[nix]") {
  CHECK(passes("{ self, nixpkgs }: let a = 1; b = 2; in { x = a; }"));
  CHECK(passes("{ self }: with self; assert true; let a = with b; c; in a"));
  CHECK(passes("\"a;${if b then \"}\" else ''}${c}''};\""));
  CHECK(passes("'' ; ''${ ''' ''\\' ${ { a = \"''\"; }.a } ''"));
  CHECK(passes("a: /* ; */ b # ;\n"));
  CHECK(passes("https://a/b;c = http://d/*e"));
  CHECK(passes("./let/in + ./with/assert"));
  CHECK(passes("{ ${a} = foldl'' (x: y: x) [ \"]\" ]; }"));
  CHECK_FALSE(passes("{ self }: ( ]"));
  CHECK_FALSE(passes("let a = 1"));
}
