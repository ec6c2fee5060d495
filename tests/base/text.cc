// Text for people, and errors as lines.
#include "base/result.h"
#include "base/text.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;

TEST_CASE("sizes and counts for people") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(772) == "772 B");
  CHECK(human_bytes(999) == "999 B");
  CHECK(human_bytes(1500) == "1.50 kB");
  CHECK(human_bytes(999999) == "1.00 MB");
  CHECK(human_bytes(1907000000) == "1.91 GB");
  CHECK(human_count(0) == "0");
  CHECK(human_count(999) == "999");
  CHECK(human_count(274978) == "274,978");
  CHECK(human_count(1000000) == "1,000,000");
}

TEST_CASE("an error names what it knows") {
  CHECK(Error{"bad"}.text() == "bad");
  CHECK(Error{"bad", "a.pack"}.text() == "a.pack: bad");
  CHECK(Error{"bad", "a.pack", 12}.text() == "a.pack: offset 12: bad");
}

TEST_CASE("what is printed cannot steer a terminal nor break the line") {
  CHECK(printable("a\nb\x1b[31m\x7f") == "a\\x0ab\\x1b[31m\\x7f");
  CHECK(printable("caf\xC3\xA9 \xff") == "caf\xC3\xA9 \xEF\xBF\xBD");
}
