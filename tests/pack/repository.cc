// Revisions and scopes, against git rev-parse, ls-tree and rev-list.
#include "pack/repository.h"
#include "opened.h"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>

using namespace packscope;
using namespace packscope::test;

namespace {

struct Found {
  std::vector<std::string> pairs; // "ID PATH", as they come
  std::vector<std::string> errors;
};
Found blobs(Repository& repository, const Scope& scope) {
  Found found;
  repository.for_each_blob(
      scope,
      [&](const BlobPath& blob) {
        CHECK(repository.store().id_of(blob.at) == blob.id);
        found.pairs.push_back(blob.id.hex() + " " + blob.path);
      },
      [&](const Error& error) { found.errors.push_back(error.text()); });
  return found;
}
std::vector<std::string> sorted(std::vector<std::string> pairs) {
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}
// Blobs and links of some commits, once a pair.
std::vector<std::string> sorted_pairs_of(const std::string& repository, const std::string& commits) {
  return lines(
      must_run("cd " + repository + " && for c in " + commits +
               "; do git ls-tree -r $c; done | awk '$2 == \"blob\" {print $3 \" \" $4}' | LC_ALL=C sort -u"));
}

} // namespace

TEST_CASE("revisions are what git rev-parse says", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r");
  must_run("cd " + path + " && git branch feature/x HEAD~4 && git repack -adq");
  Repository repository = open(path);
  for (const std::string revision : {"main", "HEAD", "HEAD~3", "HEAD^{tree}", "v1", "v1^{}", "refs/tags/v1",
                                     "feature/x", "HEAD:src/b.c", "main@{0}", ":/commit 3"})
    CHECK(repository.resolve(revision).value().hex() ==
          must_run("git -C " + path + " rev-parse '" + revision + "'").substr(0, 40));
  const std::string head = must_run("git -C " + path + " rev-parse HEAD").substr(0, 40);
  CHECK(repository.resolve(head)->hex() == head);
  CHECK(repository.resolve(head.substr(0, 10))->hex() == head);
  const Result<ObjectId> none = repository.resolve("no-such-branch");
  CHECK(none.error().text().find("revision 'no-such-branch'") != std::string::npos);
  CHECK(repository.tree_of(*repository.resolve("v1"))->hex() ==
        must_run("git -C " + path + " rev-parse 'v1^{tree}'").substr(0, 40));
  CHECK(!repository.tree_of(blob_id("number 11\n")));
}

TEST_CASE("the blobs of each scope, each (object, path) once, every time in the same order", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r");
  must_run("cd " + path +
           " && git branch old HEAD~5 && git checkout -q --orphan other HEAD~8 && git commit -q -m other && "
           "git checkout -q main && git update-ref refs/pull/1/head HEAD~9 && git tag blob HEAD:src/b.c");
  const Scope revision = {ScopeKind::revisions, {"old", "HEAD~2", "old"}};
  const Scope tips = {ScopeKind::tips, {}}, history = {ScopeKind::history, {}},
              all = {ScopeKind::all_objects, {}};
  for (const bool packed : {false, true}) {
    if (packed) must_run("cd " + path + " && git repack -q HEAD~6 && git repack -adq && git pack-refs --all");
    Repository repository = open(path);
    Found found = blobs(repository, {});
    CHECK(found.errors.empty());
    CHECK(sorted(found.pairs) == sorted_pairs_of(path, "main old other v1"));
    CHECK(blobs(repository, tips).pairs == found.pairs);
    CHECK(blobs(repository, tips).pairs == blobs(repository, tips).pairs);

    found = blobs(repository, revision);
    CHECK(found.errors.empty());
    CHECK(sorted(found.pairs) == sorted_pairs_of(path, "old HEAD~2"));

    found = blobs(repository, history);
    CHECK(found.errors.empty());
    CHECK(sorted(found.pairs) == sorted_pairs_of(path, "$(git rev-list --all)"));
    CHECK(found.pairs == blobs(repository, history).pairs);

    found = blobs(repository, all);
    CHECK(found.errors.empty());
    std::vector<std::string> ids;
    const std::vector<std::string> known = sorted_pairs_of(path, "$(git rev-list --all)");
    for (const std::string& pair : found.pairs) {
      ids.push_back(pair.substr(0, 40));
      CHECK(std::binary_search(known.begin(), known.end(), pair)); // a path that the object does have
    }
    CHECK(sorted(ids) ==
          lines(must_run("git -C " + path +
                         " cat-file --batch-all-objects --batch-check | grep ' blob ' | cut -c1-40")));
  }
}

