// What each rung reads, against zlib's own streams and the symbols that deflate/ gives.
#include "learn/rung.h"

#include "learn/dataset.h"
#include "learn/random.h"
#include "learn/rung_r2.h"
#include "learn/rung_r3.h"
#include "learn/rung_text.h"
#include "deflate/symbols.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <cmath>
#include <numeric>

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
// A row as numbers; what a rung adds twice adds up.
std::vector<float> dense(const Rung& rung, const Source& source, deflate::Fault* fault = nullptr) {
  std::vector<Unit> units(rung.most_units);
  std::vector<Feature> valued(rung.most_valued);
  Row row(units, valued);
  const deflate::Fault met = rung.read(source, row);
  if (fault != nullptr) *fault = met;
  std::vector<float> out(rung.width);
  for (const std::uint32_t unit : row.units()) {
    REQUIRE(unit < rung.width);
    out[unit] += 1.0f;
  }
  for (const Feature& feature : row.valued()) {
    REQUIRE(feature.index < rung.width);
    REQUIRE(std::isfinite(feature.value));
    out[feature.index] += feature.value;
  }
  return out;
}
std::vector<float> features(std::string_view rung, Bytes zlib, deflate::Fault expected = deflate::Fault::none) {
  deflate::Fault fault{};
  std::vector<float> out = dense(*find_rung(rung), {.zlib = zlib}, &fault);
  CHECK(fault == expected);
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
  CHECK(fixed[kR2Type + 1] == 1.0f);
  for (std::size_t i = 0; i < kR2Type; ++i) CHECK(fixed[i] == 0.0f);

  const std::string text = prose(2000);
  const std::vector<float> dynamic = features("R2", compress(as_bytes(text)));
  CHECK(dynamic[kR2Type + 2] == 1.0f);
  CHECK(dynamic['e'] > 0.0f);          // a frequent character has a code
  CHECK(dynamic['~'] == 0.0f);         // an absent one has none
  CHECK(dynamic[256] > 0.0f);          // end of block
  double kraft = 0;                    // the lengths that came through are a complete code
  for (std::size_t i = 0; i < kR2Literals; ++i) {
    if (dynamic[i] == 0) continue;
    kraft += std::exp2(static_cast<double>(dynamic[i]) * 16 - 16);
    const std::size_t length = 16 - static_cast<std::size_t>(dynamic[i] * 16);
    for (std::size_t other = 1; other <= 15; ++other) CHECK(dynamic[kR2OneHot + i * 15 + other - 1] == (other == length));
  }
  CHECK(kraft == 1.0);

  CHECK(features("R2", compress(as_bytes(text), 0))[kR2Type] == 1.0f);
}

TEST_CASE("sizes lie between two knots, with the share of each") {
  const std::vector<float> out = dense(*find_rung("sizes"), {.zlib = {}, .inflated_size = 1536, .packed_size = 512});
  CHECK(out[10] == 0.5f); // 1024 is knot 10, 2048 knot 11
  CHECK(out[11] == 0.5f);
  CHECK(out[kSizeKnots + 10] == 1.0f); // log2 by this line: 10.5 - 9 = 1.5; (1.5 + 1) * 4
  CHECK(dense(*find_rung("sizes"), {}) == std::vector<float>(kSizesWidth));
}

TEST_CASE("R3 spells the first literals, counts all of them, and sees a match's size") {
  const std::string text = "xabcabcabcabcd";
  const std::vector<float> out = features("R3-16", compress(as_bytes(text)));
  for (std::size_t i = 0; i < 4; ++i) // x a b c, then a match of 9 from 3 back, then d
    CHECK(out[kR3Position + i * kR3PerSymbol + static_cast<std::size_t>(text[i])] == 1.0f);
  CHECK(out[kR3Position + 4 * kR3PerSymbol + 256 + 2] == 1.0f); // 9: four bits wide
  CHECK(out[kR3Position + 4 * kR3PerSymbol + 264 + 1] == 1.0f); // 3: two bits
  CHECK(out[kR3Position + 5 * kR3PerSymbol + 'd'] == 1.0f);
  for (const char c : {'a', 'b', 'c', 'd'}) CHECK(out[kR3Bag + static_cast<std::size_t>(c)] == 1.0f);
  const float pairs = std::accumulate(out.begin() + kR3Pair, out.end(), 0.0f);
  CHECK(pairs == 3.0f); // xa, ab, bc
}

