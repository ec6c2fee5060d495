// Names where libgit2 refuses a repository: SHA-256, versions and configurations of the future, reftables; against git.
#include "pack/reftable.h"
#include "pack/repository.h"
#include "opened.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace packscope;
using namespace packscope::test;

namespace {

std::set<std::string> pairs(Repository& repository, const Scope& scope) {
  std::set<std::string> found;
  repository.for_each_blob(
      scope, [&](const BlobPath& blob) { found.insert(blob.id.hex() + " " + blob.path); },
      [&](const Error& error) { FAIL_CHECK(error.text()); });
  return found;
}
std::set<std::string> pairs_of(const std::string& repository, const std::string& commits) {
  const std::vector<std::string> found =
      lines(must_run("cd " + repository + " && for c in " + commits +
                     "; do git ls-tree -r $c; done | awk '$2 == \"blob\" {print $3 \" \" $4}'"));
  return {found.begin(), found.end()};
}
std::string first_line(const std::string& command) {
  return lines(must_run(command)).at(0);
}
// What `git rev-parse` says, for all revisions at once.
void check_revisions(const std::string& path, const std::vector<std::string>& revisions) {
  Repository repository = open(path);
  std::string all;
  for (const std::string& revision : revisions) all += " '" + revision + "'";
  const std::vector<std::string> wanted = lines(must_run("git -C " + path + " rev-parse" + all));
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    INFO(revisions[i]);
    const Result<ObjectId> got = repository.resolve(revisions[i]);
    CHECK((got ? got->hex() : got.error().text()) == wanted.at(i));
  }
}

// A reftable of one block: what `git refs migrate --ref-format=reftable` would write, but for its index blocks.
std::string varint(std::uint64_t value) { return ofs_distance(value); }
std::string make_reftable(const std::vector<std::pair<std::string, std::string>>& refs, std::uint32_t block_size) {
  std::string header = "REFT" + big_endian(1, 1) + big_endian(block_size, 3) + big_endian(1, 8) + big_endian(1, 8);
  std::string records, before;
  for (const auto& [name, value] : refs) {
    std::size_t same = 0;
    while (same < before.size() && same < name.size() && before[same] == name[same]) ++same;
    const bool symbolic = value.starts_with("ref: ");
    const unsigned kind = value.empty() ? 0 : symbolic ? 3 : 1;
    records += varint(same) + varint((name.size() - same) << 3 | kind) + name.substr(same) + varint(0);
    if (kind == 1) records += as_text(ObjectId::parse(value)->raw());
    if (kind == 3) records += varint(value.size() - 5) + value.substr(5);
    before = name;
  }
  const std::size_t length = header.size() + 4 + records.size() + 3 + 2;
  std::string table = header + "r" + big_endian(length, 3) + records + big_endian(header.size() + 4, 3) + big_endian(1, 2);
  if (block_size != 0) table.resize(block_size, '\0');
  return table + header + std::string(40, '\0') + big_endian(0, 4);
}

} // namespace

TEST_CASE("a SHA-256 repository is read with its names, loose or packed", "[refs]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 5, "--object-format=sha256");
  must_run("cd " + path + " && git branch feature/x HEAD~2 && git symbolic-ref refs/heads/alias refs/heads/main && "
           "git update-ref refs/remotes/far/main HEAD~1 && git symbolic-ref refs/remotes/far/HEAD "
           "refs/remotes/far/main && git checkout -q -b other HEAD~3 && GIT_COMMITTER_DATE='@9 +0000' git commit -q "
           "--allow-empty -m o && git merge -q -m merge main 2>&1 && git update-ref ORIG_HEAD HEAD~1");
  const std::string short_id = first_line("git -C " + path + " rev-parse --short=12 HEAD:src/b.c");
  for (const bool packed : {false, true}) {
    if (packed) must_run("cd " + path + " && git pack-refs --all && git repack -adq && git update-ref refs/heads/x main");
    check_revisions(path, {"HEAD", "@", "main", "heads/main", "refs/heads/main", "alias", "feature/x", "v1", "tags/v1",
                           "v1^{}", "v1^{commit}", "v1^{tree}", "v1^{tag}", "v1^{object}", "far", "far/main", "HEAD~",
                           "HEAD~2", "HEAD^2", "HEAD^2~1^{tree}", "HEAD^0", "HEAD~0", "HEAD^^", "HEAD:", "HEAD:src",
                           "HEAD:src/b.c", "v1:src/a/long.txt", "HEAD^{tree}:src/a", "ORIG_HEAD", short_id});
    Repository repository = open(path);
    CHECK(repository.store().errors().empty());
    CHECK(pairs(repository, {}) == pairs_of(path, "main other feature/x v1"));
    CHECK(pairs(repository, {ScopeKind::history, {}}) == pairs_of(path, "$(git rev-list --all)"));
    CHECK(pairs(repository, {ScopeKind::revisions, {"main~1", "other^2"}}) == pairs_of(path, "main~1 other^2"));
  }
}

