// A library that is loaded when asked for, and one that is not there.
#include "base/lazy_library.h"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

using namespace packscope;

TEST_CASE("functions of a library are found under their names", "[lazy_library]") {
  static const LazyLibrary library("/nowhere", "libm.so.6"); // not in the folder: the loader knows it
  static const LazyFunction<double(double)> root(library, "sqrt");
  static const LazyFunction<double(double)> none(library, "packscope_has_no_such_function");
  REQUIRE(library.load());
  CHECK(root(9.0) == 3.0);
  CHECK(root(16.0) == 4.0);
  CHECK_THROWS_AS(none(1.0), std::runtime_error);
}

TEST_CASE("a library that is not there says so", "[lazy_library]") {
  const LazyLibrary library("", "libpackscope-none.so.1");
  const LazyFunction<int()> function(library, "f");
  const Result<void> loaded = library.load();
  REQUIRE(!loaded);
  CHECK(loaded.error().text().find("libpackscope-none.so.1") != std::string::npos);
  CHECK_THROWS_AS(function(), std::runtime_error);
}
