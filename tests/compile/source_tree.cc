// A revision as a file system: what paths find in it, and that none leads out, whatever a tree says.
#include "compile/source_tree.h"

#include "hostile.h"
#include "pack/repository.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;
using compile::Node;
using compile::NodeKind;
using compile::SourceTree;

namespace {

struct Opened {
  explicit Opened(const std::string& path) : repository(*pack::Repository::open(pack::find_sources({path}).found.at(0))),
                                             tree(repository.store(), *repository.tree_of(*repository.resolve("HEAD"))) {}
  std::string text(const std::string& path) {
    const Node node = tree.find(path);
    if (node.kind != NodeKind::file) return node.kind == NodeKind::missing ? "missing" : node.kind == NodeKind::folder ? "folder" : node.why;
    const Result<pack::ObjectPtr> object = tree.read(node);
    return object ? std::string(as_text({(*object)->data.data(), (*object)->data.size()})) : object.error().text();
  }
  pack::Repository repository;
  SourceTree tree;
};

} // namespace

TEST_CASE("paths of a revision: folders, links within it, dots, as a checkout has them") {
  TemporaryFolder folder;
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  write_file(path + "/src/a.c", "a");
  write_file(path + "/include/deep/x.h", "x");
  must_run("cd " + path + " && ln -s include/deep short && ln -s ../short/x.h src/link.h && ln -s ../src include/back && git add -A && git commit -qm 1");
  Opened repo(path);
  for (const std::string name : {"src/a.c", "include/deep/x.h", "short/x.h", "src/link.h", "./src//a.c", "src/../src/a.c", "include/back/a.c", "short/../back/a.c", "src/../short/../back/link.h"}) {
    INFO(name);
    CHECK(repo.text(name) == read_file(path + "/" + name));
  }
  CHECK(repo.text("src") == "folder");
  CHECK(repo.text("src/none.c") == "missing");
  CHECK(repo.text("src/a.c/x") == "missing");
  CHECK(repo.text("SRC/a.c") == "missing");
  // One file by several paths is one; two files of one text are two.
  CHECK(repo.tree.find("short/x.h").number == repo.tree.find("include/deep/x.h").number);
  CHECK(repo.tree.find("src/a.c").number != repo.tree.find("include/deep/x.h").number);
  CHECK(repo.tree.find("src/link.h").path == "include/deep/x.h");
  std::vector<std::string> names;
  for (const SourceTree::Name& name : repo.tree.list(repo.tree.find("src"))) names.push_back(name.name);
  CHECK(names == std::vector<std::string>{"a.c", "link.h"});
}

TEST_CASE("no path leads out of a hostile tree") {
  TemporaryFolder folder;
  HostileRepository made(folder);
  const std::string text = made.blob("inside"), tree = made.write("tree", HostileRepository::entry("100644", "x.h", text));
  const std::string huge(1 << 20, 'n');
  std::string entries;
  const auto add = [&](const std::string& mode, const std::string& name, const std::string& id) { entries += HostileRepository::entry(mode, name, id); };
  add("40000", "..", tree);
  add("40000", ".", tree);
  add("100644", "/etc/passwd", text);
  add("100644", "../x.h", text);
  add("40000", "broken", made.write("tree", HostileRepository::entry("100644", "first.h", text) + HostileRepository::entry("100644", "", text)));
  add("100644", "Case.h", made.blob("upper"));
  add("100644", "case.h", made.blob("lower"));
  add("100644", "twice.h", text);
  add("100644", "twice.h", made.blob("second"));
  add("100644", huge, text);
  add("120000", "absolute", made.blob("/etc/passwd"));
  add("120000", "out", made.blob("../../../../etc/passwd"));
  add("120000", "self", made.blob("self"));
  add("120000", "a", made.blob("b"));
  add("120000", "b", made.blob("a"));
  add("120000", "empty", made.blob(""));
  add("120000", "long", made.blob(std::string(5000, 'x')));
  add("120000", "nul", made.blob(std::string("x\0y", 3)));
  add("160000", "module", std::string(40, '1'));
  add("40000", "lost", std::string(40, '2'));
  add("40000", "sub", tree);
  made.commit(made.write("tree", entries));
  Opened repo(made.path());
  CHECK(repo.text("..") == "leads out of the revision's tree");
  CHECK(repo.text("../x.h") == "leads out of the revision's tree");
  CHECK(repo.text("sub/../../x.h") == "leads out of the revision's tree");
  CHECK(repo.text("./x.h") == "missing");
  CHECK(repo.text("/etc/passwd") == "missing"); // the path etc/passwd of the tree, which has none
  CHECK(repo.text("absolute") == "a link leads out of the revision's tree");
  CHECK(repo.text("absolute/x") == "a link leads out of the revision's tree");
  CHECK(repo.text("out") == "leads out of the revision's tree");
  CHECK(repo.text("self") == "too many links, or a circle of them");
  CHECK(repo.text("a") == "too many links, or a circle of them");
  CHECK(repo.text("empty") == "a link to no path");
  CHECK(repo.text("long") == "a link to no path");
  CHECK(repo.text("nul") == "a link to no path");
  CHECK(repo.text("module") == "missing");
  CHECK(repo.text("module/x") == "missing");
  CHECK(repo.text("lost/x") == "lies in a tree that cannot be read");
  CHECK(repo.text("broken/first.h") == "lies in a tree that cannot be read");
  CHECK(repo.text("Case.h") == "upper");
  CHECK(repo.text("case.h") == "lower");
  CHECK(repo.text("twice.h") == "inside");
  CHECK(repo.text(huge) == "inside");
  for (const SourceTree::Name& name : repo.tree.list(repo.tree.find(""))) {
    CHECK(name.name.find('/') == std::string::npos);
    CHECK(!name.name.empty());
    CHECK(name.name != "..");
    CHECK(name.name != "module");
  }
}
