// pack2cargo, pack2nix and pack2gitmodules from end to end: which manifests a scope holds, what stands beside them, what
// is said of broken ones.
#include "support.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <vector>

using namespace packscope::test;
using Json = nlohmann::json;

namespace {

struct Got {
  std::vector<Json> records;
  int status = 0;
  std::string errors;

  const Json& at(const std::string& path) const {
    const auto found = std::ranges::find_if(records, [&](const Json& one) { return one["path"] == path; });
    if (found == records.end()) throw std::runtime_error("no record of " + path);
    return *found;
  }
};

Got got(const TemporaryFolder& folder, const std::string& arguments) {
  const Ran ran = run(PACKSCOPE_PROGRAM " " + arguments + " --json --no-progress 2>" + (folder / "stderr"));
  Got out = {.records = {}, .status = ran.status, .errors = read_file(folder / "stderr")};
  std::istringstream lines(ran.output);
  for (std::string line; std::getline(lines, line);) out.records.push_back(Json::parse(line));
  return out;
}

// A workspace of two crates with a history of two commits, a flake, a link that is called Cargo.toml.
std::string manifest_repository(const TemporaryFolder& folder) {
  const std::string path = folder / "r";
  const std::string git = "cd " + path + " && git ";
  must_run("git init -q -b main " + path);
  write_file(path + "/Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n[workspace.dependencies]\nserde = \"1.0\"\n");
  write_file(path + "/a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nserde.workspace = true\n");
  write_file(path + "/b/Cargo.toml", "[package]\nname = \"b\"\n[dependencies]\na = { path = \"../a\" }\n");
  write_file(path + "/Cargo.lock", "version = 4\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n");
  write_file(path + "/notes/Cargo.toml.orig", "not a manifest");
  must_run("ln -s ../Cargo.toml " + path + "/notes/Cargo.toml");
  must_run(git + "add -A && git commit -q -m one");
  write_file(path + "/b/Cargo.toml", "[package]\nname = \"b\"\nversion = \"2.0.0\"\n");
  write_file(path + "/flake.nix", "{ inputs.nixpkgs.url = \"github:NixOS/nixpkgs\"; outputs = _: { }; }");
  must_run(git + "add -A && git commit -q -m two");
  return path;
}

std::vector<std::string> paths(const Got& of) {
  std::vector<std::string> out;
  for (const Json& one : of.records) out.push_back(one["path"].is_null() ? "-" : one["path"]);
  return out;
}

} // namespace

TEST_CASE("a revision's manifests, by path, with what members inherit", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = manifest_repository(folder);
  const Got head = got(folder, "pack2cargo --rev HEAD " + path);
  CHECK(head.status == 0);
  CHECK(head.errors == "");
  CHECK(paths(head) == std::vector<std::string>{"Cargo.lock", "Cargo.toml", "a/Cargo.toml", "b/Cargo.toml"});
  const Json& member = head.at("a/Cargo.toml");
  CHECK(member["repo"] == "r");
  CHECK(member["object"].get<std::string>() + "\n" == must_run("git -C " + path + " rev-parse HEAD:a/Cargo.toml"));
  CHECK(member["dependencies"][0]["req"] == "1.0");
  CHECK(member["dependencies"][0]["source"] == "registry");
  CHECK(head.at("b/Cargo.toml")["package"]["version"] == "2.0.0");
  CHECK(got(folder, "pack2cargo --rev HEAD~ " + path).at("b/Cargo.toml")["dependencies"][0]["path"] == "../a");
  CHECK(paths(got(folder, "pack2nix " + path)) == std::vector<std::string>{"flake.nix"});
}

TEST_CASE("a history has every version, all objects and a lone pack each once", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = manifest_repository(folder);
  CHECK(got(folder, "pack2cargo --history " + path).records.size() == 5);
  CHECK(got(folder, "pack2cargo --all-objects " + path).records.size() == 5);
  must_run("cd " + path + " && git repack -q -a -d && cp .git/objects/pack/*.pack " + (folder / "lone.pack"));
  const Got lone = got(folder, "pack2cargo " + (folder / "lone.pack"));
  CHECK(lone.status == 0);
  CHECK(lone.records.size() == 5);
  CHECK(lone.at("a/Cargo.toml")["pack"] == "lone.pack");
  CHECK(lone.at("a/Cargo.toml")["dependencies"][0]["req"] == "1.0"); // the root stands in the same pack
}

