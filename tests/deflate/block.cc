// Block headers: made by hand where every field is known, and the ways in which they can be wrong.
#include "deflate/block.h"

#include "bit_writer.h"
#include "samples.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deflate;
using test::BitWriter;

namespace {
Fault fault_of(const BitWriter& writer) {
  BitReader reader(writer.bytes());
  BlockHeader header;
  const Fault fault = read_block_header(reader, header);
  // The same answer from zlib; a truncated stream is what it calls a good header without data. It looks at an
  // empty code length code only once it has read lengths with it.
  const Fault zlib = test::zlib_inflate(writer.bytes()).fault;
  if (fault == Fault::none)
    CHECK((zlib == Fault::none || zlib == Fault::truncated));
  else
    CHECK(zlib == fault);
  return fault;
}
std::vector<std::uint8_t> lengths(std::size_t size,
                                  std::initializer_list<std::pair<unsigned, std::uint8_t>> used) {
  std::vector<std::uint8_t> all(size, 0);
  for (const auto& [symbol, length] : used) all[symbol] = length;
  return all;
}
} // namespace

TEST_CASE("a stored block's header ends behind LEN and NLEN, wherever it begins") {
  for (unsigned before = 0; before < 16; ++before) {
    BitWriter writer;
    writer.bits(0, before).bits(1, 1).bits(0, 2).align().bits(0x1234, 16).bits(0xffff ^ 0x1234, 16);
    BitReader reader(writer.bytes(), before);
    BlockHeader header;
    REQUIRE(read_block_header(reader, header) == Fault::none);
    CHECK(header.final);
    CHECK(header.type == BlockType::stored);
    CHECK(header.stored_length == 0x1234);
    CHECK(header.bit_begin == before);
    CHECK(header.bit_end == writer.count());
    CHECK(reader.position() == writer.count());
  }
}

TEST_CASE("a fixed block's header is three bits and means the fixed code") {
  BitWriter writer;
  writer.bits(0, 1).bits(1, 2);
  BitReader reader(writer.bytes());
  BlockHeader header;
  REQUIRE(read_block_header(reader, header) == Fault::none);
  CHECK(!header.final);
  CHECK(header.type == BlockType::fixed);
  CHECK(header.bit_end == 3);
  CHECK(header.literal[0] == 8);
  CHECK(header.literal[144] == 9);
  CHECK(header.literal[256] == 7);
  CHECK(header.literal[287] == 8);
  CHECK(header.distance[31] == 5);
  CHECK(name(header.type) == "fixed");
}

TEST_CASE("a dynamic block's lengths come back as sent, zero behind the last") {
  std::vector<std::uint8_t> literal = lengths(260, {{'a', 1}, {256, 2}, {259, 2}});
  std::vector<std::uint8_t> distance = lengths(3, {{0, 1}, {2, 1}});
  BitWriter writer;
  writer.dynamic_header(literal, distance);
  BitReader reader(writer.bytes());
  BlockHeader header;
  header.literal.fill(9); // of the block before
  header.distance.fill(9);
  REQUIRE(read_block_header(reader, header) == Fault::none);
  CHECK(header.literal_lengths == 260);
  CHECK(header.distance_lengths == 3);
  CHECK(header.code_length_lengths == 19);
  CHECK(header.bit_end == writer.count());
  literal.resize(kLiteralSymbols);
  distance.resize(kDistanceSymbols);
  CHECK(std::equal(literal.begin(), literal.end(), header.literal.begin()));
  CHECK(std::equal(distance.begin(), distance.end(), header.distance.begin()));
}

