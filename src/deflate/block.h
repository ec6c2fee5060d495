// One parser for DEFLATE block headers (RFC 1951, 3.2.3 to 3.2.7).
//
//   block   := BFINAL:1 BTYPE:2 (stored | fixed | dynamic)
//   stored  := padding to a byte, LEN:16 NLEN:16, LEN bytes
//   dynamic := HLIT:5 HDIST:5 HCLEN:4 (code length code lengths):3*(HCLEN+4) code lengths, data
#pragma once

#include "base/bits.h"
#include "deflate/fault.h"

#include <array>

namespace packscope::deflate {

inline constexpr unsigned kLiteralSymbols = 288; // 286 usable in a dynamic block, 288 in the fixed code
inline constexpr unsigned kDistanceSymbols = 32; // 30 usable, 32 in the fixed code
inline constexpr unsigned kMaxCodeLength = 15;
// The order in which a dynamic block sends the lengths of the code length code.
inline constexpr std::array<std::uint8_t, 19> kCodeLengthOrder = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

enum class BlockType : std::uint8_t { stored = 0, fixed = 1, dynamic = 2 };
std::string_view name(BlockType type); // "stored"

// Bytes with their bits in the other order.
inline constexpr std::array<std::uint8_t, 256> kReversedByte = [] {
  std::array<std::uint8_t, 256> reversed = {};
  for (unsigned byte = 0; byte < 256; ++byte)
    for (unsigned bit = 0; bit < 8; ++bit) reversed[byte] = static_cast<std::uint8_t>(reversed[byte] | (byte >> bit & 1) << (7 - bit));
  return reversed;
}();

// An entry of BlockHeader::used.
constexpr std::uint16_t used_code(unsigned symbol, unsigned length) { return static_cast<std::uint16_t>(symbol << 4 | length); }
inline constexpr std::size_t kUsedRoom = 8; // behind them: the last repeat may overshoot by five
using LengthCounts = std::array<std::uint16_t, kMaxCodeLength + 1>; // by length

struct BlockHeader {
  bool final = false;
  BlockType type = BlockType::stored;
  std::uint16_t stored_length = 0;      // stored only
  std::uint16_t literal_lengths = 0;    // how many were sent: HLIT + 257; dynamic only
  std::uint16_t distance_lengths = 0;   // HDIST + 1; dynamic only
  std::uint8_t code_length_lengths = 0; // HCLEN + 4; dynamic only
  std::uint64_t bit_begin = 0;          // of BFINAL, counted from bit 0 of the reader's input
  std::uint64_t bit_end = 0;            // first bit after the header: where data begins
  // Code length of every symbol, 0 = unused; for a fixed block the fixed code's; untouched for a stored one.
  std::array<std::uint8_t, kLiteralSymbols> literal = {};
  std::array<std::uint8_t, kDistanceSymbols> distance = {};
  // Of a dynamic block the used symbols alone, as used_code(symbol, length): literals ascending, then distances as symbols
  // 286 and up. A third of all, and told while the lengths are decoded: who wants each used one looks at no other.
  std::uint16_t used_literals = 0, used_distances = 0;
  std::array<std::uint16_t, 286 + 30 + kUsedRoom> used; // used_literals + used_distances of them are set
  LengthCounts literal_counts, distance_counts;         // how many of them have each length; [0] is not set

  std::span<const std::uint16_t> literals_used() const { return std::span(used).first(used_literals); }
  std::span<const std::uint16_t> distances_used() const { return std::span(used).subspan(used_literals, used_distances); }
};

// Reads what stands before any code length: final, type, and the counts of a dynamic block (HLIT, HDIST, HCLEN).
Fault read_block_fields(BitReader& reader, BlockHeader& header);

// The code lengths of a fixed block (RFC 1951, 3.2.6).
constexpr void set_fixed_lengths(std::array<std::uint8_t, kLiteralSymbols>& literal,
                                 std::array<std::uint8_t, kDistanceSymbols>& distance) {
  for (unsigned i = 0; i < kLiteralSymbols; ++i) literal[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  for (std::uint8_t& length : distance) length = 5;
}

// Reads the header at `reader`; leaves it at the first bit of data. On a fault the reader stands just after
// the wrong field (past the end of the input where that is truncated), and `header` holds what was read so
// far. Accepts exactly what zlib's inflate accepts: only a code of a single one-bit codeword, or a distance
// code of none, may be incomplete.
Fault read_block_header(BitReader& reader, BlockHeader& header);

} // namespace packscope::deflate
