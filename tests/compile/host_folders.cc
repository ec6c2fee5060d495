// Which paths of this machine are allowed, by their text.
#include "compile/host_folders.h"

#include <catch2/catch_test_macros.hpp>

using packscope::compile::HostFolders;
using packscope::compile::plain_path;

TEST_CASE("plain paths have no dots, and end at the root") {
  CHECK(plain_path("/a/./b/../c") == "/a/c");
  CHECK(plain_path("//a///b/") == "/a/b");
  CHECK(plain_path("/../../etc") == "/etc");
  CHECK(plain_path("/a/..") == "/");
  CHECK(plain_path("/a/...") == "/a/...");
}

TEST_CASE("host folders: what lies below them, and nothing beside them") {
  HostFolders folders;
  folders.allow("/usr/include");
  folders.allow("/usr/lib/gcc/x/12/../../../../include/c++/12");
  folders.allow("relative");
  folders.deny("/usr/include/work");
  CHECK(folders.file("/usr/include/stdio.h") == "/usr/include/stdio.h");
  CHECK(folders.file("/usr/include/../include/sys/types.h") == "/usr/include/sys/types.h");
  CHECK(folders.file("/usr/lib/../include/c++/12/vector") == "/usr/include/c++/12/vector");
  CHECK(!folders.file("/usr/include-old/x.h"));
  CHECK(!folders.file("/usr/include/../../etc/passwd"));
  CHECK(!folders.file("/etc/passwd"));
  CHECK(!folders.file("/usr/include/work/x.h"));
  CHECK(folders.file("/usr/include/workshop.h"));
  CHECK(!folders.file("relative/x.h"));
  CHECK(!folders.file(std::string_view("/usr/include/x\0.h", 17)));
  CHECK(folders.leads_to("/usr"));
  CHECK(!folders.leads_to("/etc"));
}
