// Repositories of every shape that git makes: what is read equals what git lists.
#include "pack/layout.h"
#include "pack/repository.h"
#include "opened.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

#include <unistd.h>

using namespace packscope;
using namespace packscope::test;

namespace {

using Names = std::set<std::string>;

Repository open_whole(const std::string& path) {
  Repository repository = open(path);
  for (const Error& error : repository.store().errors()) FAIL_CHECK(error.text());
  return repository;
}
Names named_blobs(Repository& repository, const Scope& scope) {
  Names found;
  repository.for_each_blob(
      scope, [&](const BlobPath& blob) { found.insert(blob.id.hex() + (blob.path.empty() ? "" : " " + blob.path)); },
      [&](const Error& error) { FAIL_CHECK(error.text()); });
  return found;
}
// All blobs that git finds, without paths.
Names all_of(const std::string& path) {
  const std::vector<std::string> found = lines(must_run(
      "git -C " + path + " cat-file --batch-all-objects --batch-check | grep ' blob ' | cut -d' ' -f1"));
  return {found.begin(), found.end()};
}
Names ids(const Names& pairs) {
  Names out;
  for (const std::string& pair : pairs) out.insert(pair.substr(0, pair.find(' ')));
  return out;
}
Names listed(const std::string& path, const std::string& commits) {
  const std::vector<std::string> found = lines(
      must_run("cd " + path + " && export GIT_NO_REPLACE_OBJECTS=1 && for c in " + commits +
               "; do git ls-tree -r $c; done | awk '$2 == \"blob\" {print $3 \" \" $4}'"));
  return {found.begin(), found.end()};
}
void check_all(const std::string& path) {
  Repository repository = open_whole(path);
  CHECK(ids(named_blobs(repository, {ScopeKind::all_objects, {}})) == all_of(path));
  CHECK(named_blobs(repository, {ScopeKind::history, {}}) ==
        listed(path, "$(GIT_NO_REPLACE_OBJECTS=1 git rev-list --all)"));
}

} // namespace

TEST_CASE("several packs under a multi-pack-index, also where a pack's own index is gone", "[layout]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 8);
  must_run("cd " + path + " && git repack -q && git rev-list --objects HEAD~4 | git pack-objects -q "
           ".git/objects/pack/pack >/dev/null && git prune-packed && git multi-pack-index write 2>/dev/null");
  check_all(path);
  const Names wanted = all_of(path);
  must_run("cd " + path + "/.git/objects/pack && rm -f $(ls *.idx | head -1)");
  Repository repository = open_whole(path);
  CHECK(ids(named_blobs(repository, {ScopeKind::all_objects, {}})) == wanted);
}

TEST_CASE("alternates in a chain, by relative and absolute paths", "[layout]") {
  TemporaryFolder folder;
  make_repository(folder / "a/first", 3);
  must_run("cd " + folder.path() + " && git clone -q -s a/first second && git clone -q -s second third");
  write_file(folder / "second/.git/objects/info/alternates", "../../../a/first/.git/objects\n");
  for (const std::string name : {"second", "third"}) {
    write_file(folder / (name + "/new"), name);
    must_run("cd " + (folder / name) + " && git add new && git commit -q -m " + name + " && git repack -dlq");
  }
  write_file(folder / "third/loose", "loose");
  must_run("cd " + (folder / "third") + " && git add loose && git commit -q -m loose");
  check_all(folder / "third");
  check_all(folder / "second");
}

TEST_CASE("linked work trees have a HEAD and refs of their own", "[layout]") {
  for (const std::string format : {"sha1", "sha256"}) {
    TemporaryFolder folder;
    const std::string path = make_repository(folder / "r", 4, "--object-format=" + format);
    must_run("cd " + path + " && git worktree add -q --detach ../linked HEAD~3 && "
             "git -C ../linked update-ref refs/worktree/here HEAD~1");
    Repository repository = open_whole(folder / "linked");
    for (const std::string revision : {"HEAD", "refs/worktree/here"}) {
      if (format == "sha1" && revision != "HEAD") continue; // libgit2 1.5 knows no refs/worktree
      CHECK(repository.resolve(revision).value().hex() ==
            lines(must_run("git -C " + (folder / "linked") + " rev-parse " + revision)).at(0));
    }
    CHECK(named_blobs(repository, {}) == listed(path, "main v1"));
    check_all(folder / "linked");
  }
}

TEST_CASE("replacements are ignored: what is stored is what is read", "[layout]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 6);
  must_run("cd " + path + " && git replace HEAD HEAD~4 && git replace HEAD~2:src/b.c HEAD:src/b.c");
  check_all(path);
  Repository repository = open_whole(path);
  CHECK(named_blobs(repository, {}) == listed(path, "main v1"));
}

TEST_CASE("a clone without trees, and a shallow one, have no errors", "[layout]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 6);
  must_run("git -C " + path + " config uploadpack.allowFilter true && git clone -q --bare --filter=tree:0 file://" + path +
           " " + (folder / "trees.git") + " && git clone -q --depth=3 file://" + path + " " + (folder / "shallow"));
  Repository trees = open_whole(folder / "trees.git");
  CHECK(named_blobs(trees, {ScopeKind::history, {}}).empty());
  CHECK(trees.missing() == lines(must_run("git -C " + path + " log --all --format=%T | sort -u")).size());
  check_all(folder / "shallow");
}

TEST_CASE("somebody else's repository is read", "[layout]") {
  if (::geteuid() != 0) SKIP("only root can give files away");
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 3);
  const Names wanted = listed(path, "HEAD");
  const std::string head = lines(must_run("git -C " + path + " rev-parse HEAD")).at(0);
  if (run("chown -R 12345:12345 " + path + " 2>/dev/null").status != 0) SKIP("this sandbox lets nobody give files away");
  Repository repository = open_whole(path);
  CHECK(repository.resolve("HEAD").value().hex() == head);
  CHECK(named_blobs(repository, {}) == wanted);
}

TEST_CASE("a thin pack by itself: each entry that stands on an absent base is one error", "[layout]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 8);
  must_run("cd " + path + " && git repack -adfq && { echo HEAD; echo ^HEAD~3; } | "
           "git pack-objects -q --thin --revs --stdout >" + (folder / "thin.pack"));
  Result<Repository> thin = Repository::open({folder / "thin.pack", "thin.pack", false});
  REQUIRE(thin);
  const Store& store = thin->store();
  CHECK(store.errors().empty());
  std::uint32_t good = 0, absent = 0;
  for (std::uint32_t entry = 0; entry < store.packs()[0].entries().size(); ++entry) {
    const Outcome<ObjectType> type = store.type_of({0, entry});
    good += type.has_value();
    absent += !type && store.error({0, entry}, type.error()).text().find("REF_DELTA base id is in none") != std::string::npos;
  }
  CHECK(absent > 0);
  CHECK(good + absent == store.packs()[0].entries().size());
  // Beside the objects that it lacks it is whole.
  must_run("cp " + (folder / "thin.pack") + " " + path + "/.git/objects/pack/pack-" + std::string(40, 'a') + ".pack");
  Repository whole = open(path);
  for (std::uint32_t pack = 0; pack < whole.store().packs().size(); ++pack)
    for (std::uint32_t entry = 0; entry < whole.store().packs()[pack].entries().size(); ++entry)
      CHECK(whole.store().read(Location{pack, entry}));
}
