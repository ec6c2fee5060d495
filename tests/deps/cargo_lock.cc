// Cargo.lock, versions 1 to 4.
#include "deps/cargo.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deps;

namespace {

const std::string kRegistry = "registry+https://github.com/rust-lang/crates.io-index";

} // namespace

TEST_CASE("versions 2 to 4 keep checksums with the package", "[cargo]") {
  for (const std::string version : {"", "version = 3\n", "version = 4\n"}) {
    const auto lock = parse_cargo_lock("# generated\n" + version + "[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n"
                                       "dependencies = [\n \"a\",\n]\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"" +
                                       kRegistry + "\"\nchecksum = \"00ff\"\n");
    REQUIRE(lock);
    REQUIRE(lock->size() == 2);
    CHECK_FALSE((*lock)[0].source);
    CHECK((*lock)[1].name == "a");
    CHECK((*lock)[1].source == kRegistry);
    CHECK((*lock)[1].checksum == "00ff");
  }
}

TEST_CASE("version 1 keeps them in [metadata], and once had the root apart", "[cargo]") {
  const auto lock = parse_cargo_lock("[root]\nname = \"own\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"
                                     "source = \"" + kRegistry + "\"\n\n[metadata]\n\"checksum a 1.0.0 (" + kRegistry + ")\" = \"00ff\"\n");
  REQUIRE(lock);
  REQUIRE(lock->size() == 2);
  CHECK((*lock)[0].name == "own");
  CHECK((*lock)[1].checksum == "00ff");
}

TEST_CASE("a lock file of another tool or of the future is refused", "[cargo]") {
  CHECK(parse_cargo_lock("version = 5\n").error().text() == "line 1: lock file version above 4");
  CHECK_FALSE(parse_cargo_lock("[[package]]\nname = \"a\"\n"));
  CHECK_FALSE(parse_cargo_lock("[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"x\" }\n")); // uv.lock
  CHECK_FALSE(parse_cargo_lock("package = 1\n"));
  CHECK(parse_cargo_lock("").value().empty());
}
