// Symbols against zlib's own text, over what zlib can write. test::decode() checks on the way that bit ranges
// and output ranges are contiguous from the first header to the end.
#include "deflate/symbols.h"

#include "bit_writer.h"
#include "deflate/zlib_stream.h"
#include "samples.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace packscope;
using namespace packscope::deflate;
using namespace packscope::test;

namespace {
bool reproduces(const std::string& text, const DeflateOptions& options) {
  const Buffer stream = deflate_text(text, options);
  const Decoded decoded = decode(stream, kZlibHeaderBits);
  return decoded.fault == Fault::none && decoded.output == text &&
         zlib_stream_bytes(decoded.end_bit) == stream.size() && decoded.blocks.back().final;
}
constexpr int kStrategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
} // namespace

TEST_CASE("reproduces the text of every level, strategy, window and memory level of zlib") {
  const std::string text = source_text(6000, 5);
  for (int level = 0; level <= 9; ++level)
    for (const int strategy : kStrategies)
      for (int window_bits = 9; window_bits <= 15; ++window_bits)
        for (int mem_level = 1; mem_level <= 9; mem_level += 2) {
          CAPTURE(level, strategy, window_bits, mem_level);
          REQUIRE(reproduces(text, {level, strategy, window_bits, mem_level}));
        }
}

TEST_CASE("reproduces long, empty, repetitive and incompressible texts") {
  const std::string mixed =
      source_text(90000, 6) + random_bytes(90000, 7) + std::string(90000, ' ') + source_text(90000, 6);
  for (const std::string& text : {std::string(), std::string("a"), std::string(300000, 'x'),
                                  random_bytes(200000, 8), source_text(400000, 9), mixed})
    for (const int level : {0, 1, 6, 9})
      for (const int strategy : kStrategies) {
        CAPTURE(text.size(), level, strategy);
        REQUIRE(reproduces(text, {level, strategy, 15, 8}));
      }
}

TEST_CASE("reproduces flushed streams, empty stored blocks and all") {
  const std::string text = source_text(40000, 10);
  for (const int flush : {Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK})
    for (const std::size_t every : {1u, 100u, 7777u})
      for (const int level : {0, 1, 6}) {
        CAPTURE(flush, every, level);
        REQUIRE(reproduces(text, {.level = level, .flush_every = every, .flush = flush}));
      }
  const Decoded decoded = decode(deflate_text(text, {.flush_every = 100}), kZlibHeaderBits);
  CHECK(std::count_if(decoded.symbols.begin(), decoded.symbols.end(), [](const Symbol& symbol) {
          return symbol.kind == SymbolKind::stored && symbol.length == 0 &&
                 symbol.bit_begin == symbol.bit_end;
        }) == 399);
}

TEST_CASE("a symbol says what it is") {
  // Fixed block: 'a', 'b', a match of 5 from 2 back (257 + 2, distance symbol 1), end of block.
  BlockHeader fixed;
  set_fixed_lengths(fixed.literal, fixed.distance);
  BitWriter writer;
  writer.bits(1, 1).bits(1, 2).symbol(fixed.literal, 'a').symbol(fixed.literal, 'b');
  writer.symbol(fixed.literal, 259).symbol(fixed.distance, 1).symbol(fixed.literal, 256);
  const Decoded decoded = decode(writer.bytes());
  CHECK(decoded.output == "abababa");
  REQUIRE(decoded.symbols.size() == 4);
  const Symbol& literal = decoded.symbols[1];
  CHECK(literal.kind == SymbolKind::literal);
  CHECK(literal.literal == 'b');
  CHECK(literal.length == 1);
  CHECK(literal.bit_begin == 11);
  CHECK(literal.bit_end == 19);
  const Symbol& match = decoded.symbols[2];
  CHECK(match.kind == SymbolKind::match);
  CHECK(match.length == 5);
  CHECK(match.distance == 2);
  CHECK(match.out_begin == 2);
  CHECK(match.bit_end == 31); // 7 + 5 bits
  const Symbol& end = decoded.symbols[3];
  CHECK(end.kind == SymbolKind::end_of_block);
  CHECK(end.length == 0);
  CHECK(end.bit_end == 38);
}

