// The model of zlib against zlib: for each stream, exactly the variants that reproduce it.
#include "encoders/zlib_model.h"

#include "encoders/samples.h"

#include <catch2/catch_test_macros.hpp>

#include <zlib.h>

using namespace packscope;
using namespace packscope::encoders;
using namespace packscope::test;

namespace {

// Where another library goes by zlib's name there is nothing to compare with.
bool is_zlib() { return version(Library::zlib).find("ng") == std::string::npos; }

struct Model {
  StreamParser parser;
  ParsedStream parsed;
  ZlibModel model;
  std::unique_ptr<Encoder> zlib = make_zlib();

  VariantSet writers(const Buffer& stream, const std::string& text) {
    REQUIRE(parser.parse(stream, text.size(), parsed) == deflate::Fault::none);
    REQUIRE(parsed.clean);
    return model.writers(parsed);
  }
  // All of zlib's variants but those of level 0, run.
  VariantSet by_running(const Buffer& stream, const std::string& text) {
    VariantSet set;
    for (unsigned number = 0; number < kZlibVariants; ++number) {
      const Variant variant = variant_of(number, parsed.header.window_bits);
      if (variant.level != 0 && zlib->reproduces(variant, as_bytes(text), stream)) set.add(number);
    }
    return set;
  }
};

} // namespace

TEST_CASE("the model says of any stream what running all variants says", "[model]") {
  if (!is_zlib()) SKIP("zlib is " + version(Library::zlib));
  Model model;
  std::mt19937_64 random(1);
  unsigned stored = 0, searched = 0;
  for (int round = 0; round < 40; ++round) {
    const std::string text = any_text(random);
    Variant variant = {.level = static_cast<std::uint8_t>(1 + random() % 9), .mem_level = static_cast<std::uint8_t>(1 + random() % 9),
                       .strategy = random() % 2 == 0 ? Strategy::standard : static_cast<Strategy>(1 + random() % 5),
                       .window_bits = static_cast<std::uint8_t>(random() % 2 == 0 ? 15 : 9 + random() % 7)};
    const Buffer stream = encode(*model.zlib, variant, text);
    const VariantSet writers = model.writers(stream, text);
    INFO("level " << +variant.level << " memory level " << +variant.mem_level << " strategy " << name(variant.strategy) << " window "
                  << +variant.window_bits << " size " << text.size());
    CHECK(writers.has(variant));
    CHECK(writers == model.by_running(stream, text));
    (model.parsed.stored ? stored : searched) += 1;
  }
  CHECK(stored > 3); // both ways were taken
  CHECK(searched > 20);
}

TEST_CASE("tokens beside a stored block are compared, not only their codes", "[model]") {
  if (!is_zlib()) SKIP("zlib is " + version(Library::zlib));
  Model model;
  unsigned stored = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    // Noise that is stored, and a block after it in which lazy levels choose otherwise than greedy ones.
    const std::string text = noise(520, seed) + words(90, seed) + noise(30, seed + 1) + words(80, seed);
    for (const std::uint8_t level : std::initializer_list<std::uint8_t>{3, 4, 5}) {
      const Buffer stream = encode(*model.zlib, {.level = level, .mem_level = 3}, text);
      const VariantSet writers = model.writers(stream, text);
      stored += model.parsed.stored && model.parsed.blocks.size() > 1;
      for (const Variant other : {Variant{.level = 3, .mem_level = 3}, Variant{.level = 4, .mem_level = 3}, Variant{.level = 5, .mem_level = 3}})
        CHECK(writers.has(other) == model.zlib->reproduces(other, as_bytes(text), stream));
    }
  }
  CHECK(stored > 30);
}

