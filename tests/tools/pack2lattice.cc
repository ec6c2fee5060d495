// packscope pack2lattice as a user runs it.
#include "pack/builder.h"
#include "records.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <map>

using namespace packscope;
using namespace packscope::test;
using Json = nlohmann::json;

namespace {

const std::string kLattice = PACKSCOPE_PROGRAM " pack2lattice ";

std::vector<Json> told_by(const std::string& arguments) { return records(must_run(kLattice + arguments)); }

// Rust, C and Python; three versions each, so that some lie as deltas.
std::string make_versions(const std::string& path, unsigned seed) {
  must_run("git init -q -b main " + path);
  for (unsigned version = 0; version < 3; ++version) {
    std::string rust = "use std::io;\n", c = "#include <stdio.h>\n", python = "import os\n";
    for (unsigned line = 0; line < 80; ++line) {
      const std::string name = std::to_string(line * seed % 17 + (line == version ? 100 : 0));
      rust += "pub fn f" + name + "(x: &str) -> Option<u32> { None }\n";
      c += "static int f" + name + "(const char *x)\n{\n\treturn 0;\n}\n";
      python += "def f" + name + "(x):\n    return x\n";
    }
    write_file(path + "/src/lib.rs", rust);
    write_file(path + "/main.c", c);
    write_file(path + "/tool.py", python);
    must_run("cd " + path + " && git add -A && GIT_COMMITTER_DATE='@" + std::to_string(seed * 10 + version) + " +0000' git commit -qm v" + std::to_string(version));
  }
  must_run("git -C " + path + " repack -qadf");
  return path;
}

} // namespace

TEST_CASE("a lattice tells the blobs of its own repository, and of one like it", "[pack2lattice]") {
  TemporaryFolder folder;
  for (unsigned i = 1; i <= 4; ++i) make_versions(folder / ("r" + std::to_string(i)), i);
  const std::string lattice = folder / "lattice";
  must_run("cd " + folder.path() + " && " + kLattice + "build --quiet -o lattice r1 r2 r3");
  const std::map<std::string, std::string> truth = {{"src/lib.rs", "rust"}, {"main.c", "c"}, {"tool.py", "python"}};
  for (const char* name : {"r1", "r4"}) {
    const std::vector<Json> told = told_by("explain --json " + lattice + " " + (folder / name));
    REQUIRE(told.size() == 3);
    for (const Json& one : told) {
      INFO(one.dump());
      CHECK(one["repo"] == name);
      CHECK(one["object"].get<std::string>() + "\n" == must_run("git -C " + (folder / name) + " rev-parse HEAD:" + one["path"].get<std::string>()));
      CHECK(one["label"] == truth.at(one["path"]));
      CHECK(one["confidence"].get<double>() > 0.3);
      CHECK(one["confidence"].get<double>() <= 1);
      REQUIRE_FALSE(one["evidence"].empty());
      for (const Json& clue : one["evidence"]) {
        CHECK(clue["distinct_objects"].get<std::uint64_t>() >= 1);
        CHECK(clue["distinct_packs"].get<std::uint64_t>() >= 1);
        CHECK(clue["distinct_packs"].get<std::uint64_t>() <= 3);
      }
      if (std::string(name) == "r1") {
        CHECK(one["evidence"][0]["dimension"] == "object");
        CHECK(one["confidence"].get<double>() > 0.95);
      }
    }
  }
  // Every object, by headers alone: deltas inherit.
  const std::vector<Json> all = told_by("explain --json --all-objects " + lattice + " " + (folder / "r4"));
  CHECK(all.size() == 9);
  for (const Json& one : all) {
    CHECK(one["path"].is_null());
    const std::string text = must_run("git -C " + (folder / "r4") + " cat-file blob " + one["object"].get<std::string>());
    CHECK(one["label"] == (text.starts_with("use") ? "rust" : text.starts_with("#") ? "c" : "python"));
  }
  const std::string threads = must_run(kLattice + "explain --json --threads 1 " + lattice + " " + (folder / "r4"));
  CHECK(must_run(kLattice + "explain --json --threads 7 " + lattice + " " + (folder / "r4")) == threads);
}

