// Verdicts over many streams' sets.
#include "encoders/verdict.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope::encoders;

namespace {

VariantSet levels(std::initializer_list<int> all) {
  VariantSet set;
  for (const int level : all) set.add(Variant{.level = static_cast<std::uint8_t>(level)});
  return set;
}

} // namespace

TEST_CASE("streams that any may have written take nothing from the meet", "[verdict]") {
  Verdict verdict;
  verdict.add(15, levels({1, 2, 3, 4, 5, 6, 7, 8, 9}));
  verdict.add(15, levels({5, 6}));
  for (int i = 0; i < 10; ++i) verdict.add(15, levels({6}));
  const auto cover = verdict.cover();
  REQUIRE(cover.size() == 1);
  CHECK(cover[0].writers == levels({6}));
  CHECK(cover[0].streams == 12);
  CHECK(verdict.explained() == 12);
  CHECK(verdict.unexplained() == 0);
}

TEST_CASE("a pack of several levels is covered by as few as possible, the most frequent first", "[verdict]") {
  Verdict verdict;
  for (int i = 0; i < 5; ++i) verdict.add(15, levels({6, 7}));
  for (int i = 0; i < 3; ++i) verdict.add(15, levels({1}));
  verdict.add(15, levels({1, 2, 7}));
  verdict.add(15, {});
  const auto cover = verdict.cover();
  REQUIRE(cover.size() == 2);
  CHECK(cover[0].writers == levels({7})); // 6 explains one stream less
  CHECK(cover[0].streams == 6);
  CHECK(cover[1].writers == levels({1}));
  CHECK(cover[1].streams == 3);
  CHECK(verdict.explained() == 9);
  CHECK(verdict.unexplained() == 1);
}

TEST_CASE("windows are told apart", "[verdict]") {
  Verdict verdict;
  verdict.add(15, levels({6}));
  verdict.add(14, levels({6}));
  verdict.add(14, levels({6, 9}));
  const auto cover = verdict.cover();
  REQUIRE(cover.size() == 2);
  CHECK(cover[0].window_bits == 14);
  CHECK(cover[0].writers == levels({6}));
  CHECK(cover[1].window_bits == 15);
  const auto counts = verdict.counts();
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].second + counts[1].second + counts[2].second == 4);
}

TEST_CASE("nothing was read: no verdict", "[verdict]") {
  CHECK(Verdict().cover().empty());
  CHECK(Verdict().explained() == 0);
}