TEST_CASE("strings just as far back as a match may reach are found by some memory levels only", "[model]") {
  if (!is_zlib()) SKIP("zlib is " + version(Library::zlib));
  Model model;
  unsigned differ = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    std::string text = noise(4000, seed);
    for (char& byte : text) byte = static_cast<char>(byte & 15);
    const Variant usual = {.level = 5, .window_bits = 11};
    const Buffer stream = encode(*model.zlib, usual, text);
    const VariantSet writers = model.writers(stream, text);
    for (std::uint8_t mem_level = 1; mem_level <= 9; ++mem_level) {
      const Variant other = {.level = 5, .mem_level = mem_level, .window_bits = 11};
      const bool same = model.zlib->reproduces(other, as_bytes(text), stream);
      CHECK(writers.has(other) == same);
      differ += !same;
    }
  }
  CHECK(differ > 10);
}

TEST_CASE("strings that share one memory level's hash alone are told apart where chains are cut", "[model]") {
  if (!is_zlib()) SKIP("zlib is " + version(Library::zlib));
  Model model;
  unsigned differ = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::string text = words(3600, seed); // many chains are longer than the eight strings that level 2 looks at
    for (const std::uint8_t written : std::initializer_list<std::uint8_t>{5, 8}) {
      const Buffer stream = encode(*model.zlib, {.level = 2, .mem_level = written}, text);
      const VariantSet writers = model.writers(stream, text);
      for (std::uint8_t mem_level = 1; mem_level <= 9; ++mem_level) {
        const Variant other = {.level = 2, .mem_level = mem_level};
        const bool same = model.zlib->reproduces(other, as_bytes(text), stream);
        CHECK(writers.has(other) == same);
        differ += !same;
      }
    }
  }
  CHECK(differ > 10);
}

TEST_CASE("every level, memory level, strategy and window is among the writers of its stream", "[model]") {
  if (!is_zlib()) SKIP("zlib is " + version(Library::zlib));
  Model model;
  const std::string text = words(30000, 7) + noise(20000, 8) + words(10000, 9);
  for (unsigned number = 0; number < kZlibVariants; ++number) {
    const Variant variant = variant_of(number, 9 + number % 7);
    if (variant.level == 0) continue;
    INFO(number);
    CHECK(model.writers(encode(*model.zlib, variant, text), text).has(variant));
  }
}

TEST_CASE("a stream that zlib does not write has no writer", "[model]") {
  Model model;
  const std::string text = words(20000, 3);
  const Variant usual;
  Buffer stream = encode(*model.zlib, usual, text);
  SECTION("of libdeflate") {
    const std::unique_ptr<Encoder> libdeflate = make_libdeflate();
    stream = encode(*libdeflate, {.library = Library::libdeflate, .level = 6, .mem_level = 0, .strategy = Strategy::none}, text);
  }
  SECTION("of another header") {
    stream[0] = 0x78;
    stream[1] = 0xda; // level 9's, over level 6's blocks
  }
  SECTION("of blocks that were flushed") {
    z_stream zlib = {};
    REQUIRE(deflateInit(&zlib, 6) == Z_OK);
    stream.assign(40000, 0);
    zlib.next_out = stream.data();
    zlib.avail_out = 40000;
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    zlib.avail_in = 9000;
    REQUIRE(::deflate(&zlib, Z_BLOCK) == Z_OK);
    zlib.avail_in = static_cast<uInt>(text.size() - 9000);
    REQUIRE(::deflate(&zlib, Z_FINISH) == Z_STREAM_END);
    stream.resize(zlib.total_out);
    deflateEnd(&zlib);
  }
  CHECK(model.writers(stream, text).empty());
}

TEST_CASE("bits that no encoder sets make a stream unclean", "[model]") {
  Model model;
  Buffer stream = encode(*model.zlib, Variant{}, "a text");
  std::uint8_t& last = stream[stream.size() - 5]; // before the checksum
  REQUIRE(last < 0x80);
  last |= 0x80;
  REQUIRE(model.parser.parse(stream, 6, model.parsed) == deflate::Fault::none);
  CHECK_FALSE(model.parsed.clean);
}
