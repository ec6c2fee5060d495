#include "patterns/print.h"

#include "made.h"

#include <catch2/catch_test_macros.hpp>

namespace packscope::patterns {
namespace {

using namespace test;

TEST_CASE("A regex is ASCII and means the same to every engine") {
  CHECK(regex_of(literal(std::string_view("PACK\0\n.", 7))) == "(?s)PACK\\x00\\x0a\\x2e");
  CHECK(regex_of(literal(std::string(5, '\0'))) == "(?s)\\x00{5}");
  CHECK(regex_of(literal("x") + gap(4, 4) + one_of(ByteSet::range(0x80, 0xff)) + literal("]")) ==
        "(?s)x.{4}[\\x80-\\xff]\\x5d");
  CHECK(regex_of(literal("a") + gap(0, 9) + literal("-")) == "(?s)a.{0,9}?\\x2d");
  ByteSet few = ByteSet::of('^');
  few.insert('a');
  few.insert('b');
  CHECK(regex_of(one_of(few)) == "(?s)[\\x5eab]");
}

TEST_CASE("A YARA hex string has jumps, alternatives and halves") {
  CHECK(yara_of(literal("AB") + gap(3, 3) + literal("C") + gap(0, 2) + literal("D")) == "{ 41 42 [3] 43 [0-2] 44 }");
  CHECK(yara_of(one_of(ByteSet::range(0x30, 0x3f))) == "{ 3? }");
  CHECK(yara_of(one_of(ByteSet::range(0x30, 0x40))) == "{ ( 3? | 40 ) }");
  ByteSet low;
  for (unsigned high = 0; high < 256; high += 16) low.insert(static_cast<std::uint8_t>(high + 5));
  CHECK(yara_of(one_of(low)) == "{ ?5 }");
  low.insert(0x41);
  CHECK(yara_of(one_of(low)) == "{ ( ?5 | 41 ) }");
}

TEST_CASE("YARA needs four literal bytes that are not all the same") {
  CHECK(has_yara_atom(literal("PACK")));
  CHECK_FALSE(has_yara_atom(literal("PAC") + gap(1, 1) + literal("KED")));
  CHECK_FALSE(has_yara_atom(literal(std::string(9, '\0'))));
  CHECK(has_yara_atom(literal("xxxxxy")));
  CHECK_FALSE(has_yara_atom(literal("ab") + one_of(ByteSet::range('a', 'b')) + literal("ab")));
}

} // namespace
} // namespace packscope::patterns