TEST_CASE("history names the first and the last commit of a pair, as git's trees show them", "[repository]") {
  TemporaryFolder folder;
  const std::string path = folder / "r";
  int time = 100;
  const auto commit = [&](const std::string& change) {
    must_run("cd " + path + " && export GIT_COMMITTER_DATE='@" + std::to_string(++time) + " +0000' && { " + change +
             "; } >/dev/null 2>&1 && git add -A && git commit -qm x --allow-empty");
  };
  must_run("git init -q -b main " + path);
  commit("mkdir -p a/b c && echo 1 > a/b/f && echo 1 > c/g && echo 1 > h");
  commit("echo 2 > a/b/f");
  commit("git checkout -q -b side HEAD~1; mkdir c/d; echo 3 > c/d/k; rm h");
  commit("git checkout -q main; rm -r c");
  commit("git checkout -q side; echo 1 > a/b/f; cp -r a z");
  commit("git checkout -q main; mkdir c; echo 1 > c/g"); // what went comes back
  commit("git merge -q --no-commit side");
  commit("git checkout -q --orphan other; git rm -rq a; echo 9 > h");
  std::map<std::string, std::pair<std::string, std::string>> wanted;
  for (const std::string& one : lines(must_run("git -C " + path + " rev-list --all --reverse --date-order")))
    for (const std::string& pair : sorted_pairs_of(path, one)) wanted.try_emplace(pair, one, "").first->second.second = one;
  for (const bool packed : {false, true}) {
    if (packed) must_run("git -C " + path + " repack -adq");
    Repository repository = open(path);
    std::map<std::string, std::pair<std::string, std::string>> got;
    Scope scope = {ScopeKind::history, {}};
    const auto visit = [&](const BlobPath& blob) {
      got[blob.id.hex() + " " + blob.path] = {blob.first_commit->hex(), blob.last_commit->hex()};
    };
    repository.for_each_blob(scope, visit, [](const Error& error) { FAIL_CHECK(error.text()); });
    CHECK(got == wanted);
    CHECK(wanted.size() == 7);
    scope.commits = false;
    repository.for_each_blob(scope, [](const BlobPath& blob) { CHECK(!blob.last_commit); }, {});
  }
}

TEST_CASE("a lone pack, with and without its index, gives paths from its own trees", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r");
  must_run("cd " + path + " && git repack -adq && cp .git/objects/pack/*.pack " + (folder / "p.pack") +
           " && cp .git/objects/pack/*.idx " + (folder / "p.idx"));
  Repository indexed = open(folder / "p.pack");
  const Found first = blobs(indexed, {});
  CHECK(first.errors.empty());
  CHECK(first.pairs.size() > 20);
  for (const std::string& pair : first.pairs) CHECK(pair.size() > 41);
  must_run("rm " + (folder / "p.idx"));
  Repository walked = open(folder / "p.pack");
  CHECK(blobs(walked, {}).pairs == first.pairs);
  const Found refused = blobs(walked, {ScopeKind::tips, {}});
  REQUIRE(refused.errors.size() == 1);
  CHECK(refused.errors[0] ==
        (folder / "p.pack") + ": a pack by itself has no refs (--all-objects is its only scope)");
}

