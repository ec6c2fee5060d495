#include "patterns/pattern.h"

#include "made.h"

#include <catch2/catch_test_macros.hpp>

namespace packscope::patterns {
namespace {

using namespace test;

TEST_CASE("A match is the leftmost and shortest, one behind the other") {
  const Pattern pattern = literal("a") + gap(0, 3) + literal("b");
  std::vector<std::pair<std::size_t, std::size_t>> found;
  Matcher(pattern).for_each(as_bytes("aabxxbaxbb-axxxxb"), [&](std::size_t begin, std::size_t end) {
    found.emplace_back(begin, end);
    return true;
  });
  CHECK(found == std::vector<std::pair<std::size_t, std::size_t>>{{0, 3}, {6, 9}});
}

TEST_CASE("An early part that leads nowhere doesn't hide a later one") { // the first b is too far from c
  const Pattern pattern = literal("a") + gap(0, 6) + literal("b") + gap(0, 1) + literal("c");
  CHECK(Matcher(pattern).match_at(as_bytes("ab..b.c"), 0) == 7);
  CHECK(Matcher(pattern).match_at(as_bytes("ab..b..c"), 0) == Matcher::kNone);
}

TEST_CASE("Matching agrees with trying every way") {
  std::mt19937 random(1);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::size_t matches = 0;
  for (unsigned round = 0; round < 400; ++round) {
    std::string text;
    for (unsigned i = 0; i < 120; ++i) text += static_cast<char>('a' + below(3)); // few values: many ways
    Pattern pattern = literal(std::string(1, static_cast<char>('a' + below(3))));
    for (unsigned i = below(4); i > 0; --i) {
      const unsigned min = below(4);
      if (below(2) == 0) pattern = pattern + gap(min, min + 1 + below(5));
      pattern = pattern + (below(3) == 0 ? one_of(ByteSet::range('a', 'b')) : literal(std::string(1 + below(2), static_cast<char>('a' + below(3)))));
    }
    std::vector<std::pair<std::size_t, std::size_t>> found;
    Matcher(pattern).for_each(as_bytes(text), [&](std::size_t begin, std::size_t end) {
      found.emplace_back(begin, end);
      return true;
    });
    REQUIRE(found == slow_matches(pattern, as_bytes(text)));
    matches += found.size();
  }
  CHECK(matches > 1000);
}

TEST_CASE("Matching stays within the bytes") {
  const Pattern pattern = literal("ab") + gap(2, 4) + literal("c");
  for (const std::string_view text : {"", "a", "ab", "ab..", "ab...", "xxab"})
    Matcher(pattern).for_each(as_bytes(text), [](std::size_t, std::size_t) -> bool { throw "no match is there"; });
  CHECK(Matcher(pattern).match_at(as_bytes("ab..c"), 0) == 5);
  CHECK(Matcher(pattern).match_at(as_bytes("ab..c"), 9) == Matcher::kNone);
}

} // namespace
} // namespace packscope::patterns
