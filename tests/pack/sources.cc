// What is found under a path, and where a repository keeps its parts.
#include "builder.h"
#include "pack/layout.h"
#include "pack/repository.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

namespace {
std::vector<std::string> names(const Sources& sources) {
  std::vector<std::string> out;
  for (const Source& source : sources.found)
    out.push_back((source.repository ? "repo " : "pack ") + source.name);
  return out;
}
using NameList = std::vector<std::string>;
} // namespace

TEST_CASE("bare repositories, work trees, linked work trees, submodules and packs at any depth",
          "[sources]") {
  TemporaryFolder folder;
  const std::string root = folder / "all";
  make_repository(root + "/b/work", 2);
  must_run("cd " + root +
           " && git clone -q --bare b/work a.git && git -C b/work worktree add -q ../linked && "
           "git -C b/work -c protocol.file.allow=always submodule --quiet add ../../a.git sub && mkdir -p "
           "c/d empty && "
           "git -C b/work repack -adq && cp b/work/.git/objects/pack/*.pack c/d/x.pack && ln -s .. c/loop && "
           "echo >c/text");
  CHECK(names(find_sources({root})) == NameList{"repo a.git", "repo b/linked", "repo b/work", "pack x.pack"});
  CHECK(find_sources({root}).errors.empty());
  CHECK(names(find_sources({root + "/b/work/", root + "/a.git", root + "/c/d/x.pack", root + "/b/linked"})) ==
        NameList{"repo work", "repo a.git", "pack x.pack", "repo linked"});
  CHECK(names(find_sources({root + "/b/work/sub"})) == NameList{"repo sub"});
  CHECK(names(find_sources({root + "/b/work/sub/.git"})) == NameList{"repo .git"});
  for (const std::string path : {"/b/linked", "/b/work/sub", "/b/work/.git", "/a.git"}) {
    const Sources sources = find_sources({root + path});
    REQUIRE(sources.found.size() == 1);
    Repository repository = Repository::open(sources.found[0]).value();
    CHECK(repository.store().errors().empty());
    CHECK(repository.resolve("HEAD").value().hex() ==
          must_run("git -C " + root + path + " rev-parse HEAD").substr(0, 40));
    CHECK(repository.tip_trees().value().size() >= 1);
  }
}

TEST_CASE("a path that leads to nothing is an error of its own", "[sources]") {
  TemporaryFolder folder;
  write_file(folder / "text", "x");
  must_run("mkdir " + (folder / "empty"));
  const Sources sources = find_sources({folder / "none", folder / "text", folder / "empty"});
  CHECK(sources.found.empty());
  REQUIRE(sources.errors.size() == 3);
  CHECK(sources.errors[0].text() == (folder / "none") + ": No such file or directory");
  CHECK(sources.errors[1].text() == (folder / "text") + ": neither a pack nor a repository");
  CHECK(sources.errors[2].text() == (folder / "empty") + ": holds neither packs nor repositories");
}

TEST_CASE("a name is the folder's even if the path ends in a dot", "[sources]") {
  TemporaryFolder folder;
  make_repository(folder / "r", 1);
  for (const std::string path : {"/r", "/r/", "/r/.", "/r/src/.."})
    CHECK(names(find_sources({folder.path() + path})) == NameList{"repo r"});
}

TEST_CASE("alternates are followed, in circles only once", "[sources]") {
  TemporaryFolder folder;
  const std::string first = make_repository(folder / "first", 3);
  const std::string quoted = folder / "with \"quotes\"";
  must_run("git clone -q --shared " + first + " '" + quoted + "' && git clone -q --shared '" + quoted + "' " +
           (folder / "third") + " 2>&1");
  write_file(first + "/.git/objects/info/alternates", "# a comment\n../../../third/.git/objects\n");
  Repository repository = Repository::open(find_sources({folder / "third"}).found.at(0)).value();
  CHECK(repository.store().errors().empty());
  CHECK(repository.store().find(blob_id("number 2\n")));
  CHECK(read_layout(folder / "third/.git").object_folders.size() == 3);

  write_file(first + "/.git/objects/info/alternates", "/nothing/here\n");
  const Layout layout = read_layout(folder / "third/.git");
  REQUIRE(layout.errors.size() == 1);
  CHECK(layout.errors[0].what == "alternate object folder does not exist: /nothing/here");
}

TEST_CASE("what is named twice is read once", "[sources]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "all/r", 2);
  const Sources sources = find_sources({path, folder / "all", path + "/.", path + "/.git"});
  CHECK(sources.errors.empty());
  CHECK(names(sources) == NameList{"repo r"});
}
