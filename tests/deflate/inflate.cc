// Bulk inflation: exact size, bytes behind the stream, and the exact name of what is wrong.
#include "deflate/inflate.h"

#include "samples.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deflate;
using namespace packscope::test;

namespace {
Fault inflate_into(Bytes stream, std::size_t size, std::string& output, std::size_t& consumed) {
  Inflater inflater;
  output.assign(size, '?');
  return inflater.zlib(stream, {reinterpret_cast<std::uint8_t*>(output.data()), size}, consumed);
}
Fault fault_of(Bytes stream, std::size_t size) {
  std::string output;
  std::size_t consumed = 0;
  return inflate_into(stream, size, output, consumed);
}
} // namespace

TEST_CASE("inflates exactly, whatever follows the stream") {
  for (const std::size_t size : {0u, 1u, 1000u, 200000u}) {
    const std::string text = source_text(size, 13);
    Buffer stream = deflate_text(text);
    const std::size_t stream_size = stream.size();
    stream.insert(stream.end(), 100, 0x78);
    std::string output;
    std::size_t consumed = 0;
    REQUIRE(inflate_into(stream, size, output, consumed) == Fault::none);
    CHECK(output == text);
    CHECK(consumed == stream_size);
  }
}

TEST_CASE("another size than announced is a fault") {
  const Buffer stream = deflate_text(source_text(1000, 14));
  CHECK(fault_of(stream, 999) == Fault::size);
  CHECK(fault_of(stream, 1001) == Fault::size);
  CHECK(fault_of(stream, 0) == Fault::size);
}

TEST_CASE("each wrong byte of the container has its name") {
  const Buffer good = deflate_text(source_text(1000, 15));
  Buffer header = good, dictionary = good, checksum = good, type = good;
  header[0] = 0x79;
  dictionary[1] = 0xbb; // FDICT; 0x78bb is a multiple of 31
  checksum.back() ^= 1;
  type[2] |= 6; // block type 3
  CHECK(fault_of(header, 1000) == Fault::zlib_header);
  CHECK(fault_of(dictionary, 1000) == Fault::zlib_header);
  CHECK(fault_of(checksum, 1000) == Fault::adler32);
  CHECK(fault_of(type, 1000) == Fault::block_type);
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE(fault_of(Bytes(good).first(size), 1000) == Fault::truncated);
}

TEST_CASE("one inflater does many streams, good ones after bad ones") {
  Inflater inflater;
  std::vector<std::uint8_t> output(5000);
  std::size_t consumed = 0;
  for (unsigned round = 0; round < 200; ++round) {
    const std::string text = source_text(output.size(), round);
    Buffer stream = deflate_text(text, {.level = static_cast<int>(round % 10)});
    CHECK(inflater.zlib(stream, output, consumed) == Fault::none);
    CHECK(as_text(output) == text);
    stream.resize(stream.size() / 2);
    CHECK(inflater.zlib(stream, output, consumed) == Fault::truncated);
  }
}

TEST_CASE("slack behind the output changes no answer, whatever the stream does") {
  Inflater inflater;
  std::size_t consumed = 0;
  for (const std::size_t size : {0u, 1u, 300u, 1000u}) {
    const std::string text = source_text(size, 16);
    const Buffer stream = deflate_text(text);
    std::vector<std::uint8_t> output(size + Inflater::kSlack, 0xee);
    CHECK(inflater.zlib(stream, std::span(output).first(size), consumed, Inflater::kSlack) == Fault::none);
    CHECK(as_text(Bytes(output).first(size)) == text);
    if (size > 0) // the stream makes more than announced, all of it into the slack
      CHECK(inflater.zlib(stream, std::span(output).first(size - 1), consumed, Inflater::kSlack) == Fault::size);
    CHECK(inflater.zlib(stream, std::span(output).first(size + 1), consumed, Inflater::kSlack - 1) == Fault::size);
  }
}
