// From repositories to lattices: the same file whatever the order, the threads, the memory and the tree of joins; who votes.
#include "lattice/builder.h"

#include "lattice/identity.h"
#include "random_lattice.h"

#include <algorithm>

using namespace packscope;
using namespace packscope::test;

namespace {

std::string make_repository(const std::string& path, unsigned seed) {
  must_run("git init -q -b main " + path);
  for (unsigned version = 0; version < 3; ++version) {
    std::string rust, c;
    for (unsigned line = 0; line < 60; ++line) {
      rust += "pub fn f" + std::to_string(line * seed % 17 + (line == version ? 100 : 0)) + "(x: &str) -> u32 { 0 }\n";
      c += "static int f" + std::to_string(line * seed % 13 + (line == version ? 100 : 0)) + "(const char* x) { return 0; }\n";
    }
    write_file(path + "/src/lib.rs", rust);
    write_file(path + "/main.c", c);
    write_file(path + "/Cargo.toml", "[package]\nname = \"n" + std::to_string(seed) + "\"\n");
    must_run("cd " + path + " && git add -A && GIT_AUTHOR_DATE='@" + std::to_string(seed + version) + " +0000' git commit -qm v" + std::to_string(version));
  }
  must_run("git -C " + path + " repack -qadf --window=10");
  return path;
}

pack::Repository open(const std::string& path) {
  pack::Sources sources = pack::find_sources({path});
  REQUIRE(sources.found.size() == 1);
  Result<pack::Repository> repository = pack::Repository::open(sources.found[0]);
  REQUIRE(repository);
  return std::move(*repository);
}

std::string built(const std::string& folder, const std::vector<std::string>& paths, unsigned threads = 1, std::uint64_t memory = std::uint64_t{64} << 20) {
  Builder builder({.folder = folder, .threads = threads, .memory = memory});
  for (const std::string& path : paths) {
    pack::Repository repository = open(path);
    REQUIRE(builder.add(repository, [](const Error& error) { FAIL(error.text()); }));
  }
  Result<CursorPtr> all = builder.finish();
  REQUIRE(all);
  const std::string file = folder + "/built";
  REQUIRE(write_lattice(file, **all, 0));
  return read_file(file);
}

} // namespace

TEST_CASE("any order, any threads, any memory, any tree of joins: one file", "[builder]") {
  TemporaryFolder folder;
  std::vector<std::string> paths;
  for (unsigned i = 1; i <= 4; ++i) paths.push_back(make_repository(folder / ("r" + std::to_string(i)), i));
  const std::string all = built(folder.path(), paths);
  CHECK((built(folder.path(), {paths[2], paths[0], paths[3], paths[1]}, 3) == all));
  CHECK((built(folder.path(), paths, 2, 0) == all));
  CHECK((built(folder.path(), {paths[0], paths[1], paths[2], paths[3], paths[0]}) == all)); // twice changes nothing
  for (unsigned i = 0; i < 4; ++i) write_file(folder / ("l" + std::to_string(i)), built(folder.path(), {paths[i]}));
  join_files({folder / "l0", folder / "l3"}, folder / "a");
  join_files({folder / "l2", folder / "a"}, folder / "b");
  CHECK((join_files({folder / "b", folder / "l1"}, folder / "c") == all));
}

TEST_CASE("forks, clones and lone packs vote as what they stem from", "[builder]") {
  TemporaryFolder folder;
  const std::string one = make_repository(folder / "one", 1), other = make_repository(folder / "other", 2);
  must_run("git clone -q --bare " + one + " " + (folder / "clone.git"));
  must_run("git clone -q " + one + " " + (folder / "fork") + " && cd " + (folder / "fork") + " && echo 'fn more() {}' > more.rs && git add -A && git commit -qm fork && git repack -qad");
  const auto identity = [](const std::string& path) {
    pack::Repository repository = open(path);
    return identity_of(repository.store(), 1, 1 << 20)->hex();
  };
  const std::string root = must_run("git -C " + one + " rev-list --max-parents=0 HEAD").substr(0, 40);
  CHECK(identity(one) == root);
  CHECK(identity(folder / "clone.git") == root);
  CHECK(identity(folder / "fork") == root);
  CHECK(identity(other) != root);
  const std::string pack = must_run("ls " + one + "/.git/objects/pack/*.pack");
  CHECK(identity(pack.substr(0, pack.size() - 1)) == root);
  // A clone is the same objects and the same voter.
  CHECK((built(folder.path(), {one, folder / "clone.git"}) == built(folder.path(), {one})));
}

TEST_CASE("a clue counts the repositories and objects that have it", "[builder]") {
  TemporaryFolder folder;
  const std::string one = make_repository(folder / "one", 1), other = make_repository(folder / "other", 2);
  write_file(folder / "lattice", built(folder.path(), {one, other}));
  const Result<Lattice> lattice = Lattice::open(folder / "lattice");
  REQUIRE(lattice);
  bool damaged = false;
  const std::optional<Evidence> total = Evidence::decode(lattice->find(key_of(Dimension::total, 0), damaged));
  REQUIRE(total);
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
  for (const Votes& votes : total->votes()) counts[votes.label] = {votes.repositories.count(), votes.objects.count()};
  CHECK(counts == std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>{{"lc", {2, 6}}, {"lrust", {2, 6}}, {"ltoml", {2, 2}}});
  const std::string manifest = must_run("git -C " + one + " rev-parse HEAD:Cargo.toml").substr(0, 40);
  const std::optional<Evidence> object = Evidence::decode(lattice->find(object_key(Dimension::object, pack::ObjectId::parse(manifest)->raw()), damaged));
  REQUIRE(object);
  std::vector<std::string> labels;
  for (const Votes& votes : object->votes()) labels.push_back(votes.label);
  CHECK(labels == std::vector<std::string>{"ltoml", "mcargo", "nCargo.toml"});
  // Versions of lib.rs lie as deltas: they are told by what they stand on.
  unsigned deltas = 0;
  const CursorPtr records = lattice->records();
  for (Record record; *records->next(record);) deltas += dimension_of(record.key) == Dimension::delta;
  CHECK(deltas >= 2);
}
