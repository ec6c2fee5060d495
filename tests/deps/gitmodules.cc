// .gitmodules, and relative urls against what `git submodule init` makes of them.
#include "deps/gitmodules.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deps;
using namespace packscope::test;

TEST_CASE("submodules in the order of the file; the last of a key counts", "[gitmodules]") {
  const auto found = parse_gitmodules("[submodule \"b \\\"x\\\"\"]\n path = p\n url = old\n[other]\n path = no\n"
                                      "[submodule \"a\"]\n\tPath = \"q # r\"\n\tbranch = main\n[submodule \"b \\\"x\\\"\"]\n url = new\n");
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].name == "b \"x\"");
  CHECK((*found)[0].path == "p");
  CHECK((*found)[0].url == "new");
  CHECK((*found)[1].path == "q # r");
  CHECK((*found)[1].branch == "main");
  CHECK_FALSE((*found)[1].url);
  CHECK(parse_gitmodules("[submodule \"a\"]\npath = \"x\n").error().text().starts_with("line 2: "));
}

TEST_CASE("relative urls are resolved as git does it", "[gitmodules]") {
  const std::string id(40, '1');
  for (const std::string origin : {"https://h/o/super.git", "https://h/o/super/", "git@h:o/super.git", "git@h:super", "/srv/super.git",
                                   "ssh://git@h:22/o/super"}) {
    const TemporaryFolder folder;
    const std::string git = "cd " + folder.path() + " && git ";
    must_run(git + "init -q && git remote add origin " + origin);
    const std::vector<std::string> urls = {"../a.git", "./b", "../../c/d", ".././e/", "https://x/y"};
    std::string modules;
    for (const std::string& url : urls) {
      const std::string name = std::to_string(&url - urls.data());
      modules += "[submodule \"" + name + "\"]\n\tpath = p" + name + "\n\turl = " + url + "\n";
      must_run(git + "update-index --add --cacheinfo 160000," + id + ",p" + name);
    }
    write_file(folder / ".gitmodules", modules);
    must_run(git + "submodule --quiet init");
    for (const std::string& url : urls) {
      const std::string wanted = must_run(git + "config submodule." + std::to_string(&url - urls.data()) + ".url");
      CHECK(resolve_submodule_url(origin, url).value_or("none") + "\n" == wanted);
    }
    CHECK(origin_of(read_file(folder / ".git/config")) == origin);
  }
}

TEST_CASE("a relative url that climbs too far has no answer", "[gitmodules]") {
  CHECK_FALSE(resolve_submodule_url("super", "../../../a"));
  CHECK_FALSE(origin_of("[remote \"other\"]\nurl = x\n"));
  CHECK(looks_like_gitmodules("\n[submodule \"a\"]\n"));
  CHECK_FALSE(looks_like_gitmodules("[core]\n"));
}
