#include "patterns/byte_counts.h"

#include "made.h"

#include <catch2/catch_test_macros.hpp>

namespace packscope::patterns {
namespace {

using namespace test;

Background uniform() {
  const std::vector<std::uint8_t> bytes = random_bytes(1 << 20, 3);
  const Input input{.bytes = bytes, .name = {}};
  return Background::of({&input, 1}, 1);
}

Column column(std::uint32_t count, const std::function<std::uint8_t(std::uint32_t)>& byte) {
  Column made;
  made.seen = count;
  for (std::uint32_t i = 0; i < count; ++i) ++made.counts[byte(i)];
  return made;
}

TEST_CASE("A column of one value becomes that literal, of a few values a class") {
  const Background background = uniform();
  CHECK(best_set(column(50, [](std::uint32_t) { return std::uint8_t{0x9c}; }), 50, 16, true, background)->set == ByteSet::of(0x9c));
  const std::optional<Choice> three = best_set(column(90, [](std::uint32_t i) { return std::uint8_t(i % 3 * 70); }), 90, 16, true, background);
  REQUIRE(three);
  CHECK(three->set.size() == 3);
  CHECK(three->hits == 90);
}

TEST_CASE("A column of numbers below 128 becomes that range, one with common low bits that class") {
  const Background background = uniform();
  const std::vector<std::uint8_t> bytes = random_bytes(700, 4);
  CHECK(best_set(column(700, [&](std::uint32_t i) { return std::uint8_t(bytes[i] & 0x7f); }), 700, 16, true, background)->set == ByteSet::range(0, 127));
  const std::optional<Choice> odd = best_set(column(700, [&](std::uint32_t i) { return std::uint8_t((bytes[i] & 0xf8) | 5); }), 700, 16, true, background);
  REQUIRE(odd);
  CHECK(odd->set.size() == 32);
  CHECK(odd->set.has(0x0d));
  CHECK_FALSE(odd->set.has(0x0c));
}

TEST_CASE("A column of anything is a gap, and so is one seen too seldom to tell") {
  const Background background = uniform();
  for (unsigned seed = 0; seed < 50; ++seed) {
    const std::vector<std::uint8_t> bytes = random_bytes(500, 100 + seed);
    CHECK_FALSE(best_set(column(500, [&](std::uint32_t i) { return bytes[i]; }), 500, 40, true, background));
    CHECK_FALSE(best_set(column(4, [&](std::uint32_t i) { return std::uint8_t(bytes[i] & 0x7f); }), 4, 40, true, background));
  }
}

TEST_CASE("Specificity that costs too much support is not bought") {
  const Background background = uniform();
  const Column half = column(400, [](std::uint32_t i) { return i % 2 == 0 ? std::uint8_t{7} : std::uint8_t(i * 37 >> 1); });
  CHECK(best_set(half, 400, 6, true, background));        // 14 bits at half the support are more than 6 at all of it
  CHECK_FALSE(best_set(half, 400, 40, true, background)); // 47 at half are less than 40 at all
}

} // namespace
} // namespace packscope::patterns
