// Leaf names against the trees themselves, read one by one.
#include "pack/leaf_names.h"
#include "builder.h"
#include "pack/tree.h"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>

using namespace packscope;
using namespace packscope::test;

namespace {

// A history whose trees are deltas: names that come, go, sort around folders of the same name, and share blobs.
std::string make_history(const std::string& folder) {
  must_run("git init -q -b main " + folder);
  for (int i = 0; i < 40; ++i) write_file(folder + "/file" + std::to_string(i) + ".c", "int f" + std::to_string(i) + ";\n");
  write_file(folder + "/same.txt", "int f1;\n"); // one blob, two names
  for (int step = 0; step < 25; ++step) {
    write_file(folder + "/file" + std::to_string(step) + ".c", "int changed" + std::to_string(step) + ";\n");
    write_file(folder + "/new" + std::to_string(step % 7) + (step % 2 != 0 ? "/inner" : ".dir/inner"), std::to_string(step));
    if (step % 5 == 4) must_run("cd " + folder + " && rm -r file" + std::to_string(step) + ".c new*");
    must_run("cd " + folder + " && git add -A && git commit -q -m step");
  }
  must_run("cd " + folder + " && git repack -q -a -d -f --depth=50 --window=50");
  return folder;
}

std::map<ObjectId, std::set<std::string>> names_by_trees(Store& store) {
  std::map<ObjectId, std::set<std::string>> names;
  const auto read = [&](Location at) {
    if (store.type_of(at).value() != ObjectType::tree) return;
    const ObjectPtr tree = store.read(at).value();
    TreeReader reader(tree->data);
    for (TreeEntry entry; reader.next(entry);)
      if (!is_tree(entry.mode) && !is_gitlink(entry.mode)) names[entry.id].emplace(entry.name);
  };
  for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
    for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) read({pack, entry});
  for (std::uint32_t index = 0; index < store.loose_count(); ++index) read({kLoose, index});
  return names;
}

void check(const std::string& git) {
  const std::string pack = must_run("ls " + git + "/objects/pack/*.pack");
  Store store = Store::open({pack.substr(0, pack.size() - 1)}, {git + "/objects"}, {});
  std::vector<std::string> one_thread;
  for (const unsigned threads : {1u, 5u}) {
    const LeafNames names =
        LeafNames::of(store, threads, 1 << 20, [](const Error& error) { FAIL_CHECK(error.text()); });
    const std::map<ObjectId, std::set<std::string>> expected = names_by_trees(store);
    CHECK(names.named() == expected.size());
    std::vector<std::string> chosen;
    for (const auto& [id, known] : expected) {
      chosen.emplace_back(names.of(*store.find(id)));
      CHECK(known.contains(chosen.back()));
    }
    if (threads == 1) one_thread = chosen;
    CHECK(chosen == one_thread);
  }
}

} // namespace

TEST_CASE("each blob has a name that a tree gives it, the same for any number of threads", "[names]") {
  TemporaryFolder folder;
  const std::string repository = make_history(folder / "r");
  check(repository + "/.git");
  must_run("rm " + repository + "/.git/objects/pack/*.idx"); // ids are then computed
  check(repository + "/.git");
}

TEST_CASE("trees that are loose name blobs that are packed", "[names]") {
  TemporaryFolder folder;
  const std::string repository = make_history(folder / "r");
  must_run("cd " + repository + " && git mv file39.c other39.c && git commit -q -m loose");
  check(repository + "/.git");
}

TEST_CASE("a tree that is none is one error; the others' names stay", "[names]") {
  TemporaryFolder folder;
  PackBuilder builder;
  const std::string blob = "text";
  const ObjectId id = hash_object(ObjectType::blob, as_bytes(blob));
  builder.object(ObjectType::tree, "100644 broken");
  builder.object(ObjectType::tree, std::string("100644 name\0", 12) + std::string(as_text(id.raw())));
  builder.object(ObjectType::blob, blob);
  const std::string path = folder / "p.pack";
  write_file(path, builder.finish());
  Store store = Store::open({path}, {}, {});
  std::vector<std::string> errors;
  const LeafNames names = LeafNames::of(store, 2, 1 << 20, [&](const Error& error) { errors.push_back(error.text()); });
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].find(path + ": offset 12: tree") != std::string::npos);
  CHECK(names.of(*store.find(id)) == "name");
  CHECK(names.named() == 1);
}

TEST_CASE("what any tree has as a link is known as one, whatever its name", "[names]") {
  TemporaryFolder folder;
  const std::string path = folder / "r";
  must_run("git init -q -b main " + path);
  write_file(path + "/real.c", "int x;\n");
  must_run("cd " + path + " && ln -s real.c link.c && git add -A && git commit -q -m one && git repack -q -a -d");
  Store store = Store::open({lines(must_run("ls " + path + "/.git/objects/pack/*.pack")).at(0)}, {}, {});
  const LeafNames names = LeafNames::of(store, 1, 1 << 20, [](const Error&) { FAIL("no tree is broken"); });
  const auto at = [&](const std::string& name) {
    return *store.find(*ObjectId::parse(lines(must_run("git -C " + path + " rev-parse HEAD:" + name)).at(0)));
  };
  CHECK(names.is_link(at("link.c")));
  CHECK(names.of(at("link.c")) == "link.c");
  CHECK(!names.is_link(at("real.c")));
}
