// Manifests that somebody made to hurt: an error line, in bounded time and without a deep stack.
#include "deps/cargo.h"
#include "deps/flake.h"
#include "deps/gitmodules.h"

#include <catch2/catch_test_macros.hpp>

#include <chrono>

using namespace packscope;
using namespace packscope::deps;

namespace {

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string out;
  while (out.size() + part.size() <= bytes) out += part;
  return out;
}

// Every parser on `text`: each refuses it, with a line of bounded length, and soon.
void all_refuse(const std::string& text) {
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = [](const auto& parsed) {
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().text().size() < 300);
  };
  refused(parse_cargo_manifest(text));
  refused(parse_cargo_lock(text));
  refused(parse_flake(text));
  refused(parse_flake_lock(text));
  refused(parse_gitmodules(text));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

} // namespace

TEST_CASE("too large, not UTF-8, with NULs: refused before parsing", "[hostile]") {
  all_refuse(std::string(100u << 20, 'a'));
  all_refuse(std::string("[package]\nname = \"\xff\"\n"));
  CHECK(parse_cargo_manifest("[package]\nname = \"\xff\"\n").error().text() == "line 2: not UTF-8");
  all_refuse(std::string("{\n\0}", 4));
  CHECK(parse_flake(std::string("{\n\0}", 4)).error().text() == "line 2: a NUL byte");
}

TEST_CASE("a line of megabytes", "[hostile]") {
  all_refuse(std::string(kMaxManifest, '['));
  all_refuse(std::string(kMaxManifest, '{'));
  all_refuse(std::string(kMaxManifest, '"'));
  all_refuse(std::string(kMaxManifest, '\''));
  all_refuse(repeated("${\"", kMaxManifest));
}

TEST_CASE("found by fuzzing", "[hostile]") {
  CHECK(parse_cargo_manifest("[*ackage]ath =. \"./b\" }\n").error().text().starts_with("line 1: ")); // an assertion of toml++ 3.3
  // Undefined behaviour there; fine inside strings and comments.
  CHECK_FALSE(parse_cargo_manifest("ve\xef\xbb\x95Ursrs\n"));
  CHECK(parse_cargo_manifest("[package]\nname = \"\"\"a\\\n  \xef\xbb\x95\"\"\"\n")->name == "a\xef\xbb\x95");
  CHECK_FALSE(parse_cargo_manifest("a = 9b(c)\".d\xd0\x9b\n"));
  CHECK(parse_cargo_manifest("\xef\xbb\xbf[package] # \xef\xbb\x95\nname = \"\xef\xbb\x95\"\n"));
}

TEST_CASE("deeply nested TOML", "[hostile]") {
  CHECK_FALSE(parse_cargo_manifest("[" + repeated("a.", kMaxManifest - 16) + "a]\n"));
  CHECK_FALSE(parse_cargo_manifest(repeated("a.", kMaxManifest - 16) + "a = 1\n"));
  CHECK_FALSE(parse_cargo_manifest("a = " + repeated("[", 100000)));
  CHECK_FALSE(parse_cargo_manifest("a = " + repeated("{a=", 100000)));
  CHECK_FALSE(parse_cargo_manifest(repeated("\"a\" . 'b' . ", kMaxManifest - 16) + "a = 1\n"));
}

TEST_CASE("deeply nested Nix", "[hostile]") {
  CHECK_FALSE(parse_flake("{ inputs = " + repeated("{ a = ", 300000)));
  CHECK_FALSE(parse_flake("{ inputs = " + repeated("(", 300000)));
  CHECK_FALSE(parse_flake("{ inputs." + repeated("a.", 300000) + "url = \"x\"; }"));
  const std::string deep = repeated("\"${", 900000), closed = repeated("}\"", deep.size() / 3 * 2);
  CHECK(parse_flake("{ outputs = " + deep + "x" + closed + "; }")); // nobody's recursion
}

TEST_CASE("many small things take time in proportion", "[hostile]") {
  const auto begin = std::chrono::steady_clock::now();
  std::string flake = "{ outputs = x; inputs = {", modules, toml = "[package]\nname = \"a\"\n[dependencies]\n";
  for (int i = 0; flake.size() < kMaxManifest - 64; ++i) flake += "a" + std::to_string(i) + ".url=a:b;";
  for (int i = 0; modules.size() < kMaxManifest - 64; ++i) modules += "[submodule \"" + std::to_string(i) + "\"]\nurl=a\n";
  for (int i = 0; toml.size() < kMaxManifest - 64; ++i) toml += "a" + std::to_string(i) + "=\"1\"\n";
  CHECK_FALSE(parse_flake(flake + "}; }")); // "a:b" is no flake reference
  CHECK(parse_gitmodules(modules)->size() > 50000);
  CHECK(parse_cargo_manifest(toml)->dependencies.size() > 50000);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}
