// compile_commands.json: words as a shell splits them, entries, and which of them is a unit's.
#include "compile/compile_commands.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;
using compile::CompileCommand;
using compile::flags_for;
using compile::parse_compile_commands;
using compile::shell_words;
using Words = std::vector<std::string>;

TEST_CASE("shell words are those of sh") {
  for (const std::string text : {R"(cc -DX="a b" -DY='c "d"' e\ f -DZ=\"s\" "" 'g'h"i" "\$j\\k\l")", "  a\tb  ", "\\\\ '\\'", "a\"b c\"d"}) {
    INFO(text);
    const Result<Words> words = shell_words(text);
    REQUIRE(words);
    std::string joined;
    for (const std::string& word : *words) joined += "[" + word + "]\n";
    CHECK(joined == must_run("sh -c 'printf \"[%s]\\n\" \"$@\"' sh " + text));
  }
  CHECK(!shell_words("a 'b"));
  CHECK(!shell_words("a \"b"));
  CHECK(shell_words("")->empty());
}

TEST_CASE("a unit's flags, by the place of its file") {
  const Result<std::vector<CompileCommand>> commands = parse_compile_commands(R"([
    {"directory": "/w/p/build", "command": "cc -DA -I../include -o a.o -c ../src/a.c", "file": "../src/a.c"},
    {"directory": "/w/p/build", "arguments": ["cc", "-DSECOND", "/w/p/src/a.c"], "file": "/w/p/src/a.c"},
    {"directory": "/w/p", "arguments": ["cc", "-fplugin=x.so", "-c", "src/b.c"], "file": "src/b.c", "output": "b.o"},
    {"directory": "/other", "arguments": ["cc", "c.c"], "file": "src/c.c"}, {"directory": "/w/p", "arguments": ["cc", "-DC"], "file": "src/c.c"},
    {"directory": ".", "arguments": ["cc", "-Iinc", "-I/usr/include/y"], "file": "r.c"}])");
  REQUIRE(commands);
  REQUIRE(commands->size() == 6);
  CHECK(flags_for(*commands, "src/a.c", "")->compile == Words{"-DA", "-Iinclude"}); // the first
  CHECK(flags_for(*commands, "src/b.c", "").error().what == "src/b.c: -fplugin=x.so: refused: not among the flags that are taken");
  CHECK(flags_for(*commands, "src/c.c", "").error().what.find("--source-root DIR chooses") != std::string::npos);
  CHECK(flags_for(*commands, "src/c.c", "/w/p")->compile == Words{"-DC"});
  CHECK(flags_for(*commands, "r.c", "")->compile == Words{"-Iinc", "-I/usr/include/y"});
  CHECK(flags_for(*commands, "src/d.c", "").error().what == "src/d.c: no command for it");
  CHECK(flags_for(*commands, "src/a.c", "/x").error().what == "src/a.c: no command for it below /x");
}

TEST_CASE("what is no compilation database is refused, and where") {
  const auto error = [](std::string_view text) {
    const auto parsed = parse_compile_commands(text);
    return parsed ? "none" : parsed.error().what;
  };
  CHECK(error("{") == "compile_commands: not JSON");
  CHECK(error("{}") == "compile_commands: not a list");
  CHECK(error("[1]") == "compile_commands: entry 0: not an object");
  CHECK(error(R"([{"file":"a"}])") == "compile_commands: entry 0: has no \"directory\"");
  CHECK(error(R"([{"directory":"/"}])") == "compile_commands: entry 0: has no \"file\"");
  CHECK(error(R"([{"directory":"/","file":"a"}])") == "compile_commands: entry 0: has neither \"arguments\" nor \"command\"");
  CHECK(error(R"([{"directory":"/","file":"a","command":"cc '"}])") == "compile_commands: entry 0: a quote is not closed");
  CHECK(error(R"([{"directory":"/","file":"a","arguments":[1]}])") == "compile_commands: entry 0: \"arguments\" holds other than strings");
  CHECK(error(R"([{"directory":"/","file":"a","arguments":["cc","-D\u0000"]}])") == "compile_commands: entry 0: holds a NUL");
  CHECK(error("[]") == "none");
  CHECK(error(std::string(100000, '[')) == "compile_commands: not JSON");
}
