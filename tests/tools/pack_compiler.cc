// pack_compiler as its users run it: outlines against git and the text, tokens against the text's bits, predictions
// against what is exact.
#include "records.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <vector>

using namespace packscope::test;
using Json = nlohmann::json;

namespace {

const std::string kCompiler = PACKSCOPE_PROGRAM " pack_compiler ";

// Two versions of a C and a Rust file whose second is a delta's base, and what has no outline.
std::string two_versions(const TemporaryFolder& folder) {
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  for (int version = 0; version < 2; ++version) {
    std::string rust = "use std::fmt;\n", c = "#include <stdio.h>\nenum colour { red };\n";
    for (int i = 0; i < 60; ++i) {
      rust += "pub fn item_" + std::to_string(i) + "() -> u32 {\n    let value = " + std::to_string(version * (i == 30)) + ";\n    value\n}\n";
      c += "int function_" + std::to_string(i) + "(int x)\n{\n\tif (x) return " + std::to_string(version * (i == 30)) + ";\n\treturn 1;\n}\n";
    }
    write_file(path + "/lib.rs", rust);
    write_file(path + "/main.c", c);
    write_file(path + "/notes.txt", "words\n");
    must_run("cd " + path + " && git add -A && git commit -qm v" + std::to_string(version));
  }
  must_run("cd " + path + " && ln -s main.c link.c && git add -A && git commit -qm link && git repack -qadf --depth=10");
  return path;
}

std::string blob(const std::string& path, const std::string& id) { return must_run("git -C " + path + " cat-file blob " + id); }

} // namespace

TEST_CASE("outline: declarations lie where they are said to, in every scope") {
  TemporaryFolder folder;
  const std::string path = two_versions(folder);
  for (const std::string scope : {"--rev HEAD", "--tips", "--history", "--all-objects"}) {
    INFO(scope);
    const std::vector<Json> all = records(must_run(kCompiler + "outline --json " + scope + " " + path));
    REQUIRE(all.size() == (scope == "--rev HEAD" || scope == "--tips" ? 2 : 4));
    for (const Json& one : all) {
      CHECK(one["repo"] == "repo");
      const std::string text = blob(path, one["object"]);
      CHECK(one["declarations"].size() == (one["language"] == "c" ? 62 : 61));
      CHECK(one.contains("first_commit") == (scope == "--history"));
      for (const Json& declaration : one["declarations"]) {
        const std::string own = text.substr(declaration["begin"], declaration["end"].get<std::size_t>() - declaration["begin"].get<std::size_t>());
        CHECK(own.find(declaration["name"].get<std::string>()) != std::string::npos);
      }
    }
    CHECK(must_run(kCompiler + "outline --json --threads 3 " + scope + " " + path) == must_run(kCompiler + "outline --json --threads 1 " + scope + " " + path));
  }
  const Ran verbose = run(kCompiler + "outline -v --rev HEAD " + path + " 2>&1 >/dev/null");
  CHECK(verbose.output.find("no record of blobs in languages without declarations: other 2") != std::string::npos);
  const std::string text = must_run(kCompiler + "outline --rev HEAD " + path);
  CHECK(text.find("repo:lib.rs  rust\n") != std::string::npos);
  CHECK(text.find("type           colour\n") != std::string::npos);
}

TEST_CASE("outline --follow: the function that changed has two texts, the others one") {
  TemporaryFolder folder;
  const std::string path = two_versions(folder);
  const std::vector<Json> all = records(must_run(kCompiler + "outline --json --history --follow " + path));
  CHECK(all.size() == 62 + 61);
  const std::string first = must_run("git -C " + path + " rev-list --reverse HEAD | head -1 | tr -d '\\n'");
  const std::string last = must_run("git -C " + path + " rev-parse HEAD | tr -d '\\n'");
  for (const Json& one : all) {
    INFO(one.dump());
    const bool changed = one["name"] == "item_30" || one["name"] == "function_30";
    CHECK(one["changes"].size() == (changed ? 2 : 1));
    CHECK(one["versions"] == 2);
    CHECK(one["first_commit"] == first);
    CHECK(one["last_commit"] == last);
    CHECK(one["changes"].back()["begin"] < one["changes"].back()["end"]);
  }
  CHECK(run(kCompiler + "outline --follow " + path + " 2>&1").status == 2);
}

