// The zlib container around a DEFLATE stream (RFC 1950): CMF FLG data ADLER32.
#pragma once

#include "base/bytes.h"
#include "deflate/fault.h"

namespace packscope::deflate {

struct ZlibHeader {
  std::uint16_t cmf_flg = 0;    // 0x789c, as packs are counted by
  std::uint8_t window_bits = 0; // 8..15
  std::uint8_t level_hint = 0;  // FLEVEL 0..3
};
inline constexpr std::uint64_t kZlibHeaderBits = 16;
inline constexpr std::size_t kZlibTrailerBytes = 4;
// Size of the whole stream, header and trailer included, whose last block ends before bit `end` of it.
constexpr std::uint64_t zlib_stream_bytes(std::uint64_t end) {
  return (end + 7) / 8 + kZlibTrailerBytes;
}

// Faults: truncated (fewer than 2 bytes), zlib_header (also FDICT: git never writes a preset dictionary).
Fault read_zlib_header(Bytes input, ZlibHeader& header);

} // namespace packscope::deflate
