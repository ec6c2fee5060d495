// Flake references: each line is a url, and what nix keeps of it as "original" in a lock file.
#include "deps/flake.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope::deps;
using Json = nlohmann::json;

namespace {

Json resolved(std::string_view url, bool flake = true) {
  const std::optional<FlakeReference> reference = parse_flake_url(url, flake);
  if (!reference) return nullptr;
  Json out;
  for (const auto& [key, value] : *reference)
    std::visit([&, name = key](const auto& one) { out[name] = one; }, value);
  return out;
}
const std::string kRev = "21ea275a7c46aef9d4d6ddc962e6d562e9d94183";

} // namespace

TEST_CASE("forges", "[flake]") {
  CHECK(resolved("github:NixOS/nixpkgs") == Json::parse(R"({"type":"github","owner":"NixOS","repo":"nixpkgs"})"));
  CHECK(resolved("github:NixOS/nixpkgs/nixos-23.05")["ref"] == "nixos-23.05");
  CHECK(resolved("github:a/b/feature/x")["ref"] == "feature/x");
  CHECK(resolved("github:a/b/" + kRev)["rev"] == kRev);
  CHECK(resolved("github:a/b?dir=sub&ref=main&host=h.example") ==
        Json::parse(R"({"type":"github","owner":"a","repo":"b","dir":"sub","ref":"main","host":"h.example"})"));
  CHECK(resolved("gitlab:a%2Fb/c")["owner"] == "a%2Fb");
  CHECK(resolved("sourcehut:~u/r") == Json::parse(R"({"type":"sourcehut","owner":"~u","repo":"r"})"));
  CHECK(resolved("github:a").is_null());
}

TEST_CASE("git, tarballs and files", "[flake]") {
  CHECK(resolved("git+https://h/a.git?ref=main&submodules=1&dir=x") ==
        Json::parse(R"({"type":"git","url":"https://h/a.git","ref":"main","submodules":true,"dir":"x"})"));
  CHECK(resolved("git+ssh://git@h/a") == Json::parse(R"({"type":"git","url":"ssh://git@h/a"})"));
  CHECK(resolved("git://h/a?b=c") == Json::parse(R"({"type":"git","url":"git://h/a?b=c"})"));
  CHECK(resolved("hg+https://h/a")["type"] == "hg");
  CHECK(resolved("https://h/a.tar.gz") == Json::parse(R"({"type":"tarball","url":"https://h/a.tar.gz"})"));
  CHECK(resolved("https://h/a")["type"] == "tarball");
  CHECK(resolved("https://h/a.txt", false) == Json::parse(R"({"type":"file","url":"https://h/a.txt"})"));
  CHECK(resolved("https://h/a.zip", false)["type"] == "tarball");
  CHECK(resolved("tarball+https://h/a")["url"] == "https://h/a");
  CHECK(resolved("file+https://h/a.tar.gz")["type"] == "file");
}

TEST_CASE("paths and registry names", "[flake]") {
  CHECK(resolved("path:./sub") == Json::parse(R"({"type":"path","path":"./sub"})"));
  CHECK(resolved("./sub")["path"] == "./sub");
  CHECK(resolved("/abs?dir=x") == Json::parse(R"({"type":"path","path":"/abs","dir":"x"})"));
  CHECK(resolved("nixpkgs") == Json::parse(R"({"type":"indirect","id":"nixpkgs"})"));
  CHECK(resolved("nixpkgs/nixos-23.05")["ref"] == "nixos-23.05");
  CHECK(resolved("flake:nixpkgs/release/" + kRev) == Json{{"type", "indirect"}, {"id", "nixpkgs"}, {"ref", "release"}, {"rev", kRev}});
  CHECK(resolved("mailto:a@b").is_null());
  CHECK(resolved("").is_null());
}