TEST_CASE("blobs that no tree names are recognised by their content", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = manifest_repository(folder);
  write_file(path + "/x", "[submodule \"s\"]\n\tpath = s\n\turl = ../s\n");
  write_file(path + "/y", "[package]\nname = broken {\n");
  must_run("cd " + path + " && (git rev-parse HEAD:a/Cargo.toml HEAD:Cargo.lock HEAD:flake.nix HEAD:notes/Cargo.toml.orig; "
           "git hash-object -w x y) | git pack-objects -q blobs");
  const std::string pack = path + "/blobs-*.pack";
  const Got cargo = got(folder, "pack2cargo " + pack);
  CHECK(cargo.status == 0);
  CHECK(cargo.records.size() == 2);
  CHECK(paths(cargo) == std::vector<std::string>{"-", "-"});
  const Got nix = got(folder, "pack2nix " + pack);
  REQUIRE(nix.records.size() == 1);
  CHECK(nix.records[0]["inputs"][0]["original"]["owner"] == "NixOS");
  const Got modules = got(folder, "pack2gitmodules --origin https://h/o/r " + pack);
  REQUIRE(modules.records.size() == 1);
  CHECK(modules.records[0]["submodules"][0]["resolved"] == "https://h/o/s");
}

TEST_CASE("a broken manifest is one line that names it, and the rest goes on", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = manifest_repository(folder);
  write_file(path + "/c/Cargo.toml", "[package]\nname = {{name}}\n");
  write_file(path + "/d/Cargo.toml", std::string(20u << 20, '['));
  must_run("cd " + path + " && git add -A && git commit -q -m broken");
  const Got head = got(folder, "pack2cargo --rev HEAD " + path);
  CHECK(head.status == 1);
  CHECK(head.records.size() == 4);
  const std::string id = must_run("git -C " + path + " rev-parse HEAD:c/Cargo.toml").substr(0, 40);
  CHECK(head.errors.find("/r/.git: object " + id + ", path 'c/Cargo.toml': line 2: ") != std::string::npos);
  CHECK(head.errors.find("path 'd/Cargo.toml': a manifest of 20971520 bytes is above the limit of 2097152\n") != std::string::npos);
  CHECK(std::ranges::count(head.errors, '\n') == 2);
}

TEST_CASE("submodules with the commits that the same tree pins", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = folder / "r", git = "cd " + path + " && git ", first(40, '1'), second(40, '2');
  must_run("git init -q -b main " + path + " && " + git + "remote add origin git@h.example:o/r.git");
  write_file(path + "/.gitmodules", "[submodule \"s\"]\n\tpath = sub/s\n\turl = ../s.git\n\tbranch = next\n[submodule \"gone\"]\n\tpath = gone\n\turl = https://h/g\n");
  must_run(git + "add .gitmodules && git update-index --add --cacheinfo 160000," + first + ",sub/s && git commit -q -m one");
  must_run(git + "update-index --cacheinfo 160000," + second + ",sub/s && git commit -q -m two");
  const Json wanted = Json::parse(R"([{"name":"s","path":"sub/s","url":"../s.git","resolved":"git@h.example:o/s.git","branch":"next",
    "commit":"2222222222222222222222222222222222222222"},{"name":"gone","path":"gone","url":"https://h/g","resolved":null,"branch":null,"commit":null}])");
  CHECK(got(folder, "pack2gitmodules " + path).at(".gitmodules")["submodules"] == wanted);
  CHECK(got(folder, "pack2gitmodules --rev HEAD~ " + path).records[0]["submodules"][0]["commit"] == first);
  CHECK(got(folder, "pack2gitmodules --origin https://x/y/z " + path).records[0]["submodules"][0]["resolved"] == "https://x/y/s.git");
}

TEST_CASE("records do not depend on the number of threads", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = folder / "r";
  must_run("git init -q -b main " + path);
  for (int i = 0; i < 40; ++i) {
    std::string text = "[package]\nname = \"p" + std::to_string(i) + "\"\n[dependencies]\n";
    for (int j = 0; j < 200; ++j) text += "d" + std::to_string(j) + " = \"" + std::to_string(i) + "\"\n";
    write_file(path + "/" + std::to_string(i) + "/Cargo.toml", text);
  }
  must_run("cd " + path + " && git add -A && git commit -q -m all");
  for (const std::string form : {"--json ", ""}) {
    const std::string command = PACKSCOPE_PROGRAM " pack2cargo " + form + path + " --threads ";
    const std::string one = must_run(command + "1");
    CHECK(one.size() > 100000);
    CHECK(must_run(command + "5") == one);
  }
}

TEST_CASE("people are told the commits of a history, and that there is nothing", "[manifests]") {
  const TemporaryFolder folder;
  const std::string path = manifest_repository(folder);
  const std::string head = must_run("git -C " + path + " rev-parse HEAD").substr(0, 12),
                    first = must_run("git -C " + path + " rev-parse HEAD~").substr(0, 12);
  const std::string history = run(PACKSCOPE_PROGRAM " pack2cargo --history " + path).output;
  CHECK(history.find("r:b/Cargo.toml  " + first + ".." + first) != std::string::npos);
  CHECK(history.find("r:a/Cargo.toml  " + first + ".." + head) != std::string::npos);
  CHECK(run(PACKSCOPE_PROGRAM " pack2gitmodules " + path + " 2>&1").output == "packscope: no .gitmodules found\n");
  CHECK(run(PACKSCOPE_PROGRAM " pack2gitmodules --quiet " + path + " 2>&1").output.empty());
}
