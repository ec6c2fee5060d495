// The compact table against an independent decoder that keeps every symbol's position.
#include "trace/symbol_table.h"

#include "trace/slow_inflate.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <random>
#include <string>

using namespace packscope;
using namespace packscope::test;
using trace::BitRange;
using trace::SymbolTable;

namespace {

std::vector<std::uint8_t> deflated(const std::string& text, int level, int strategy, bool flush) {
  z_stream state{};
  deflateInit2(&state, level, Z_DEFLATED, 15, 8, strategy);
  std::vector<std::uint8_t> out(deflateBound(&state, text.size()) + 64);
  state.next_out = out.data();
  state.avail_out = static_cast<unsigned>(out.size());
  const auto feed = [&](std::size_t from, std::size_t to, int mode) {
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + from));
    state.avail_in = static_cast<unsigned>(to - from);
    ::deflate(&state, mode);
  };
  if (flush) { // an empty stored block in the middle
    feed(0, text.size() / 2, Z_FULL_FLUSH);
    feed(text.size() / 2, text.size(), Z_FINISH);
  } else {
    feed(0, text.size(), Z_FINISH);
  }
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string sample_text(std::size_t size, unsigned letters) {
  std::mt19937_64 random(size + letters);
  std::string text;
  while (text.size() < size) {
    if (text.size() > 40 && random() % 3 == 0) text += text.substr(text.size() - 1 - random() % 40, random() % 30);
    text += static_cast<char>('a' + random() % letters);
  }
  text.resize(size);
  return text;
}

// The range by looking at every symbol.
BitRange slow_range(const SlowStream& stream, std::uint64_t begin, std::uint64_t end) {
  BitRange range = {UINT64_MAX, 0, 0, 0};
  for (std::size_t i = 0; i < stream.marks.size(); ++i) {
    const std::uint64_t out_end = i + 1 < stream.marks.size() ? stream.marks[i + 1].out : stream.text.size();
    if (stream.marks[i].out >= end || out_end <= begin) continue;
    range.bit_begin = std::min(range.bit_begin, stream.marks[i].bit);
    range.bit_end = stream.marks[i].bit_end;
    ++(out_end - stream.marks[i].out == 1 ? range.literals : range.matches);
  }
  return range;
}

} // namespace

TEST_CASE("every range of bytes has the bits that an independent decoder finds") {
  for (const std::size_t size : {1u, 63u, 64u, 65u, 300u, 5000u, 70000u})
    for (const int level : {0, 1, 6, 9})
      for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FIXED})
        for (const bool flush : {false, true}) {
          const std::vector<std::uint8_t> zlib = deflated(sample_text(size, 5), level, strategy, flush);
          const SlowStream slow = SlowInflate::run(zlib);
          const auto table = SymbolTable::build(zlib, UINT64_MAX);
          REQUIRE(table);
          REQUIRE(table->output_size() == size);
          REQUIRE(table->bit_end() == slow.bit_end);
          std::mt19937_64 random(size);
          for (int i = 0; i < 20; ++i) {
            const std::uint64_t begin = random() % size, end = begin + 1 + random() % (size - begin);
            const BitRange got = table->bits_of(begin, end), expected = slow_range(slow, begin, end);
            REQUIRE(got.bit_begin == expected.bit_begin);
            REQUIRE(got.bit_end == expected.bit_end);
            REQUIRE(got.literals == expected.literals);
            REQUIRE(got.matches == expected.matches);
          }
        }
}

TEST_CASE("blocks lie end to end and cover the stream") {
  const std::vector<std::uint8_t> zlib = deflated(sample_text(400000, 20), 6, Z_DEFAULT_STRATEGY, true);
  const auto table = SymbolTable::build(zlib, UINT64_MAX);
  REQUIRE(table);
  REQUIRE(table->blocks().size() > 3);
  std::uint64_t bit = 16, out = 0;
  for (const trace::Block& block : table->blocks()) {
    CHECK(block.bit_begin == bit);
    CHECK(block.out_begin == out);
    CHECK(block.data_begin > block.bit_begin);
    const bool dynamic = block.type == deflate::BlockType::dynamic;
    CHECK(block.literal_lengths.empty() == !dynamic);
    if (dynamic) CHECK(block.literal_lengths.at(256) > 0); // the end-of-block symbol always has a code
    bit = block.bit_end;
    out = block.out_end;
  }
  CHECK(bit == table->bit_end());
  CHECK(out == table->output_size());
  CHECK(table->blocks().back().final);
}

TEST_CASE("a table beyond its limit is refused, a broken stream names the bit") {
  std::vector<std::uint8_t> zlib = deflated(sample_text(70000, 5), 6, Z_DEFAULT_STRATEGY, false);
  const auto refused = SymbolTable::build(zlib, 1000);
  REQUIRE(!refused);
  CHECK(refused.error().fault == deflate::Fault::size);
  zlib.resize(zlib.size() / 2);
  const auto cut = SymbolTable::build(zlib, UINT64_MAX);
  REQUIRE(!cut);
  CHECK(cut.error().fault == deflate::Fault::truncated);
  CHECK(cut.error().bit > 16);
}

TEST_CASE("a symbol costs two bytes and a share of a checkpoint") {
  const std::string text = sample_text(400000, 20);
  const auto table = SymbolTable::build(deflated(text, 6, Z_HUFFMAN_ONLY, false), UINT64_MAX);
  REQUIRE(table);
  CHECK(table->memory() < text.size() * 3);
}

TEST_CASE("half a million empty blocks take time in their number, not its square") {
  // BFINAL 0, BTYPE 01, end of block 0000000: ten bits a block; then a final one.
  std::vector<std::uint8_t> zlib = {0x78, 0x9c};
  std::uint64_t bits = 0, held = 0;
  const auto put = [&](unsigned value, unsigned count) {
    held |= std::uint64_t{value} << bits;
    for (bits += count; bits >= 8; bits -= 8, held >>= 8) zlib.push_back(static_cast<std::uint8_t>(held));
  };
  for (int i = 0; i < 500000; ++i) put(0b010, 10);
  put(0b011, 10);
  put(0, 14);
  const auto table = SymbolTable::build(zlib, UINT64_MAX);
  REQUIRE(table);
  CHECK(table->blocks().size() == 500001);
  CHECK(!SymbolTable::build(zlib, 1 << 20));
}
