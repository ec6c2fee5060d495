// What each rung reads, against zlib's own streams and the symbols that deflate/ gives.
#include "learn/rung.h"

#include "learn/dataset.h"
#include "learn/random.h"
#include "learn/rung_r2.h"
#include "learn/rung_r3.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <cmath>

using namespace packscope;
using namespace packscope::learn;

namespace {

std::string prose(unsigned words) {
  static const char* const kWords[] = {"fn ", "let ", "mut ", "value", " = ", "(self)", ";\n", "return ", "match ", "{\n"};
  Random random(words);
  std::string text;
  for (unsigned i = 0; i < words; ++i) text += std::string(kWords[random.below(10)]) + std::to_string(random.below(99));
  return text;
}
std::vector<float> features(std::string_view rung, Bytes zlib, deflate::Fault expected = deflate::Fault::none) {
  const Rung& one = *find_rung(rung);
  std::vector<float> out(one.width, NAN);
  CHECK(one.extract(zlib, out) == expected);
  for (const float value : out) CHECK(std::isfinite(value));
  return out;
}

} // namespace

TEST_CASE("rungs are found by name in any case, and every one says what it is") {
  CHECK(find_rung("r3-16") == find_rung("R3-16"));
  CHECK(find_rung("R3") == nullptr);
  CHECK(find_rung("") == nullptr);
  for (const Rung& rung : rungs()) {
    CHECK(rung.width > 0);
    CHECK(rung.description.size() > 10);
    CHECK(find_rung(rung.name) == &rung);
  }
}

TEST_CASE("R0 is the stream's first bytes after zlib's two, zeros past its end") {
  const std::vector<std::uint8_t> stream = compress(as_bytes("use std::io;"));
  const std::vector<float> bytes = features("R0", stream), bits = features("R0-bits", stream);
  for (std::size_t i = 0; i < 16; ++i) {
    const unsigned byte = i + 2 < stream.size() ? stream[i + 2] : 0;
    CHECK(bytes[i] == static_cast<float>(byte) / 255.0f);
    for (unsigned bit = 0; bit < 8; ++bit) CHECK(bits[i * 8 + bit] == static_cast<float>((byte >> bit) & 1));
  }
  CHECK(features("R0", Bytes(stream).first(4))[2] == 0.0f);
}

TEST_CASE("R2 of fixed, dynamic and stored blocks") {
  const std::vector<float> fixed = features("R2", compress(as_bytes("const A: u8 = 1;")));
  CHECK(fixed[1] == 1.0f);
  for (std::size_t i = 3; i < kR2Width; ++i) CHECK(fixed[i] == 0.0f);

  const std::string text = prose(2000);
  const std::vector<float> dynamic = features("R2", compress(as_bytes(text)));
  CHECK(dynamic[2] == 1.0f);
  CHECK(dynamic[3 + 'e'] > 0.0f);          // a frequent character has a code
  CHECK(dynamic[3 + '~'] == 0.0f);         // an absent one has none
  CHECK(dynamic[3 + 256] > 0.0f);          // end of block
  double kraft = 0;                        // the lengths that came through are a complete code
  for (std::size_t i = 0; i < kR2Literals; ++i)
    if (dynamic[3 + i] > 0) kraft += std::exp2(static_cast<double>(dynamic[3 + i]) * 16 - 16);
  CHECK(kraft == 1.0);

  CHECK(features("R2", compress(as_bytes(text), 0))[0] == 1.0f);
}

TEST_CASE("R3 spells the first literals and counts all of them") {
  const std::string text = "abcabcabcabcd";
  const std::vector<float> out = features("R3-16", compress(as_bytes(text)));
  const float* symbol = out.data() + kR2Width;
  for (unsigned i = 0; i < 3; ++i, symbol += kR3PerSymbol) { // a b c, then a match of 9, then d
    CHECK(symbol[0] == 1.0f);
    unsigned byte = 0;
    for (unsigned bit = 0; bit < 8; ++bit) byte |= static_cast<unsigned>(symbol[2 + bit]) << bit;
    CHECK(byte == static_cast<unsigned>(text[i]));
  }
  const float* histogram = out.data() + kR2Width + kR3Positions * kR3PerSymbol;
  CHECK(histogram['a'] + histogram['b'] + histogram['c'] + histogram['d'] >= 4.0f / 16);
  float matches = 0, distances = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    matches += histogram[256 + i];
    distances += histogram[264 + i];
  }
  CHECK(matches >= 1.0f / 16);
  CHECK(matches == distances);
}

TEST_CASE("what a rung says it reads suffices: the rest of the stream changes nothing") {
  for (const unsigned words : {5u, 50u, 500u, 5000u})
    for (const int level : {1, 6, 9}) {
      const std::vector<std::uint8_t> stream = compress(as_bytes(prose(words)), level);
      for (const Rung& rung : rungs()) {
        std::vector<float> whole(rung.width), part(rung.width);
        rung.extract(stream, whole);
        rung.extract(Bytes(stream).first(std::min(stream.size(), rung.source_bytes)), part);
        CHECK(whole == part);
      }
    }
}

TEST_CASE("broken streams give finite features and their fault") {
  CHECK(features("R2", {}, deflate::Fault::truncated)[0] == 0.0f);
  const std::vector<std::uint8_t> bad_header = {0x78, 0x9d, 1, 2, 3};
  for (const Rung& rung : rungs()) features(rung.name, bad_header, deflate::Fault::zlib_header);
  Random random(4);
  const std::vector<std::uint8_t> good = compress(as_bytes(prose(300)));
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> bad = good;
    bad[2 + random.below(200)] = static_cast<std::uint8_t>(random.next());
    bad.resize(2 + random.below(400));
    for (const Rung& rung : rungs()) {
      std::vector<float> out(rung.width, NAN);
      rung.extract(bad, out);
      for (const float value : out) REQUIRE(std::isfinite(value));
    }
  }
}