TEST_CASE("join is build over all, in any order, and stat counts", "[pack2lattice]") {
  TemporaryFolder folder;
  std::string all;
  for (unsigned i = 1; i <= 3; ++i) {
    const std::string name = "r" + std::to_string(i);
    make_versions(folder / name, i);
    must_run("cd " + folder.path() + " && " + kLattice + "build --quiet --threads " + std::to_string(i) + " -o l" + std::to_string(i) + " " + name);
  }
  must_run("cd " + folder.path() + " && " + kLattice + "build --quiet -o all r3 r1 r2");
  must_run("cd " + folder.path() + " && " + kLattice + "join --quiet -o ab l1 l2 && " + kLattice + "join --quiet -o abc l3 ab l1");
  CHECK((read_file(folder / "abc") == read_file(folder / "all")));
  const Json stat = told_by("stat --json " + (folder / "all")).at(0);
  CHECK(stat["packs"] == 3);
  CHECK(stat["distinct_objects"] == std::stoul(must_run("for i in 1 2 3; do git -C " + folder.path() + "/r$i cat-file --batch-all-objects --batch-check; done | grep blob | sort -u | wc -l")));
  CHECK(stat["bytes"] == std::filesystem::file_size(folder / "all"));
  std::uint64_t clues = 0;
  for (const auto& [name, count] : stat["dimensions"].items()) clues += count.get<std::uint64_t>();
  CHECK(stat["clues"] == clues);
  must_run("cd " + folder.path() + " && " + kLattice + "join --quiet --min-repos 3 -o few abc");
  const Json few = told_by("stat --json " + (folder / "few")).at(0);
  CHECK(few["min_repos"] == 3);
  CHECK(few["clues"].get<std::uint64_t>() < clues);
  CHECK(few["packs"] == 3);
}

TEST_CASE("what is wrong is said in one line, and nothing is overwritten", "[pack2lattice]") {
  TemporaryFolder folder;
  make_versions(folder / "r", 1);
  const std::string lattice = folder / "lattice";
  must_run(kLattice + "build --quiet -o " + lattice + " " + (folder / "r"));
  const std::string whole = read_file(lattice);
  std::string broken = whole;
  for (std::size_t at = whole.size() * 2 / 3; at < whole.size(); at += 97) broken[at] ^= 1; // some of it lies in records
  write_file(folder / "broken", broken);
  Ran ran = run(kLattice + "join -o " + lattice + " " + (folder / "broken") + " " + lattice + " 2>&1");
  CHECK(ran.status == 1);
  CHECK(ran.output.starts_with("packscope: "));
  CHECK((read_file(lattice) == whole));
  CHECK(run(kLattice + "stat " + (folder / "broken") + " 2> /dev/null").status == 1);
  write_file(folder / "text", "a text of no format\n");
  ran = run(kLattice + "explain " + (folder / "text") + " " + (folder / "r") + " 2>&1");
  CHECK(ran.status == 1);
  CHECK(ran.output == "packscope: " + (folder / "text") + ": not a lattice: no LMDB file\n");
  ran = run("cd " + folder.path() + " && ulimit -f 8 && " + kLattice + "build --quiet -o lattice r 2>&1"); // a full disk
  CHECK(ran.status == 1);
  CHECK((read_file(lattice) == whole));
  ran = run("cd " + folder.path() + " && timeout -s KILL 0.02 " + kLattice + "build --quiet -o lattice r 2>&1"); // whenever that is
  CHECK((read_file(lattice) == whole));
  CHECK(run(kLattice + "2> /dev/null").status == 2);
  CHECK(run(kLattice + "build " + (folder / "r") + " 2> /dev/null").status == 2);
  CHECK(run(kLattice + "explain --dimension nose " + lattice + " " + (folder / "r") + " 2> /dev/null").status == 2);
}

TEST_CASE("measure holds answers against paths", "[pack2lattice]") {
  TemporaryFolder folder;
  for (unsigned i = 1; i <= 3; ++i) make_versions(folder / ("r" + std::to_string(i)), i);
  must_run("cd " + folder.path() + " && " + kLattice + "build --quiet -o lattice r1 r2");
  std::map<std::string, Json> rows;
  for (const Json& one : told_by("measure --json " + (folder / "lattice") + " " + (folder / "r1")))
    if (one.contains("dimension")) rows[one["dimension"].get<std::string>()] = one;
    else CHECK(one["known_repositories"] == 1);
  CHECK(rows.at("object")["coverage"] == 1);
  CHECK(rows.at("object")["accuracy"] == 1);
  rows.clear();
  for (const Json& one : told_by("measure --json " + (folder / "lattice") + " " + (folder / "r3")))
    if (one.contains("dimension")) rows[one["dimension"].get<std::string>()] = one;
    else CHECK(one["known_repositories"] == 0);
  CHECK(rows.at("object")["coverage"] == 0);
  CHECK(rows.at("symbols4")["coverage"] == 1);
  CHECK(rows.at("symbols4")["accuracy"] == 1);
}
