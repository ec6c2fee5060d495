// Costs: sizes of all texts, instructions of the first.
#include "encoders/cost.h"

#include "encoders/samples.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::encoders;
using namespace packscope::test;

TEST_CASE("every library gives back what it compresses, smaller at a higher level", "[cost]") {
  std::vector<std::vector<std::uint8_t>> texts;
  for (int i = 0; i < 3; ++i) {
    const std::string text = words(8000, static_cast<std::uint64_t>(i));
    texts.emplace_back(text.begin(), text.end());
  }
  for (const Library library : {Library::zlib, Library::zlib_ng, Library::libdeflate, Library::isa_l}) {
    const std::unique_ptr<Encoder> encoder = make_encoder(library);
    if (encoder == nullptr) continue;
    std::vector<double> ratios;
    for (const Variant& variant : usual_variants(library)) {
      const Result<LevelCost> cost = measure_level(*encoder, variant, texts, 0, {});
      REQUIRE(cost);
      CHECK(cost->bytes == 24000);
      CHECK(cost->texts == 3);
      CHECK_FALSE(cost->compress.per_byte());
      CHECK_FALSE(cost->decompress.per_compressed_byte());
      ratios.push_back(cost->ratio());
    }
    CHECK(ratios.back() > ratios[0]);
    CHECK(ratios.back() >= ratios[1]);
    CHECK(ratios.back() > 2);
  }
}

#if !defined(__SANITIZE_ADDRESS__) // steps through a sanitizer's instructions too
TEST_CASE("instructions are counted, and within their limit", "[cost]") {
  const std::string text = words(600, 4);
  const std::vector<std::vector<std::uint8_t>> texts(4, {text.begin(), text.end()});
  const std::unique_ptr<Encoder> zlib = make_zlib();
  const Result<LevelCost> cost = measure_level(*zlib, Variant{}, texts, 2, {});
  REQUIRE(cost);
  if (!cost->refused.empty()) SKIP(cost->refused);
  CHECK(cost->compress.texts == 2);
  CHECK(cost->decompress.bytes == 1200);
  CHECK(*cost->compress.per_byte() > *cost->decompress.per_byte());
  CHECK(*cost->decompress.per_byte() > 2);
  CHECK(*cost->decompress.per_compressed_byte() > *cost->decompress.per_byte());
  const Result<LevelCost> limited = measure_level(*zlib, Variant{}, texts, 2, {.enough = 1000, .most = 1000});
  REQUIRE(limited);
  CHECK(limited->compress.texts == 0);
  CHECK_FALSE(limited->refused.empty());
}
#endif
