// Trees, against git ls-tree; and trees that git would not write.
#include "pack/tree.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

namespace {

std::string tree_entry(const std::string& mode, const std::string& name, const ObjectId& id) {
  return mode + " " + name + std::string(1, '\0') + std::string(as_text(id.raw()));
}
ObjectId tree_id(const std::string& text) {
  return hash_object(ObjectType::tree, as_bytes(text));
}

struct Walked {
  std::vector<std::string> paths, errors;
};
Walked walk(Store& store, const ObjectId& root) {
  Walked walked;
  walk_tree(store, root,
            {.entry = [&](const std::string& path, const TreeEntry&) { walked.paths.push_back(path); },
             .error = [&](const Error& error) { walked.errors.push_back(error.what); }});
  return walked;
}

} // namespace

TEST_CASE("all paths of a tree, in git's order", "[tree]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r", 3);
  write_file(repository + "/a/b/c/d/e", "deep");
  write_file(repository + "/a-b", "sorts before the folder a");
  write_file(repository + "/a\xff\n", "a name that is no text");
  write_file(repository + "/run", "#!/bin/sh");
  must_run("cd " + repository +
           " && chmod +x run && git add -A && git update-index --add --cacheinfo 160000," +
           std::string(40, '1') + ",submodule && git commit -q -m more");
  Store store = Store::open({}, {repository + "/.git/objects"}, {});
  std::string walked;
  const ObjectId root =
      ObjectId::parse(must_run("git -C " + repository + " rev-parse HEAD^{tree}").substr(0, 40)).value();
  walk_tree(store, root,
            {.entry =
                 [&walked](const std::string& path, const TreeEntry& entry) {
                   char mode[16];
                   std::snprintf(mode, sizeof mode, "%06o ", entry.mode);
                   walked += mode;
                   walked +=
                       (is_gitlink(entry.mode) ? "commit " : "blob ") + entry.id.hex() + "\t" + path + '\0';
                   CHECK(is_link(entry.mode) == (path == "link"));
                   CHECK(path.ends_with(entry.name));
                 },
             .error = [](const Error& error) { FAIL(error.text()); }});
  CHECK(walked == must_run("git -C " + repository + " ls-tree -rz HEAD"));
}

TEST_CASE("a malformed tree entry ends the reading", "[tree]") {
  const ObjectId id = blob_id("x");
  const std::string good = tree_entry("100644", "good", id);
  const auto read = [](const std::string& tree) {
    TreeReader reader{as_bytes(tree)};
    TreeEntry entry;
    unsigned count = 0;
    while (reader.next(entry)) ++count;
    return std::pair(count, reader.fault());
  };
  CHECK(read("") == std::pair(0u, Fault::none));
  CHECK(read(good + good) == std::pair(2u, Fault::none));
  for (const std::string& bad :
       {good.substr(0, good.size() - 1), std::string("100644"), std::string("100644 name"),
        tree_entry("", "x", id), tree_entry("10064x", "x", id), tree_entry("10000644", "x", id),
        tree_entry("100648", "x", id), tree_entry("100644", "", id)})
    CHECK(read(good + bad) == std::pair(1u, Fault::tree));
}

TEST_CASE("missing, broken and mistaken trees are errors, the others are walked", "[tree]") {
  PackBuilder pack;
  const std::string broken = "100644 x", blob = "no tree";
  const ObjectId none = tree_id("none");
  const std::string root = tree_entry("40000", "a", none) + tree_entry("40000", "b", tree_id(broken)) +
                           tree_entry("40000", "c", blob_id(blob)) + tree_entry("100644", "d", blob_id("d"));
  pack.object(ObjectType::tree, broken);
  pack.object(ObjectType::blob, blob);
  pack.object(ObjectType::tree, root);
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  Store store = Store::open({folder / "p.pack"}, {}, {});
  const Walked walked = walk(store, tree_id(root));
  CHECK(walked.paths == std::vector<std::string>{"d"});
  CHECK(walked.errors == std::vector<std::string>{"tree " + none.hex() + " of path 'a' is missing",
                                                  "tree entry is malformed", "tree entry is malformed"});
}

TEST_CASE("a very deep tree is cut at a depth, not at the stack's end", "[tree]") {
  PackBuilder pack;
  std::string text = tree_entry("100644", "leaf", blob_id("leaf"));
  pack.object(ObjectType::tree, text);
  for (int depth = 0; depth < 6000; ++depth) {
    text = tree_entry("100644", "f", blob_id("f")) + tree_entry("40000", "x", tree_id(text));
    pack.object(ObjectType::tree, text);
  }
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  Store store = Store::open({folder / "p.pack"}, {}, {});
  const Walked walked = walk(store, tree_id(text));
  CHECK(walked.paths.size() == 4096);
  REQUIRE(walked.errors.size() == 1);
  CHECK(walked.errors[0].ends_with("lies deeper than 4096 folders"));
}

TEST_CASE("a tree that multiplies itself ends", "[tree]") {
  PackBuilder pack;
  std::string text = tree_entry("100644", "leaf", blob_id("leaf"));
  pack.object(ObjectType::tree, text);
  for (int level = 0; level < 12; ++level) { // 32^12 paths
    std::string next;
    for (int i = 0; i < 32; ++i)
      next += tree_entry("40000", std::string(1, static_cast<char>('A' + i)), tree_id(text));
    text = next;
    pack.object(ObjectType::tree, text);
  }
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  Store store = Store::open({folder / "p.pack"}, {}, {});
  std::uint64_t paths = 0;
  std::string said;
  walk_tree(store, tree_id(text),
            {.entry = [&](const std::string&, const TreeEntry&) { ++paths; },
             .error = [&](const Error& error) { said = error.what; },
             .max_entries = 100000});
  CHECK(paths < 100000);
  CHECK(said.ends_with("has more than 100000 paths"));
}

TEST_CASE("a path that no checkout could hold is an error; its neighbours are walked", "[tree]") {
  PackBuilder pack;
  const std::string inner = tree_entry("100644", std::string(200, 'i'), blob_id("leaf"));
  const std::string outer = tree_entry("40000", std::string(900, 'a'), tree_id(inner)) +
                            tree_entry("100644", "b", blob_id("leaf"));
  pack.object(ObjectType::tree, inner);
  pack.object(ObjectType::tree, outer);
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  Store store = Store::open({folder / "p.pack"}, {}, {});
  std::vector<std::string> paths, errors;
  walk_tree(store, tree_id(outer),
            {.entry = [&](const std::string& path, const TreeEntry&) { paths.push_back(path); },
             .error = [&](const Error& error) { errors.push_back(error.what); },
             .max_path = 1000});
  CHECK(paths == std::vector<std::string>{"b"});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].ends_with("has a path longer than 1000 bytes"));
}
