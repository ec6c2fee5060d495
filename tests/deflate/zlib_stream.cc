// The two bytes before a stream, all 65,536 of them, as zlib takes them.
#include "deflate/zlib_stream.h"

#include "samples.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deflate;

TEST_CASE("accepts exactly the headers that zlib does") {
  unsigned wrong = 0, accepted = 0;
  for (unsigned first = 0; first < 65536; ++first) {
    std::uint8_t bytes[] = {
        static_cast<std::uint8_t>(first >> 8), static_cast<std::uint8_t>(first), 3, 0, 0, 0, 0, 1};
    z_stream stream = {};
    REQUIRE(inflateInit(&stream) == Z_OK);
    std::uint8_t out = 0;
    stream.next_in = bytes;
    stream.avail_in = sizeof bytes;
    stream.next_out = &out;
    stream.avail_out = 1;
    const bool zlib = inflate(&stream, Z_FINISH) == Z_STREAM_END; // an empty fixed block follows
    inflateEnd(&stream);
    ZlibHeader header;
    const Fault fault = read_zlib_header(bytes, header);
    if ((fault == Fault::none) != zlib || (!zlib && fault != Fault::zlib_header)) ++wrong;
    if (zlib && header.cmf_flg != first) ++wrong;
    accepted += zlib;
  }
  CHECK(wrong == 0);
  CHECK(accepted == 32); // 8 windows, 4 levels
}

TEST_CASE("names the window and the level that the encoder was given") {
  for (int window_bits = 9; window_bits <= 15; ++window_bits) {
    for (int level = 0; level <= 9; ++level) {
      const test::Buffer stream = test::deflate_text("text", {.level = level, .window_bits = window_bits});
      ZlibHeader header;
      REQUIRE(read_zlib_header(stream, header) == Fault::none);
      CHECK(header.window_bits == window_bits);
      CHECK(header.level_hint == (level < 2 ? 0 : level < 6 ? 1 : level == 6 ? 2 : 3));
    }
  }
}

TEST_CASE("fewer than two bytes are truncated") {
  const std::uint8_t byte = 0x78;
  ZlibHeader header;
  CHECK(read_zlib_header({}, header) == Fault::truncated);
  CHECK(read_zlib_header({&byte, 1}, header) == Fault::truncated);
}