TEST_CASE("a repeat runs across the border between literal and distance lengths") {
  BitWriter writer;
  writer.bits(1, 1).bits(2, 2).bits(0, 5).bits(7, 5).bits(18 - 4, 4); // 257 literal, 8 distance lengths
  // One bit each for 18 and 3, in a code of 16: 2, 18: 2, 3: 2, 1: 2 bits; order 16 17 18 0 8 7 9 6 10 5 11 4
  // 12 3 13 2 14 1
  for (const unsigned length : {2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2}) writer.bits(length, 3);
  const auto send = [&writer](unsigned symbol) { // canonical: 1, 3, 16, 18
    writer.codeword(symbol == 1 ? 0 : symbol == 3 ? 1 : symbol == 16 ? 2 : 3, 2);
  };
  send(18), writer.bits(138 - 11, 7);
  send(18), writer.bits(116 - 11, 7); // 254 zeros
  send(1), send(3), send(3);          // 254, 255, 256
  send(16), writer.bits(3, 2);        // six more of 3: distances 0 to 5
  send(3), send(3);
  BitReader reader(writer.bytes());
  BlockHeader header;
  // 1/2 + 2/8 of the literal code is used: refused, but only after all lengths were read.
  CHECK(read_block_header(reader, header) == Fault::literal_code);
  CHECK(header.literal[254] == 1);
  CHECK(header.literal[256] == 3);
  CHECK(header.literal[257] == 0);
  for (unsigned symbol = 0; symbol < 8; ++symbol) CHECK(header.distance[symbol] == 3);
  CHECK(header.literal_counts[1] == 1);
  CHECK(header.literal_counts[3] == 2);
  CHECK(header.distance_counts[1] == 0);
  CHECK(header.distance_counts[3] == 8);
  CHECK(reader.position() == writer.count());
}

TEST_CASE("each way in which a header can be wrong has its name") {
  CHECK(fault_of(BitWriter().bits(1, 1).bits(3, 2)) == Fault::block_type);
  CHECK(fault_of(BitWriter().bits(1, 8).bits(5, 16).bits(5, 16)) == Fault::stored_length);
  CHECK(fault_of(BitWriter().bits(5, 3).bits(30, 5).bits(0, 5).bits(0, 4)) == Fault::too_many_lengths);
  CHECK(fault_of(BitWriter().bits(5, 3).bits(0, 5).bits(30, 5).bits(0, 4)) == Fault::too_many_lengths);
  // Code length codes: three codewords of one bit; one of one bit.
  CHECK(fault_of(BitWriter().bits(5, 3).bits(0, 14).bits(01111, 12)) == Fault::code_length_code);
  CHECK(fault_of(BitWriter().bits(5, 3).bits(0, 14).bits(00001, 12)) == Fault::code_length_code);
  // 16 and 0 with one bit each: a repeat of nothing. 18 and 0: 138 zeros twice are 276 > 258.
  CHECK(fault_of(BitWriter().bits(5, 3).bits(0, 14).bits(01001, 12).codeword(1, 1).bits(0, 2)) ==
        Fault::code_length_repeat);
  CHECK(fault_of(BitWriter().bits(5, 3).bits(0, 14).bits(01100, 12).bits(0xff, 8).bits(0xff, 8)) ==
        Fault::code_length_repeat);

  const std::vector<std::uint8_t> one = lengths(1, {{0, 1}});
  const auto dynamic = [](const std::vector<std::uint8_t>& literal,
                          const std::vector<std::uint8_t>& distance) {
    return fault_of(BitWriter().dynamic_header(literal, distance));
  };
  CHECK(dynamic(lengths(257, {{0, 1}, {1, 1}}), one) == Fault::no_end_of_block);
  CHECK(dynamic(lengths(257, {{0, 1}, {1, 1}, {256, 1}}), one) == Fault::literal_code);
  CHECK(dynamic(lengths(257, {{0, 2}, {256, 1}}), one) == Fault::literal_code);
  CHECK(dynamic(lengths(257, {{256, 2}}), one) == Fault::literal_code);
  CHECK(dynamic(lengths(257, {{0, 1}, {256, 1}}), lengths(3, {{0, 1}, {1, 1}, {2, 1}})) ==
        Fault::distance_code);
  CHECK(dynamic(lengths(257, {{0, 1}, {256, 1}}), lengths(3, {{0, 2}})) == Fault::distance_code);
}

