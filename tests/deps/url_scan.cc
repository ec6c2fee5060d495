// The scan of a whole text: every url once, in order, wherever the pieces of the stream are cut.
#include "deps/url_scan.h"

#include "page_end.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace packscope;
using namespace packscope::deps;

namespace {

std::vector<std::string> scan(std::string_view text, UrlScanner::Shorthands shorthands = UrlScanner::Shorthands::none) {
  static Result<UrlScanner> scanner = UrlScanner::create();
  REQUIRE(scanner.has_value());
  std::vector<std::string> urls;
  REQUIRE(scanner->scan(text, shorthands,
                        [&](const FoundUrl& url) { urls.emplace_back(text.substr(url.begin, url.end - url.begin)); }));
  return urls;
}

} // namespace

TEST_CASE("urls come in order, and one inside another does not count", "[url_scan]") {
  CHECK(scan("ssh://git@h.org/a\ngit@h.org:b/c https://github.com/d/e?u=https://github.com/f/g x") ==
        std::vector<std::string>{"ssh://git@h.org/a", "git@h.org:b/c",
                                 "https://github.com/d/e?u=https://github.com/f/g"});
}

TEST_CASE("a url is found wherever a piece ends", "[url_scan]") {
  const std::string url = "git+https://github.com/owner/name.git";
  for (std::size_t cut = 0; cut <= url.size(); ++cut) {
    const std::string text = std::string((64 << 10) - cut, ' ') + url + " ";
    REQUIRE(scan(text) == std::vector<std::string>{url});
  }
}

TEST_CASE("every place that the plain search finds is looked at", "[url_scan]") {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string url = "https://github.com/o" + std::to_string(i) + "/n";
    text += std::string(static_cast<std::size_t>(i % 97), '/') + " " + url + (i % 3 == 0 ? "\n" : "'\"");
    expected.push_back(url);
  }
  CHECK(scan(text) == expected);
}

TEST_CASE("shorthands count where the format has them, or in quotes", "[url_scan]") {
  const std::string text = "see github:a/b and \"github:c/d\"";
  CHECK(scan(text).empty());
  CHECK(scan(text, UrlScanner::Shorthands::quoted) == std::vector<std::string>{"github:c/d"});
  CHECK(scan(text, UrlScanner::Shorthands::all) == std::vector<std::string>{"github:a/b", "github:c/d"});
}

TEST_CASE("no byte behind a text is read", "[url_scan]") {
  test::PageEnd page;
  const std::string url = "https://github.com/owner/name";
  for (std::size_t before = 0; before < 300; ++before) {
    CHECK(scan(page.put(std::string(before, ':') + ' ' + url)) == std::vector<std::string>{url});
    CHECK(scan(page.put(std::string(before, 'g') + "it@")).empty());
  }
}

TEST_CASE("hostile lines cost what they are long", "[url_scan]") {
  std::string slashes, hosts(20 << 20, 'a');
  while (slashes.size() < (20 << 20)) slashes += "://://git@";
  CHECK(scan(slashes).empty());
  CHECK(scan("https://" + hosts).empty());
  CHECK(scan("https://github.com/a/b/" + hosts).size() == 1);
}

TEST_CASE("a file is known by its path, or by what it holds", "[url_scan]") {
  CHECK(via_of_path("a/.gitmodules") == Via::gitmodules);
  CHECK(via_of_path("Cargo.toml") == Via::cargo);
  CHECK(via_of_path("x/flake.nix") == Via::flake);
  CHECK(via_of_path("x/Cargo.lock") == Via::lock);
  CHECK(via_of_path("Cargo.toml.orig") == Via::text);
  CHECK(via_of_content("# ours\n[submodule \"x\"]\n\turl = y\n") == Via::gitmodules);
  CHECK(via_of_content("[workspace]\nmembers = []\n") == Via::cargo);
  CHECK(via_of_content("version = 4\n\n[[package]]\nname = \"a\"\n") == Via::lock);
  CHECK(via_of_content("{\n \"nodes\": { \"a\": { \"locked\": {} } } }") == Via::lock);
  CHECK(via_of_content("{\n  inputs.a.url = \"b\";\n  outputs = { self }: { };\n}\n") == Via::flake);
  CHECK(via_of_content("a text about inputs and [package]s") == Via::text);
}

TEST_CASE("binary is what git takes for it", "[url_scan]") {
  std::string data(8001, 'x');
  data[8000] = '\0';
  CHECK_FALSE(is_binary(as_bytes(data)));
  data[7999] = '\0';
  CHECK(is_binary(as_bytes(data)));
  CHECK_FALSE(is_binary({}));
}