TEST_CASE("the longest symbol there is: 48 bits") {
  // Length symbol 284 and distance symbol 29 with 15-bit codewords and all extra bits set: 257 back from
  // 24577 + 8191.
  std::vector<std::uint8_t> literal(286, 0), distance(30, 0);
  const auto ladder = [](std::vector<std::uint8_t>& lengths, std::initializer_list<unsigned> symbols) {
    std::uint8_t length = 1;
    for (const unsigned symbol : symbols) lengths[symbol] = length < 15 ? length++ : 15;
  };
  ladder(literal, {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 256, 283, 284});
  ladder(distance, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 28, 29});
  BitWriter writer;
  writer.bits(0, 8).bits(32768, 16).bits(0xffff ^ 32768, 16); // a stored block of 32768 zeros
  for (unsigned i = 0; i < 32768; ++i) writer.bits(i == 0 ? 'z' : 0, 8);
  writer.dynamic_header(literal, distance);
  writer.symbol(literal, 284).bits(31, 5).symbol(distance, 29).bits(8191, 13).symbol(literal, 256);
  const Decoded decoded = decode(writer.bytes());
  REQUIRE(decoded.fault == Fault::none);
  const Symbol& match = decoded.symbols[1];
  CHECK(match.bit_end - match.bit_begin == 48);
  CHECK(match.length == 258);
  CHECK(match.distance == 32768);
  CHECK(decoded.output == zlib_inflate(writer.bytes()).output);
  CHECK(decoded.output.substr(32767, 2) == std::string("\0z", 2));
}

TEST_CASE("faults in symbols have their names and their bit") {
  BlockHeader fixed;
  set_fixed_lengths(fixed.literal, fixed.distance);
  const auto begin = [&fixed] { return BitWriter().bits(3, 3).symbol(fixed.literal, 'a'); };
  const auto check = [](const BitWriter& writer, Fault fault, std::uint64_t bit) {
    SymbolReader reader(writer.bytes());
    Symbol symbol;
    while (reader.next(symbol) != SymbolReader::Step::fault) {
    }
    CHECK(reader.fault() == fault);
    CHECK(reader.position() == bit);
    CHECK(zlib_inflate(writer.bytes()).fault == fault);
  };
  for (const unsigned symbol : {286u, 287u})
    check(begin().symbol(fixed.literal, symbol).bits(0, 60), Fault::symbol, 11);
  for (const unsigned symbol : {30u, 31u})
    check(begin().symbol(fixed.literal, 257).symbol(fixed.distance, symbol).bits(0, 60), Fault::symbol, 11);
  check(begin().symbol(fixed.literal, 257).symbol(fixed.distance, 1).bits(0, 60), Fault::distance, 11);
  check(begin().symbol(fixed.literal, 269).bits(0, 2), Fault::truncated, 11); // 4 bits left, a distance has 5

  // Bits that an incomplete code leaves free: the only literal codeword is 0, the only distance codeword is
  // 0, none.
  std::vector<std::uint8_t> only_end(257, 0), both(258, 0), one(1, 1), none(1, 0);
  only_end[256] = both[256] = both[257] = 1;
  const auto dynamic = [](const std::vector<std::uint8_t>& literal,
                          const std::vector<std::uint8_t>& distance) {
    return BitWriter().dynamic_header(literal, distance);
  };
  const std::uint64_t header = dynamic(only_end, one).count();
  check(dynamic(only_end, one).bits(1, 1).bits(0, 60), Fault::symbol, header);
  check(dynamic(both, one).bits(1, 1).bits(1, 1).bits(0, 60), Fault::symbol, header + 4);
  check(dynamic(both, none).bits(1, 1).bits(0, 1).bits(0, 60), Fault::symbol, header + 4);
}

TEST_CASE("apply refuses an output that is too small and leaves it alone") {
  const Symbol match = {SymbolKind::match, 0, 3, 1, 0, 10, 1};
  std::uint8_t output[] = {'a', '-', '-', '-'};
  CHECK(!apply(match, {}, {output, 3}));
  CHECK(output[1] == '-');
  CHECK(apply(match, {}, {output, 4}));
  CHECK(std::string_view(reinterpret_cast<char*>(output), 4) == "aaaa");
  const Symbol behind = {SymbolKind::literal, 'x', 1, 0, 0, 8, 9};
  CHECK(!apply(behind, {}, output));
}