TEST_CASE("the incomplete codes that zlib allows are allowed") {
  const auto dynamic = [](const std::vector<std::uint8_t>& literal,
                          const std::vector<std::uint8_t>& distance) {
    return fault_of(BitWriter().dynamic_header(literal, distance));
  };
  CHECK(dynamic(lengths(257, {{256, 1}}), lengths(1, {})) == Fault::none);
  CHECK(dynamic(lengths(257, {{0, 1}, {256, 1}}), lengths(1, {})) == Fault::none);
  CHECK(dynamic(lengths(257, {{0, 1}, {256, 1}}), lengths(30, {{29, 1}})) == Fault::none);
}

TEST_CASE("an empty code length code is refused, whatever follows") {
  BitWriter writer;
  writer.bits(5, 3).bits(0, 14).bits(0, 12).bits(0, 400);
  BitReader reader(writer.bytes());
  BlockHeader header;
  CHECK(read_block_header(reader, header) == Fault::code_length_code);
  CHECK(test::zlib_inflate(writer.bytes()).fault == Fault::no_end_of_block);
}

TEST_CASE("a header cut anywhere is truncated, never wrong") {
  const test::Buffer stream = test::deflate_text(test::source_text(5000, 1), {.window_bits = -15});
  BitReader whole(stream);
  BlockHeader header;
  REQUIRE(read_block_header(whole, header) == Fault::none);
  REQUIRE(header.type == BlockType::dynamic);
  for (std::size_t size = 0; size < header.bit_end / 8; ++size) {
    BitReader reader(Bytes(stream).first(size));
    BlockHeader cut;
    REQUIRE(read_block_header(reader, cut) == Fault::truncated);
  }
}

TEST_CASE("used symbols are the lengths that are not 0, literals first, then distances from 286 on; counted by length") {
  const auto counted = [](std::span<const std::uint8_t> lengths, LengthCounts counts) {
    LengthCounts expected = {};
    for (const std::uint8_t length : lengths) ++expected[length];
    counts[0] = expected[0]; // is not set
    return counts == expected;
  };
  for (const int level : {1, 6, 9})
    for (const std::size_t size : {std::size_t{300}, std::size_t{2000}, std::size_t{40000}}) {
      std::string text;
      for (std::size_t i = 0; text.size() < size; ++i) text += "word " + std::to_string(i * i % 977) + (i % 7 == 0 ? "\n" : ", ");
      const std::vector<std::uint8_t> stream = test::deflate_text(text, {.level = level});
      BitReader reader(stream, 16);
      BlockHeader header;
      REQUIRE(read_block_header(reader, header) == Fault::none);
      if (header.type != BlockType::dynamic) continue;
      std::vector<std::uint16_t> expected;
      for (unsigned i = 0; i < 286; ++i)
        if (header.literal[i] != 0) expected.push_back(used_code(i, header.literal[i]));
      CHECK(std::vector(header.literals_used().begin(), header.literals_used().end()) == expected);
      expected.clear();
      for (unsigned i = 0; i < 30; ++i)
        if (header.distance[i] != 0) expected.push_back(used_code(286 + i, header.distance[i]));
      CHECK(std::vector(header.distances_used().begin(), header.distances_used().end()) == expected);
      CHECK(counted(header.literal, header.literal_counts));
      CHECK(counted(header.distance, header.distance_counts));
      BitReader again(stream, 16);
      BlockHeader fields;
      REQUIRE(read_block_fields(again, fields) == Fault::none);
      CHECK(fields.literal_lengths == header.literal_lengths);
      CHECK(fields.distance_lengths == header.distance_lengths);
      CHECK(fields.code_length_lengths == header.code_length_lengths);
    }
}
