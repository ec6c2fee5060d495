// Programs found by PATH, and modules that are there or not.
#include "base/program.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("a program is found by PATH, the first that may be run; a path is taken as it is") {
  TemporaryFolder folder;
  must_run("mkdir -p " + (folder / "a") + " " + (folder / "b"));
  write_file(folder / "a/tool", "not executable");
  write_file(folder / "b/tool", "#!/bin/sh\n");
  must_run("chmod +x " + (folder / "b/tool"));
  const char* given = std::getenv("PATH");
  const std::string before = given != nullptr ? given : "";
  ::setenv("PATH", (":" + (folder / "a") + ":" + (folder / "b")).c_str(), 1);
  const std::string found = find_program("tool"), none = find_program("no-such-tool");
  ::setenv("PATH", before.c_str(), 1);
  CHECK(found == folder / "b/tool");
  CHECK(none.empty());
  CHECK(find_program(folder / "b/tool") == folder / "b/tool");
  CHECK(find_program(folder / "a/tool").empty());
}

TEST_CASE("a module: where the environment says, and why it cannot be had") {
  TemporaryFolder folder;
  ::unsetenv("PACKSCOPE_TEST_MODULE");
  CHECK(module_path("PACKSCOPE_TEST_MODULE", "/built/in.so") == "/built/in.so");
  ::setenv("PACKSCOPE_TEST_MODULE", "/elsewhere.so", 1);
  CHECK(module_path("PACKSCOPE_TEST_MODULE", "/built/in.so") == "/elsewhere.so");
  ::unsetenv("PACKSCOPE_TEST_MODULE");
  const std::string none = folder / "none.so", text = folder / "text.so";
  CHECK(module_installed(none).error().text() == "not installed: no " + none);
  write_file(text, "no shared object");
  CHECK(module_installed(text));
  CHECK(module_entry(text, "entry").error().text().find("text.so") != std::string::npos);
  const Result<void*> other = module_entry("libc.so.6", "packscope_no_such_entry");
  REQUIRE(!other);
  CHECK(other.error().text() == "libc.so.6: of another packscope: has no packscope_no_such_entry");
  CHECK(module_entry("libc.so.6", "malloc"));
}