TEST_CASE("R3 sees the same symbols as the reader that makes text of them") {
  for (const unsigned words : {3u, 40u, 900u})
    for (const int level : {0, 1, 6, 9}) {
      const std::vector<std::uint8_t> stream = compress(as_bytes(prose(words)), level);
      const std::vector<float> out = features("R3-256", stream);
      std::vector<float> bag(256);
      deflate::SymbolReader reader(stream, 16);
      deflate::Symbol symbol{};
      for (unsigned seen = 0; seen < 256;) {
        const deflate::SymbolReader::Step step = reader.next(symbol);
        if (step == deflate::SymbolReader::Step::end) break;
        if (step != deflate::SymbolReader::Step::symbol || symbol.kind == deflate::SymbolKind::end_of_block) continue;
        if (symbol.kind == deflate::SymbolKind::match) ++seen;
        if (symbol.kind == deflate::SymbolKind::literal) ++seen, bag[symbol.literal] += 16.0f / 256;
        if (symbol.kind == deflate::SymbolKind::stored)
          for (unsigned i = 0; i < symbol.length && seen < 256; ++i, ++seen) bag[stream[symbol.bit_begin / 8 + i]] += 16.0f / 256;
      }
      for (std::size_t i = 0; i < 256; ++i) REQUIRE(out[kR3Bag + i] == bag[i]);
    }
}

TEST_CASE("read inside a stream, a rung sees what begins there") {
  const std::string text = prose(400);
  const std::vector<std::uint8_t> stream = compress(as_bytes(text));
  deflate::SymbolReader reader(stream, 16);
  deflate::Symbol symbol{};
  unsigned seen = 0;
  while (reader.next(symbol) != deflate::SymbolReader::Step::end) {
    if (symbol.kind != deflate::SymbolKind::literal || ++seen % 37 != 0) continue;
    const Source source{.zlib = stream, .block = &reader.block(), .bit = symbol.bit_begin};
    const std::vector<float> out = dense(*find_rung("R3-16"), source);
    CHECK(out[kR3Position + symbol.literal] == 1.0f);
    CHECK(out[kR2Type + 2] == 1.0f);
    CHECK(dense(*find_rung("R0-bits"), source)[0] == static_cast<float>(stream[symbol.bit_begin / 8] >> (symbol.bit_begin % 8) & 1));
  }
  CHECK(seen > 37);
}

TEST_CASE("the text rungs read what zlib inflates, and no more than they say") {
  const std::string text = "#!/bin/sh\n" + prose(3000);
  for (const int level : {0, 1, 6}) {
    const std::vector<std::uint8_t> stream = compress(as_bytes(text), level);
    for (const std::size_t room : {std::size_t{1}, std::size_t{100}, std::size_t{512}, std::size_t{7000}, text.size(), text.size() + 9}) {
      std::vector<std::uint8_t> out(room);
      std::size_t made = 0;
      REQUIRE(inflate_prefix(stream, out, made) == deflate::Fault::none);
      REQUIRE(made == std::min(room, text.size()));
      CHECK(as_text(Bytes(out).first(made)) == std::string_view(text).substr(0, made));
    }
  }
  const std::string head = text.substr(0, 512);
  // R4's text is the beginning; its code lengths are those of the whole block.
  const auto of_text = [](const std::vector<float>& all) { return std::vector<float>(all.begin() + kR2LengthsWidth, all.end()); };
  const std::vector<float> r4 = features("R4", compress(as_bytes(text)));
  CHECK(of_text(features("R4", compress(as_bytes(head)))) == of_text(r4));
  const std::vector<float> r2 = features("R2", compress(as_bytes(text)));
  CHECK(std::equal(r4.begin(), r4.begin() + kR2LengthsWidth, r2.begin()));
  CHECK(features("R5", compress(as_bytes(head))) != features("R5", compress(as_bytes(text))));
}

TEST_CASE("what a rung says it reads suffices: the rest of the stream changes nothing") {
  for (const unsigned words : {5u, 50u, 500u, 5000u})
    for (const int level : {1, 6, 9}) {
      const std::vector<std::uint8_t> stream = compress(as_bytes(prose(words)), level);
      for (const Rung& rung : rungs())
        CHECK(dense(rung, {.zlib = stream}) ==
              dense(rung, {.zlib = Bytes(stream).first(std::min(stream.size(), rung.source_bytes))}));
    }
}

TEST_CASE("broken streams give finite features and their fault, and no more features than there is room for") {
  CHECK(features("R2", {}, deflate::Fault::truncated)[kR2Type] == 0.0f);
  const std::vector<std::uint8_t> bad_header = {0x78, 0x9d, 1, 2, 3};
  for (const Rung& rung : rungs())
    if (rung.source_bytes > 0) features(rung.name, bad_header, deflate::Fault::zlib_header);
  Random random(4);
  const std::vector<std::uint8_t> good = compress(as_bytes(prose(300)));
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> bad = good;
    bad[2 + random.below(200)] = static_cast<std::uint8_t>(random.next());
    bad.resize(2 + random.below(400));
    for (const Rung& rung : rungs()) dense(rung, {.zlib = bad, .inflated_size = random.next(), .packed_size = bad.size()});
  }
}
