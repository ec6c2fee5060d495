#include "patterns/sample.h"

#include "made.h"

#include <catch2/catch_test_macros.hpp>

namespace packscope::patterns {
namespace {

using namespace test;

TEST_CASE("What fits is taken whole, and no piece reaches into the next") {
  const std::vector<std::uint8_t> a = random_bytes(1000, 1), b = random_bytes(10, 2), c = random_bytes(300, 3);
  const std::vector<Input> inputs = {{a, "a"}, {b, "b"}}, against = {{c, "c"}};
  const Sample sample = draw_sample(inputs, against, 5000);
  REQUIRE(sample.text.size() == 1310);
  CHECK(sample.positive == 1010);
  CHECK(std::equal(a.begin(), a.end(), sample.text.begin()));
  CHECK(sample.room[999] == 1);
  CHECK(sample.room[1000] == 10);
  CHECK(sample.room[0] == Sample::kFar);
  CHECK(sample.reaches_back(1009, 9));
  CHECK_FALSE(sample.reaches_back(1000, 1));
  CHECK_FALSE(sample.reaches_back(5, 6));
}

TEST_CASE("What doesn't fit is spread over all files, with their beginnings and ends") {
  const std::vector<std::uint8_t> large = random_bytes(3 << 20, 1), small = random_bytes(70'000, 2), negative = random_bytes(1 << 20, 3);
  const std::vector<Input> inputs = {{large, "large"}, {small, "small"}}, against = {{negative, "negative"}};
  const std::size_t capacity = 1 << 20;
  const Sample sample = draw_sample(inputs, against, capacity);
  CHECK(sample.text.size() <= capacity);
  CHECK(sample.text.size() > capacity * 9 / 10);
  CHECK(sample.text.size() - sample.positive <= capacity / 4);
  CHECK(sample.room.size() == sample.text.size());
  const auto holds = [&](const std::uint8_t* at) {
    return std::search(sample.text.begin(), sample.text.end(), at, at + 64) != sample.text.end();
  };
  CHECK(holds(large.data()));
  CHECK(holds(large.data() + large.size() - 64));
  CHECK(holds(small.data()));
  CHECK(holds(negative.data()));
}

TEST_CASE("A sample is bounded however many files there are") {
  const std::vector<std::uint8_t> one = random_bytes(5000, 1);
  const std::vector<Input> inputs(3000, Input{one, "one"});
  CHECK(draw_sample(inputs, {}, 1 << 20).text.size() <= 1 << 20);
  CHECK(draw_sample({}, {}, 100).text.empty());
}

} // namespace
} // namespace packscope::patterns
