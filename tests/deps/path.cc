// Paths inside a tree.
#include "deps/path.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace packscope::deps;

TEST_CASE("paths are joined inside the tree, and never lead out of it", "[path]") {
  CHECK(parent_path("a/b/c") == "a/b");
  CHECK(parent_path("a") == "");
  CHECK(join_path("a/b", "../c/./d") == "a/c/d");
  CHECK(join_path("", "x") == "x");
  CHECK(join_path("a", "..") == "");
  CHECK_FALSE(join_path("a", "../.."));
  CHECK_FALSE(join_path("a", "/etc"));
}

TEST_CASE("a path seen from a folder, as the standard library sees it", "[path]") {
  for (const char* from : {"", "a", "a/b", "x/y/z"})
    for (const char* to : {"a", "a/b", "a/b/c", "b", "x/y"})
      CHECK(relative_path(from, to) ==
            std::filesystem::path("/").append(to).lexically_relative(std::filesystem::path("/").append(from)).string());
}
