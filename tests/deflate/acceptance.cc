// Accepts what zlib accepts, refuses what it refuses for the same reason, after the same output: over mutated
// and truncated streams.
#include "samples.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deflate;
using namespace packscope::test;

namespace {
// Where zlib and we may differ in words: an empty code length code is wrong at once for us, and once it has
// sent no end of block (or the input ends) for zlib. A truncated stored block: zlib hands out the part that
// is there.
bool agree(const Decoded& ours, const Inflated& zlib) {
  if (ours.fault == Fault::none)
    return zlib.fault == Fault::none && ours.output == zlib.output && ours.consumed == zlib.consumed;
  if (ours.fault == Fault::code_length_code &&
      (zlib.fault == Fault::no_end_of_block || zlib.fault == Fault::truncated))
    return ours.output == zlib.output;
  const bool in_stored = !ours.blocks.empty() && ours.blocks.back().type == BlockType::stored;
  return ours.fault == zlib.fault &&
         (in_stored ? zlib.output.starts_with(ours.output) : ours.output == zlib.output);
}

std::vector<Buffer> seeds() {
  std::vector<Buffer> streams;
  for (const std::size_t size : {1u, 40u, 300u, 2000u})
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FIXED})
      streams.push_back(deflate_text(source_text(size, size), {.strategy = strategy, .window_bits = -15}));
  streams.push_back(deflate_text(source_text(500, 1), {.level = 0, .window_bits = -15, .flush_every = 100}));
  streams.push_back(
      deflate_text(source_text(2000, 2), {.window_bits = -15, .mem_level = 1, .flush_every = 333}));
  streams.push_back(deflate_text(std::string(5000, 'a'), {.window_bits = -15}));
  streams.push_back(deflate_text(random_bytes(300, 3), {.window_bits = -15}));
  return streams;
}
} // namespace

TEST_CASE("agrees with zlib on 200,000 mutated streams, in every fault there is") {
  std::mt19937_64 random(11);
  std::vector<std::uint64_t> seen(static_cast<std::size_t>(Fault::size) + 1);
  std::uint64_t disagreements = 0, streams = 0;
  const std::vector<Buffer> all = seeds();
  while (streams < 200000) {
    for (const Buffer& seed : all) {
      Buffer stream = seed;
      // Mostly near the front, where the headers are.
      const std::size_t reach = random() % 2 ? stream.size() : std::min<std::size_t>(stream.size(), 80);
      for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
        std::uint8_t& byte = stream[random() % reach];
        if (random() % 4 == 0)
          byte = static_cast<std::uint8_t>(random());
        else
          byte = static_cast<std::uint8_t>(byte ^ 1u << (random() % 8));
      }
      const Decoded ours = decode(stream);
      if (!agree(ours, zlib_inflate(stream))) ++disagreements;
      ++seen[static_cast<std::size_t>(ours.fault)];
      ++streams;
    }
  }
  CHECK(disagreements == 0);
  for (const Fault fault :
       {Fault::none, Fault::block_type, Fault::stored_length, Fault::too_many_lengths,
        Fault::code_length_code, Fault::code_length_repeat, Fault::no_end_of_block, Fault::literal_code,
        Fault::distance_code, Fault::symbol, Fault::distance, Fault::truncated}) {
    CAPTURE(describe(fault));
    CHECK(seen[static_cast<std::size_t>(fault)] > 0);
  }
}

TEST_CASE("agrees with zlib on random bytes") {
  std::mt19937_64 random(12);
  std::uint64_t disagreements = 0;
  for (int round = 0; round < 30000; ++round) {
    const std::string bytes = random_bytes(random() % 200, random());
    if (!agree(decode(as_bytes(bytes)), zlib_inflate(as_bytes(bytes)))) ++disagreements;
  }
  CHECK(disagreements == 0);
}

TEST_CASE("a stream cut at any byte is truncated, after the output that zlib gives") {
  for (const Buffer& stream : seeds()) {
    for (std::size_t size = 0; size < stream.size(); ++size) {
      const Decoded ours = decode(Bytes(stream).first(size));
      REQUIRE(ours.fault == Fault::truncated);
      REQUIRE(agree(ours, zlib_inflate(Bytes(stream).first(size))));
    }
    CHECK(decode(stream).fault == Fault::none);
  }
}
