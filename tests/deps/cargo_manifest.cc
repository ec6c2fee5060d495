// Cargo.toml: every field of a dependency, in all the places where dependencies stand.
#include "deps/cargo.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope;
using namespace packscope::deps;
using Json = nlohmann::json;

namespace {

Json cargo_record(std::string_view text) {
  const Result<CargoManifest> manifest = parse_cargo_manifest(text);
  REQUIRE(manifest);
  JsonWriter json;
  json.begin_object();
  write_fields(json, *manifest);
  json.end_object();
  return Json::parse(json.text());
}

Json only_dependency(std::string_view lines) {
  const Json all = cargo_record("[package]\nname = \"a\"\n" + std::string(lines));
  REQUIRE(all["dependencies"].size() == 1);
  return all["dependencies"][0];
}

} // namespace

TEST_CASE("a plain requirement", "[cargo]") {
  CHECK(only_dependency("[dependencies]\nserde = \"1.0\"\n") ==
        Json::parse(R"({"name":"serde","package":"serde","req":"1.0","kind":"normal","source":"registry","git":null,
          "branch":null,"tag":null,"rev":null,"path":null,"registry":null,"optional":false,"default_features":true,
          "features":[],"target":null})"));
}

TEST_CASE("a renamed crate from a registry, with features", "[cargo]") {
  const Json one = only_dependency("[dependencies.json]\npackage = \"serde_json\"\nversion = \">=1, <2\"\n"
                                   "registry = \"mine\"\noptional = true\ndefault-features = false\n"
                                   "features = [\"std\", \"raw_value\"]\n");
  CHECK(one["name"] == "json");
  CHECK(one["package"] == "serde_json");
  CHECK(one["req"] == ">=1, <2");
  CHECK(one["registry"] == "mine");
  CHECK(one["optional"] == true);
  CHECK(one["default_features"] == false);
  CHECK(one["features"] == Json{"std", "raw_value"});
}

TEST_CASE("an inline table over several lines, as TOML 1.1 has it", "[cargo]") {
  CHECK(only_dependency("[dependencies]\na = {\n  version = \"1\", # why\n  features = [\"x\"],\n}\n")["features"] == Json{"x"});
}

TEST_CASE("git and path sources", "[cargo]") {
  const Json git = only_dependency("[dependencies]\na = { git = \"https://h/a\", branch = \"next\", version = \"2\" }\n");
  CHECK(git["source"] == "git");
  CHECK(git["git"] == "https://h/a");
  CHECK(git["branch"] == "next");
  CHECK(only_dependency("[dependencies]\na = { git = \"u\", tag = \"v1\" }")["tag"] == "v1");
  CHECK(only_dependency("[dependencies]\na = { git = \"u\", rev = \"abc\" }")["rev"] == "abc");
  const Json path = only_dependency("[dependencies]\na = { path = \"../a\" }\n");
  CHECK(path["source"] == "path");
  CHECK(path["path"] == "../a");
  CHECK(path["req"] == "*");
}

TEST_CASE("kinds and targets, in today's and yesterday's spelling", "[cargo]") {
  const Json all = cargo_record("[project]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nn = \"1\"\n[dev_dependencies]\nd = \"1\"\n"
                          "[build-dependencies]\nb = { version = \"1\", default_features = false }\n"
                          "[target.'cfg(unix)'.dev-dependencies]\nu = \"1\"\n[target.x86_64-pc-windows-msvc.dependencies]\nw = \"1\"\n");
  CHECK(all["package"] == Json{{"name", "a"}, {"version", "0.1.0"}});
  Json seen;
  for (const Json& one : all["dependencies"]) seen.push_back({one["name"], one["kind"], one["target"], one["default_features"]});
  CHECK(seen == Json::parse(R"x([["n","normal",null,true],["d","dev",null,true],["b","build",null,false],
    ["u","dev","cfg(unix)",true],["w","normal","x86_64-pc-windows-msvc",true]])x"));
}

TEST_CASE("a virtual manifest, with overrides", "[cargo]") {
  const Json all = cargo_record("[workspace]\nmembers = [\"a\", \"crates/*\"]\n[patch.crates-io]\nserde = { path = \"s\" }\n"
                          "[patch.\"https://h/x\"]\nx = { git = \"https://h/y\" }\n[replace]\n\"old:1.0.0\" = { git = \"https://h/o\" }\n");
  CHECK(all["package"].is_null());
  CHECK(all["workspace"] == Json{{"members", {"a", "crates/*"}}});
  REQUIRE(all["patch"].size() == 2);
  CHECK(all["patch"][0]["of"] == "crates-io");
  CHECK(all["patch"][0]["path"] == "s");
  CHECK(all["patch"][1]["of"] == "https://h/x");
  CHECK(all["replace"][0]["of"] == "old:1.0.0");
  CHECK(all["replace"][0]["name"] == "old");
}

TEST_CASE("what is wrong with a manifest is said with its line", "[cargo]") {
  const auto error = [](std::string_view text) { return parse_cargo_manifest(text).error().text(); };
  CHECK(error("[package]\nname = \"a\"\n[dependencies]\nb = 3\n") == "line 4: 'b' is no table");
  CHECK(error("[package]\nname = \"a\"\n[dependencies]\nb = { version = 3 }\n") == "line 4: 'version' is no string");
  CHECK(error("[package]\nversion = \"1\"\n") == "line 1: 'package' has no name");
  CHECK(error("[tool]\n").ends_with("neither [package] nor [workspace]"));
  CHECK(error("name = {{ name }}\n").starts_with("line 1: "));
}

TEST_CASE("a text without a path is taken for Cargo's by its tables", "[cargo]") {
  CHECK(looks_like_cargo("# x\n[package]\nname = \"a\"\n[dependencies.serde]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\n"));
  CHECK(looks_like_cargo("version = 3\n\n[[package]]\nname = \"a\"\n"));
  CHECK_FALSE(looks_like_cargo("[tool.poetry]\n[package]\n"));
  CHECK_FALSE(looks_like_cargo("[dependencies]\na = 1\n"));
  CHECK_FALSE(looks_like_cargo(""));
}
