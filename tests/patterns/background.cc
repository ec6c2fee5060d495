#include "patterns/background.h"

#include "made.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>

namespace packscope::patterns {
namespace {

using namespace test;
using Catch::Approx;

TEST_CASE("In uniform bytes a literal costs eight bits a byte, a class its share, a gap nothing") {
  const std::vector<std::uint8_t> bytes = random_bytes(1 << 20, 7);
  const Input input{.bytes = bytes, .name = {}};
  const Background background = Background::of({&input, 1}, 2);
  CHECK(background.bytes() == bytes.size());
  CHECK(background.log2_probability(literal("abcd")) == Approx(-32).margin(0.2));
  CHECK(background.log2_probability(as_bytes("abcd")) == Approx(background.log2_probability(literal("abcd"))).margin(1e-3));
  CHECK(background.log2_probability(literal("a") + one_of(ByteSet::range(0x80, 0xff))) == Approx(-9).margin(0.1));
  CHECK(background.log2_probability(literal("a") + gap(4, 4) + literal("b")) == Approx(-16).margin(0.1));
  CHECK(background.log2_probability(literal("a") + gap(1, 4) + literal("b")) == Approx(-14).margin(0.1));
}

TEST_CASE("A byte that repeats itself is expected to") {
  std::vector<std::uint8_t> bytes = random_bytes(1 << 16, 8);
  for (std::size_t i = 0; i < bytes.size(); i += 64) std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(i), 32, std::uint8_t{0});
  const Input input{.bytes = bytes, .name = {}};
  const Background background = Background::of({&input, 1}, 1);
  const double expected = std::exp2(background.log2_probability(literal(std::string(16, '\0')))) * static_cast<double>(bytes.size());
  CHECK(expected > 0.3 * static_cast<double>(bytes.size()) / 64 * 17); // windows of 16 in each run of 32
  CHECK(background.log2_probability(literal("abc")) == Approx(-27).margin(0.5));
}

TEST_CASE("Counting is the same on any number of threads, and nothing is no input") {
  const std::vector<std::uint8_t> bytes = random_bytes(3 << 20, 9);
  const Input input{.bytes = bytes, .name = {}};
  const Background one = Background::of({&input, 1}, 1), four = Background::of({&input, 1}, 4);
  CHECK(one.log2_probability(literal("some text")) == four.log2_probability(literal("some text")));
  CHECK(Background::of({}, 2).bytes() == 0);
  CHECK(Background::of({}, 2).log2_probability(literal("ab")) == Approx(-16));
}

} // namespace
} // namespace packscope::patterns
