// Sizes as users write them.
#include "base/size.h"

#include <catch2/catch_test_macros.hpp>

using packscope::parse_size;

TEST_CASE("binary multiples in any spelling") {
  CHECK(parse_size("512").value() == 512);
  CHECK(parse_size("64k").value() == 64u << 10);
  CHECK(parse_size("256MiB").value() == 256u << 20);
  CHECK(parse_size("2GB").value() == std::uint64_t{2} << 30);
  CHECK(parse_size("7b").value() == 7);
}

TEST_CASE("what is no size is an error") {
  for (const char* text : {"", "MiB", "-1", "1x", "1 M", "99999999999999999999", "99999999999T", "5iB"}) CHECK(!parse_size(text));
}