TEST_CASE("what a partial or shallow clone may lack is counted; elsewhere it is an error", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r");
  must_run("git -C " + path +
           " config uploadpack.allowFilter true && git clone -q --bare --filter=blob:none file://" + path +
           " " + (folder / "partial.git") + " && git clone -q --bare --depth=2 file://" + path + " " +
           (folder / "shallow.git"));
  Repository partial = open(folder / "partial.git");
  const std::size_t all = sorted_pairs_of(path, "HEAD").size();
  std::vector<std::string> named;
  partial.name_missing([&](const Error& error) { named.push_back(error.text()); });
  CHECK(blobs(partial, {}).errors.empty());
  CHECK(partial.missing() == all);
  CHECK(named.size() == all);
  const std::string one = must_run("git -C " + path + " rev-parse HEAD:src/b.c").substr(0, 40);
  CHECK(std::count(named.begin(), named.end(),
                   (folder / "partial.git") + ": blob " + one + " of path 'src/b.c' is missing") == 1);
  CHECK(blobs(partial, {ScopeKind::history, {}}).errors.empty());
  CHECK(partial.missing() == named.size()); // once an object, whatever the scopes
  Repository shallow = open(folder / "shallow.git");
  const Found found = blobs(shallow, {ScopeKind::history, {}});
  CHECK(found.errors.empty());
  CHECK(shallow.missing() == 0);
  CHECK(sorted(found.pairs) == sorted_pairs_of(path, "HEAD HEAD~1"));

  const std::string lost = must_run("git -C " + path + " rev-parse HEAD:src/b.c").substr(0, 40);
  must_run("rm -f " + path + "/.git/objects/" + lost.substr(0, 2) + "/" + lost.substr(2));
  Repository broken = open(path);
  const Found rest = blobs(broken, {});
  CHECK(rest.errors ==
        std::vector<std::string>{path + "/.git: blob " + lost + " of path 'src/b.c' is missing"});
  CHECK(rest.pairs.size() == all - 1);
}

TEST_CASE("a pipe where git keeps refs or configuration is refused by name, not waited for", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 1);
  for (const std::string name : {"config", "packed-refs", "config.worktree", "HEAD", "refs/heads/topic"}) {
    const std::string file = path + "/.git/" + name;
    must_run("cd " + path + "/.git && { [ ! -e " + name + " ] || mv " + name + " kept; } && mkfifo " + name);
    Repository repository = open(path);
    CHECK(repository.resolve("main").error().text() == file + ": refs: not a regular file (--all-objects needs none)");
    CHECK(repository.store().find(blob_id("number 0\n")));
    must_run("cd " + path + "/.git && rm " + name + " && { [ ! -e kept ] || mv kept " + name + "; }");
  }
  CHECK(open(path).resolve("main"));
}

TEST_CASE("an empty repository has no versions and no errors; a ref to nothing is an error", "[repository]") {
  TemporaryFolder folder;
  must_run("git init -q " + (folder / "empty"));
  Repository empty = open(folder / "empty");
  CHECK(blobs(empty, {}).errors.empty());
  CHECK(blobs(empty, {ScopeKind::history, {}}).errors.empty());
  CHECK(empty.tip_trees().value().empty());
  const std::string path = make_repository(folder / "r", 2);
  write_file(path + "/.git/refs/heads/bad", "no id\n");
  write_file(path + "/.git/refs/heads/new.lock", "no id\n"); // somebody is writing a ref: passed over
  write_file(path + "/.git/refs/heads/gone", std::string(40, '1') + "\n");
  Repository repository = open(path);
  const Found found = blobs(repository, {});
  CHECK(sorted(found.pairs) == sorted_pairs_of(path, "main"));
  CHECK(found.errors ==
        std::vector<std::string>{path + "/.git: ref refs/heads/bad: holds neither an id nor the name of a ref",
                                 path + "/.git: object " + std::string(40, '1') + " is missing"});
  CHECK(!repository.tip_trees());
}