TEST_CASE("a revision that names nothing is an error that says why", "[refs]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 2, "--object-format=sha256");
  Repository repository = open(path);
  const auto error = [&](const std::string& revision) {
    const Result<ObjectId> got = repository.resolve(revision);
    return got ? "resolved" : got.error().text();
  };
  const auto says = [&](const std::string& why, const std::string& revision) {
    return path + "/.git: revision '" + revision + "': " + why;
  };
  for (const char* const none : {"nothing", "abc", "0000", "HEAD.lock", "../HEAD"})
    CHECK(error(none) == says("no such ref or object", none));
  for (const char* const search : {"main@{1}", ":/text", "@{-1}", "^main", ""})
    CHECK(error(search) == says("reflogs and searches are read by libgit2 only, which refuses this repository", search));
  CHECK(error("HEAD^3").ends_with("has no parent 3"));
  CHECK(error("HEAD~99").ends_with("has no parent 1"));
  CHECK(error("HEAD~99999999999").ends_with("the number is too large"));
  CHECK(error("HEAD^{blob}").ends_with("is a commit"));
  for (const char* const odd : {"HEAD^{x}", "HEAD^{/text}", "HEAD^{tree", "HEAD~1x", "HEAD^{"})
    CHECK(error(odd).ends_with("is not understood"));
  CHECK(error("HEAD:no/such") == says("path 'no/such' is not in its tree", "HEAD:no/such"));
  CHECK(error("HEAD:file0/x") == says("path 'file0/x' is not in its tree", "HEAD:file0/x"));
}

TEST_CASE("versions, extensions and configurations that nobody knows do not hide the refs", "[refs]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 4);
  const std::set<std::string> tips = pairs_of(path, "HEAD"), history = pairs_of(path, "$(git rev-list --all)");
  const std::string head = first_line("git -C " + path + " rev-parse HEAD~2");
  for (const std::string config : {"[core]\n\trepositoryformatversion = 1\n[extensions]\n\tfutureThing = true\n",
                                   "[core]\n\trepositoryformatversion = 99\n", "[core\nbroken",
                                   "[extensions]\n\tobjectFormat = sha512\n[core]\n\trepositoryformatversion = 1\n"}) {
    INFO(config);
    write_file(path + "/.git/config", config);
    Repository repository = open(path);
    CHECK(pairs(repository, {}) == tips);
    CHECK(pairs(repository, {ScopeKind::history, {}}) == history);
    CHECK(repository.resolve("HEAD~2").value().hex() == head);
  }
}

TEST_CASE("refs kept as reftables: a later table overrides the earlier", "[refs]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 4);
  const auto id = [&](const std::string& revision) { return first_line("git -C " + path + " rev-parse " + revision); };
  const std::string head = id("HEAD"), old = id("HEAD~3"), tag = id("v1");
  const std::set<std::string> wanted = pairs_of(path, "HEAD HEAD~3");
  must_run("cd " + path + "/.git && rm -rf refs packed-refs && mkdir -p refs reftable && "
           "echo 'ref: refs/heads/.invalid' >HEAD && echo 'this repository uses the reftable format' >refs/heads");
  const std::string first = make_reftable({{"HEAD", "ref: refs/heads/main"}, {"refs/heads/gone", old},
                                           {"refs/heads/main", old}, {"refs/tags/v1", tag}}, 4096);
  const std::string second = make_reftable({{"refs/heads/gone", ""}, {"refs/heads/main", head}, {"refs/heads/older", old}}, 0);
  write_file(path + "/.git/reftable/a.ref", first);
  write_file(path + "/.git/reftable/b.ref", second);
  write_file(path + "/.git/reftable/tables.list", "a.ref\nb.ref\n");
  Repository repository = open(path);
  CHECK(repository.resolve("HEAD").value().hex() == head);
  CHECK(repository.resolve("v1").value().hex() == tag);
  CHECK(!repository.resolve("gone"));
  CHECK(pairs(repository, {}) == wanted);
  // Cut off or changed anywhere, it is an error that names the table, or other refs; never more.
  for (std::size_t i = 0; i < first.size(); i += i < 200 ? 1 : 97)
    for (const bool cut : {false, true}) {
      std::string bad = cut ? first.substr(0, i) : first;
      if (!cut) bad[i] = static_cast<char>(~bad[i]);
      RefValues values;
      const Result<void> read = read_reftable(as_bytes(bad), "t.ref", values);
      if (!read) CHECK(read.error().text().starts_with("t.ref: offset "));
    }
  write_file(path + "/.git/reftable/b.ref", second.substr(0, 20));
  const Result<ObjectId> broken = open(path).resolve("HEAD");
  REQUIRE(!broken);
  CHECK(broken.error().text() == path + "/.git/reftable/b.ref: offset 0: reftable signature: this is no reftable");
}

TEST_CASE("a reftable's names cannot unfold without end", "[refs]") {
  const std::string id(40, '1');
  RefValues values;
  CHECK(read_reftable(as_bytes(make_reftable({{std::string(4096, 'n'), id}}, 0)), "t.ref", values));
  const Result<void> read = read_reftable(as_bytes(make_reftable({{std::string(4097, 'n'), id}}, 0)), "t.ref", values);
  REQUIRE(!read);
  CHECK(read.error().text().find("longer than 4,096 bytes") != std::string::npos);
}
