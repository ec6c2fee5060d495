// packscope pack2git as a user runs it: in every scope the urls that the objects hold.
#include "pack/builder.h"
#include "records.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <set>

using namespace packscope;
using namespace packscope::test;
using Json = nlohmann::json;

namespace {

std::vector<Json> urls_of(const std::string& arguments) { return records(must_run(kProgram + " pack2git --json --no-progress " + arguments)); }

// Two commits; urls in a manifest, a text, a binary, a commit's message, and in an old version alone.
std::string url_repository(const TemporaryFolder& folder) {
  const std::string path = folder / "r";
  must_run("git init -q -b main " + path);
  write_file(path + "/README", "old https://github.com/old/one\n");
  must_run("cd " + path +
           " && git add -A && git -c user.name=a -c user.email=a@b commit -qm 'as in https://example.org/m.git'");
  write_file(path + "/README", "twice git@h.org:a/b.git and git@h.org:a/b.git, https://example.org/page\n");
  write_file(path + "/flake.nix", "{ inputs.n.url = \"github:NixOS/nixpkgs/main\"; outputs = _: { }; }\n");
  write_file(path + "/copy/flake.nix", "{ inputs.n.url = \"github:NixOS/nixpkgs/main\"; outputs = _: { }; }\n");
  write_file(path + "/binary", std::string("\0https://github.com/in/binary", 28));
  must_run("cd " + path + " && git add -A && git -c user.name=a -c user.email=a@b commit -qm two");
  return path;
}
std::multiset<std::string> rows(const std::vector<Json>& found) {
  std::multiset<std::string> all;
  for (const Json& one : found)
    all.insert(one["normalized"].get<std::string>() + " " + one["via"].get<std::string>() + " " +
               (one["path"].is_null() ? "-" : one["path"].get<std::string>()));
  return all;
}

} // namespace

TEST_CASE("each scope has the urls of its objects", "[pack2git]") {
  TemporaryFolder folder;
  const std::string path = url_repository(folder);
  const std::multiset<std::string> now = {"https://h.org/a/b text README",
                                          "https://github.com/NixOS/nixpkgs flake flake.nix",
                                          "https://github.com/NixOS/nixpkgs flake copy/flake.nix"};
  CHECK(rows(urls_of(path)) == now);
  CHECK(rows(urls_of("--rev HEAD " + path)) == now);
  std::multiset<std::string> history = now;
  history.insert("https://github.com/old/one text README");
  CHECK(rows(urls_of("--history " + path)) == history);
  const std::multiset<std::string> all = {"https://h.org/a/b text -", "https://github.com/NixOS/nixpkgs flake -",
                                          "https://github.com/old/one text -", "https://example.org/m text -"};
  CHECK(rows(urls_of("--all-objects " + path)) == all); // loose
  must_run("git -C " + path + " repack -qad");
  CHECK(rows(urls_of("--all-objects " + path)) == all);
}

TEST_CASE("the files of several tips come by path", "[pack2git]") {
  TemporaryFolder folder;
  const std::string path = url_repository(folder);
  must_run("cd " + path + " && git checkout -qb other && git mv copy zoo && git mv README AREADME && "
           "git -c user.name=a -c user.email=a@b commit -qm moved");
  std::vector<std::string> paths;
  for (const Json& one : urls_of("--tips " + path)) paths.push_back(one["path"]);
  CHECK(paths == std::vector<std::string>{"AREADME", "README", "copy/flake.nix", "flake.nix", "zoo/flake.nix"});
}

TEST_CASE("a record names the object that holds the url", "[pack2git]") {
  TemporaryFolder folder;
  const std::string path = url_repository(folder);
  must_run("git -C " + path + " repack -qad");
  for (const std::string scope : {"--rev HEAD ", "--all-objects "})
    for (const Json& one : urls_of(scope + path)) {
      CHECK(one["repo"] == "r");
      const std::string text = must_run("git -C " + path + " cat-file -p " + one["object"].get<std::string>());
      CHECK(text.find(one["url"].get<std::string>()) != std::string::npos);
    }
}

TEST_CASE("a pack without index says the same, with ids, whatever the threads", "[pack2git]") {
  TemporaryFolder folder;
  const std::string path = url_repository(folder);
  must_run("git -C " + path + " repack -qad && cp " + path + "/.git/objects/pack/*.pack " + (folder / "lone.pack"));
  std::vector<Json> lone = urls_of("--threads 3 " + (folder / "lone.pack")),
                    whole = urls_of("--all-objects --threads 1 " + path);
  REQUIRE(lone.size() == whole.size());
  for (std::size_t i = 0; i < lone.size(); ++i) {
    CHECK(lone[i]["pack"] == "lone.pack");
    lone[i].erase("pack");
    whole[i].erase("repo");
    CHECK(lone[i] == whole[i]);
  }
}

TEST_CASE("a text of too many urls is a line, and what it had before is told", "[pack2git]") {
  TemporaryFolder folder;
  const std::string path = folder / "r";
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "https://github.com/o/n" + std::to_string(i) + "\n";
  must_run("git init -q -b main " + path);
  write_file(path + "/many", text);
  must_run("cd " + path + " && git add -A && git -c user.name=a -c user.email=a@b commit -qm one && git repack -qad");
  const Ran ran =
      run(PACKSCOPE_PROGRAM " pack2git --json --no-progress --all-objects " + path + " 2>" + (folder / "stderr"));
  CHECK(ran.status == 1);
  CHECK(lines(ran.output).size() == 1 << 18);
  CHECK(read_file(folder / "stderr").find("more than 262,144 different urls") != std::string::npos);
}

TEST_CASE("what memory does not hold is printed all the same, in order", "[pack2git]") {
  TemporaryFolder folder;
  const std::string path = folder / "r";
  must_run("git init -q -b main " + path);
  for (int file = 0; file < 12; ++file) {
    std::string text;
    for (int i = 0; i < 2'000; ++i) text += "https://github.com/o" + std::to_string(file) + "/n" + std::to_string(i) + "\n";
    write_file(path + "/f" + std::to_string(file), text);
  }
  must_run("cd " + path + " && git add -A && git -c user.name=a -c user.email=a@b commit -qm one && git repack -qad && "
           "cp .git/objects/pack/*.pack " + (folder / "lone.pack"));
  const std::string command = PACKSCOPE_PROGRAM " pack2git --no-progress ";
  for (const std::string& what : {"--all-objects " + path, folder / "lone.pack"}) {
    const std::string all = must_run(command + "--json " + what);
    CHECK(lines(all).size() == 24'000);
    CHECK((must_run(command + "--json --memory 1MiB --threads 3 " + what) == all)); // 3 MB of hits and urls
    CHECK((must_run(command + "--memory 16MiB " + what) == must_run(command + what)));
  }
  const Ran ran = run("TMPDIR=/nowhere " + command + "--json --memory 1MiB " + path + "/.git/objects/pack/*.pack 2>&1 >/dev/null");
  CHECK(ran.status == 1);
  CHECK(ran.output.find("urls above --memory: /nowhere: No such file or directory; some are left out") != std::string::npos);
}