TEST_CASE("trees that hold each other too often end in one error, in bounded memory", "[repository]") {
  TemporaryFolder folder;
  must_run("git init -q -b main " + (folder / "r") +
           " && cd " + (folder / "r") + " && t=$(echo leaf | git hash-object -w --stdin) && mode='100644 blob' && "
           "for level in 1 2 3 4 5 6 7 8; do t=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '%s %s\\tn%s\\n' \"$mode\" $t $i; done | git mktree); "
           "mode='040000 tree'; done && git update-ref refs/heads/main $(git commit-tree -m bomb $t)");
  for (const ScopeKind kind : {ScopeKind::tips, ScopeKind::history}) {
    Repository repository = open(folder / "r");
    std::uint64_t visited = 0;
    std::vector<std::string> errors;
    repository.for_each_blob({.kind = kind}, [&](const BlobPath&) { ++visited; },
                             [&](const Error& error) { errors.push_back(error.text()); });
    CHECK(visited < 1'100'000); // of 10^8 paths
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].find("paths: more than ") != std::string::npos);
  }
}

TEST_CASE("only files of the names that are wanted are looked up", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r");
  Repository repository = open(path);
  for (const ScopeKind kind : {ScopeKind::tips, ScopeKind::history, ScopeKind::all_objects}) {
    std::vector<std::string> wanted;
    for (const std::string& pair : blobs(repository, {.kind = kind}).pairs)
      if (pair.ends_with("/b.c") || pair.ends_with(" file0")) wanted.push_back(pair);
    CHECK(wanted.size() >= 2);
    CHECK(blobs(repository, {.kind = kind, .names = {"b.c", "file0"}}).pairs == wanted);
  }
}

TEST_CASE("of all objects also what no tree names comes, whatever the names that are wanted", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r");
  const std::string id = lines(must_run("cd " + path + " && echo nameless | git hash-object -w --stdin")).at(0);
  Repository repository = open(path);
  CHECK(blobs(repository, {.kind = ScopeKind::all_objects, .names = {"none"}}).pairs == std::vector<std::string>{id + " "});
}

TEST_CASE("one of many packed refs is found, sorted as git writes them or not", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 3);
  std::string script;
  for (int i = 0; i < 300; ++i) script += "create refs/pull/" + std::to_string(i) + "/head " + (i % 2 == 0 ? "HEAD" : "HEAD~1") + "\n";
  must_run("cd " + path + " && printf '" + script + "' | git update-ref --stdin && for i in 1 5 9; do git tag -m t$i t$i HEAD~2; done && "
           "git pack-refs --all");
  const std::string file = path + "/.git/packed-refs", text = read_file(file);
  const std::string second = lines(must_run("git -C " + path + " rev-parse HEAD~1")).at(0);
  const auto check = [&] {
    Repository repository = open(path);
    for (const std::string name : {"refs/pull/0/head", "refs/pull/7/head", "refs/pull/99/head", "refs/pull/250/head", "main", "t1", "t5", "t9", "v1"})
      CHECK(repository.resolve(name).value().hex() == lines(must_run("git -C " + path + " rev-parse " + name)).at(0));
    CHECK(!repository.resolve("refs/pull/300/head"));
  };
  check();
  std::vector<std::string> rows = lines(text);
  std::string turned = rows.at(0) + "\n"; // says sorted, and is not; what a tag leads to stays behind it
  for (std::size_t i = rows.size(); i-- > 1;)
    if (!rows[i].starts_with('^')) turned += rows[i] + "\n" + (i + 1 < rows.size() && rows[i + 1].starts_with('^') ? rows[i + 1] + "\n" : "");
  write_file(file, turned);
  CHECK(open(path).resolve("refs/pull/7/head").value().hex() == second); // git itself finds nothing here
  for (const std::string odd : {"# pack-refs with: sorted", "# pack-refs with: sorted\n", "# pack-refs with: sorted\n\n\n^x\n^\n", "\n"}) {
    write_file(file, odd);
    CHECK(!open(path).resolve("refs/pull/7/head"));
  }
}

