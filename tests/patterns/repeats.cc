#include "patterns/repeats.h"

#include "made.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace packscope::patterns {
namespace {

using namespace test;

std::vector<std::string> seeds_of(const std::vector<Input>& inputs, const std::vector<Input>& against = {}) {
  const Sample sample = draw_sample(inputs, against, 1 << 22);
  const Result<Repeats> repeats = find_repeats(sample, Background::of(inputs, 1), 100);
  REQUIRE(repeats);
  std::vector<std::string> texts;
  for (const Seed& seed : repeats->seeds) {
    const auto begin = sample.text.begin() + repeats->positions[seed.first];
    texts.emplace_back(begin, begin + seed.length);
    for (std::uint32_t i = seed.first; i <= seed.last; ++i) // each of its occurrences is one
      REQUIRE(std::equal(begin, begin + seed.length, sample.text.begin() + repeats->positions[i]));
  }
  return texts;
}

TEST_CASE("A planted string is found whole, and nothing in random bytes") {
  std::vector<std::uint8_t> bytes = random_bytes(300'000, 1);
  CHECK(seeds_of({{bytes, ""}}).empty());
  const std::string plant = "what is planted";
  for (std::size_t i = 0; i < 5; ++i) std::copy(plant.begin(), plant.end(), bytes.begin() + static_cast<std::ptrdiff_t>(i * 50'001));
  CHECK(seeds_of({{bytes, ""}}) == std::vector<std::string>{plant});
}

TEST_CASE("A repeat never stands over two files, and never in a negative example") {
  std::vector<Input> inputs;
  std::vector<std::vector<std::uint8_t>> files;
  for (unsigned i = 0; i < 40; ++i) {
    files.push_back(random_bytes(900, 10 + i));
    std::copy_n("head", 4, files.back().begin());
    std::copy_n("tail", 4, files.back().end() - 4);
  }
  for (const std::vector<std::uint8_t>& file : files) inputs.push_back({file, ""});
  std::vector<std::string> seeds = seeds_of(inputs);
  std::sort(seeds.begin(), seeds.end());
  CHECK(seeds == std::vector<std::string>{"head", "tail"}); // not "tailhead"
  const std::string negative = "xx tail xx";
  CHECK(seeds_of(inputs, {{as_bytes(negative), ""}}) == std::vector<std::string>{"head"});
}

TEST_CASE("Hostile inputs: nothing, one byte, all the same, a short period") {
  for (const std::string& text : {std::string(), std::string("x"), std::string(200'000, '\0')})
    CHECK(seeds_of({{as_bytes(text), ""}}).empty());
  std::string period;
  while (period.size() < 100'000) period += "abcde";
  CHECK(seeds_of({{as_bytes(period), ""}}).size() < 20);
}

} // namespace
} // namespace packscope::patterns
