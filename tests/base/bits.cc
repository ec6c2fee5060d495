// The bit reader against a bit-by-bit oracle.
#include "base/bits.h"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <vector>

using packscope::BitReader;

namespace {
std::uint64_t slow_bits(const std::vector<std::uint8_t>& data, std::uint64_t at, unsigned count) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint64_t bit = at + i;
    if (bit / 8 < data.size()) value |= std::uint64_t{(data[bit / 8] >> (bit % 8)) & 1u} << i;
  }
  return value;
}
} // namespace

TEST_CASE("takes the same bits as one-by-one reading, from any start") {
  std::mt19937_64 random(1);
  for (unsigned size : {0u, 1u, 7u, 8u, 9u, 64u, 257u}) {
    std::vector<std::uint8_t> data(size);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
    for (std::uint64_t start = 0; start <= size * 8; start += 3) {
      BitReader reader(data, start);
      std::uint64_t at = start;
      while (at <= size * 8) {
        REQUIRE(reader.position() == at);
        const unsigned count = static_cast<unsigned>(random() % 57);
        REQUIRE(reader.take(count) == slow_bits(data, at, count));
        at += count;
        REQUIRE(reader.overran() == (at > size * 8));
      }
    }
  }
}

TEST_CASE("a start past the end has overrun and reads zeros") {
  const std::vector<std::uint8_t> data = {0xff, 0xff};
  BitReader reader(data, 40);
  CHECK(reader.position() == 40);
  CHECK(reader.overran());
  CHECK(reader.take(56) == 0);
}