TEST_CASE("a history is the same over the graph of its trees and over the trees themselves", "[repository]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r"), shared = folder / "shared";
  must_run("cd " + path + " && git checkout -q -b side HEAD~6 && mkdir -p src/deep/er && cp file0 src/deep/er/b.c && "
           "git add -A && git commit -q -m side && git merge -q -m merge main 2>&1 && git rm -q -r src && git commit -q -m gone && "
           "git revert -n HEAD && git commit -q -m back && git repack -adq && git clone -q --bare --shared . " + shared);
  const auto rows = [](const std::string& of, const Scope& scope) {
    Repository repository = open(of); // an alternate's trees may be many more than ours: they are read one by one
    std::vector<std::string> out;
    repository.for_each_blob(
        scope,
        [&](const BlobPath& blob) {
          out.push_back(blob.id.hex() + " " + blob.path + " " + std::to_string(blob.mode) + " " + blob.root->hex() + " " +
                        (blob.first_commit ? blob.first_commit->hex() + " " + blob.last_commit->hex() : ""));
        },
        [&](const Error& error) { out.push_back(error.text()); });
    return out;
  };
  for (const bool commits : {false, true})
    for (const std::vector<std::string>& names : {std::vector<std::string>{}, {"b.c"}, {"b.c", "file3"}, {"none"}}) {
      const Scope scope = {.kind = ScopeKind::history, .revisions = {}, .commits = commits, .names = names};
      const std::vector<std::string> own = rows(path, scope);
      CHECK(own == rows(shared, scope));
      CHECK(own.empty() == (names == std::vector<std::string>{"none"}));
    }
}

// 700 folders side by side, a level for two threads; some broken, some twice; with room for all of them, some and none.
TEST_CASE("trees that were read ahead make the same walk", "[repository]") {
  TemporaryFolder folder;
  const std::string path = folder / "r";
  must_run("git init -q -b main " + path + " && cd " + path + " && mkdir -p a b/same c/same && for i in $(seq 700); do mkdir a/$i b/$i; "
           "echo $i > a/$i/f; echo ${i}b > b/$i/f; done && echo x > b/same/g && echo x > c/same/g && git add -A && git commit -qm one && "
           "echo y > c/same/g && git commit -qam two && git branch old HEAD~1 && git repack -adq");
  std::vector<std::string> first;
  const auto walk = [&](std::uint64_t cache_bytes, unsigned threads) {
    Repository repository = open(path, {.cache_bytes = cache_bytes, .threads = threads});
    const Found found = blobs(repository, {.kind = ScopeKind::tips});
    CHECK(found.errors.empty());
    CHECK(found.pairs.size() == 1403);
    if (first.empty()) first = found.pairs;
    CHECK(found.pairs == first);
  };
  for (const std::uint64_t cache_bytes : {std::uint64_t{96} << 20, std::uint64_t{100000}, std::uint64_t{0}})
    for (const unsigned threads : {1u, 2u}) walk(cache_bytes, threads);
  must_run("cd " + path + " && mv .git/objects/pack/*.pack ../p && git unpack-objects -q < ../p && rm -f .git/objects/pack/*");
  walk(std::uint64_t{96} << 20, 2);
  // A tree that is gone is told of once, by its path; the others are walked.
  must_run("cd " + path + " && t=$(git rev-parse HEAD:a/350) && rm -f .git/objects/$(echo $t | cut -c1-2)/$(echo $t | cut -c3-)");
  Repository repository = open(path, {.threads = 2});
  const Found found = blobs(repository, {.kind = ScopeKind::tips});
  CHECK(found.pairs.size() == 1402);
  REQUIRE(found.errors.size() == 1);
  CHECK(found.errors[0].find("a/350") != std::string::npos);
}