TEST_CASE("tokens: every token's pieces lie in streams that git names, through deltas, and none is left out") {
  TemporaryFolder folder;
  const std::string path = two_versions(folder);
  const std::vector<Json> all = records(must_run(kCompiler + "tokens --json --history " + path));
  REQUIRE(all.size() == 4);
  bool foreign = false;
  for (const Json& one : all) {
    const std::string text = blob(path, one["object"]);
    std::size_t at = 0;
    for (const Json& token : one["tokens"]) {
      const std::size_t begin = token["begin"], end = token["end"];
      REQUIRE(begin >= at);
      CHECK(text.substr(at, begin - at).find_first_not_of(" \t\n") == std::string::npos);
      at = end;
      REQUIRE(!token["pieces"].empty());
      for (const Json& piece : token["pieces"]) {
        CHECK(piece["bit_begin"] < piece["bit_end"]);
        foreign = foreign || piece["object"] != one["object"];
      }
      if (token["kind"] == "return") CHECK(text.substr(begin, end - begin) == "return");
    }
    CHECK(text.find_first_not_of(" \t\n", at) == std::string::npos);
  }
  CHECK(foreign); // a delta's tokens lie in its base
  CHECK(must_run(kCompiler + "tokens --json --threads 3 " + path) == must_run(kCompiler + "tokens --json --threads 1 " + path));
  CHECK(must_run(kCompiler + "tokens --rev HEAD " + path).find("primitive_type") != std::string::npos);
}

TEST_CASE("predict: what is predicted and what is exact stand apart, and agree as often as is said") {
  TemporaryFolder folder;
  const std::string path = two_versions(folder);
  const std::string models = "PACKSCOPE_MODELS=" PACKSCOPE_TEST_MODELS " ";
  const std::vector<Json> plain = records(must_run(models + kCompiler + "predict --json --rev HEAD " + path));
  REQUIRE(plain.size() == 3); // the text of no language too; the link not
  for (const Json& one : plain) {
    CHECK(one["confidence"] > 0);
    CHECK((one["rung"] == "R2" || one["rung"] == "R3-16" || one["rung"] == "R4"));
    CHECK(!one.contains("exact"));
    const bool learned = one["language"] == "rust" || one["language"] == "c" || one["language"] == "cpp" || one["language"] == "python";
    CHECK(one["facts"].is_null() == !learned);
    if (learned) CHECK(one["facts"]["function"].is_number_unsigned());
    if (learned) CHECK(one["facts"]["has_type"].is_boolean());
  }
  std::vector<Json> both = records(must_run(models + kCompiler + "predict --compare --json --rev HEAD " + path));
  REQUIRE(both.size() == 4);
  const Json summary = both.back();
  both.pop_back();
  std::uint64_t agree = 0, has_type = 0;
  for (const Json& one : both) {
    const std::string name = one["path"];
    CHECK(one["exact"]["language"] == (name == "lib.rs" ? "rust" : name == "main.c" ? "c" : "other"));
    CHECK(one["agreement"]["language"] == (one["language"] == one["exact"]["language"]));
    agree += one["agreement"]["language"].get<bool>();
    if (name == "notes.txt") {
      CHECK(one["exact"]["facts"].is_null());
      continue;
    }
    CHECK(one["exact"]["facts"]["function"] == 60);
    CHECK(one["exact"]["facts"]["has_enum"] == (name == "main.c"));
    CHECK(one["exact"]["facts"]["has_import"] == true);
    if (!one["agreement"]["facts"].is_null()) has_type += one["agreement"]["facts"]["has_type"].get<bool>();
  }
  CHECK(summary["agreement"]["language"]["n"] == 3);
  CHECK(summary["agreement"]["language"]["agree"] == agree);
  CHECK(summary["agreement"]["facts"]["has_type"]["agree"] == has_type);
  const std::vector<Json> header = records(must_run(models + kCompiler + "predict --json --rung R2 --all-objects " + path));
  REQUIRE(header.size() == 6); // the link too: without trees nobody knows
  for (const Json& one : header) {
    CHECK(one["rung"] == "R2");
    CHECK(one["path"].is_null());
  }
  CHECK(run(models + kCompiler + "predict --rung R9 " + path + " 2>&1").status == 2);
}
