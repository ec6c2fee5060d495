// The block header, down to the code lengths; also the one place that decides which codes are acceptable.
//
// The idea: BitReader supplies zeros past the end of the input, and zeros can make a wrong header but never a
// wrong memory access (every loop is bounded by the counts of RFC 1951). So the whole header is decoded first
// and the end of the input is checked once, after it; a fault that was met in supplied bits is a truncation.
#include "deflate/block.h"

namespace packscope::deflate {
namespace {

// What a codeword of each length takes of the 2^15 codewords of 15 bits; all of them are a complete code
// (Kraft).
constexpr std::uint32_t kComplete = std::uint32_t{1} << kMaxCodeLength;
constexpr std::uint32_t share(unsigned length) {
  return kComplete >> length & (kComplete - 1);
} // 0 for length 0

constexpr std::array<std::uint8_t, 128> kReversed = [] {
  std::array<std::uint8_t, 128> reversed = {};
  for (unsigned value = 0; value < 128; ++value)
    for (unsigned bit = 0; bit < 7; ++bit)
      reversed[value] = static_cast<std::uint8_t>(reversed[value] | (value >> bit & 1) << (6 - bit));
  return reversed;
}();

// The code length code as a table over its at most 7 bits: symbol << 3 | bits.
class CodeLengthTable {
public:
  // False where the code is over- or under-subscribed; here zlib allows no incomplete code at all.
  bool build(const std::array<std::uint8_t, 19>& lengths) {
    std::array<unsigned, 8> count = {}, next = {};
    for (const std::uint8_t length : lengths) ++count[length];
    unsigned codeword = 0; // as 7 bits, the first of the stream on top
    for (unsigned length = 1; length <= 7; ++length) {
      next[length] = codeword;
      codeword += count[length] << (7 - length);
    }
    if (codeword != entries_.size()) return false;
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
      const unsigned length = lengths[symbol];
      if (length == 0) continue;
      for (unsigned index = kReversed[next[length]]; index < entries_.size(); index += 1u << length)
        entries_[index] = static_cast<std::uint8_t>(symbol << 3 | length);
      next[length] += 1u << (7 - length);
    }
    return true;
  }
  std::uint8_t operator[](std::uint64_t word) const { return entries_[word & 127]; }

private:
  std::array<std::uint8_t, 128> entries_; // a complete code writes them all
};

// Whole words instead of loops over a few bytes, which a compiler turns into many times as many instructions.
void put_eight(std::uint8_t* to, std::uint8_t value) {
  const std::uint64_t eight = value * std::uint64_t{0x0101010101010101};
  for (unsigned i = 0; i < 8; ++i) to[i] = static_cast<std::uint8_t>(eight >> (8 * i)); // one store
}

// Of 32 bytes all but the first `count` become 0.
void keep_first(std::uint8_t* bytes, unsigned count) {
  for (unsigned at = 0; at < 32; at += 8) {
    const unsigned keep = count <= at ? 0 : count - at;
    if (keep >= 8) continue;
    const std::uint64_t kept = load_le<std::uint64_t>(bytes + at) & ((std::uint64_t{1} << (8 * keep)) - 1);
    for (unsigned i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(kept >> (8 * i));
  }
}

Fault read_dynamic(BitReader& reader, BlockHeader& header) {
  const unsigned literals = static_cast<unsigned>(reader.take(5)) + 257;
  const unsigned distances = static_cast<unsigned>(reader.take(5)) + 1;
  header.literal_lengths = static_cast<std::uint16_t>(literals);
  header.distance_lengths = static_cast<std::uint16_t>(distances);
  header.code_length_lengths = static_cast<std::uint8_t>(reader.take(4) + 4);
  if (literals > 286 || distances > 30) return Fault::too_many_lengths;

  constexpr std::array<std::uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                   11, 4,  12, 3, 13, 2, 14, 1, 15};
  std::array<std::uint8_t, 19> code_lengths = {};
  for (unsigned i = 0; i < header.code_length_lengths; ++i)
    code_lengths[kOrder[i]] = static_cast<std::uint8_t>(reader.take(3));
  CodeLengthTable table;
  if (!table.build(code_lengths)) return Fault::code_length_code;

  // Literal and distance lengths are one sequence: a repeat may run across the border. All begin as zero, so
  // that runs of zeros only count. At most 286 + 30, and the last one sent may be a run of six that
  // overshoots by five; eight bytes are written at once there, of which later lengths overwrite what was too many.
  std::array<std::uint8_t, 286 + 30 + 5 + 8> lengths = {};
  const unsigned total = literals + distances;
  unsigned have = 0;
  std::uint32_t subscribed = 0; // by both codes together: at most 321 codewords of 2^14
  while (have < total) {
    if (reader.held() < 7 + 7) reader.refill(); // codeword and repeat count
    const std::uint8_t entry = table[reader.peek_word()];
    const unsigned symbol = entry >> 3;
    reader.consume(entry & 7);
    if (symbol < 16) {
      lengths[have++] = static_cast<std::uint8_t>(symbol);
      subscribed += share(symbol);
    } else if (symbol == 16) {
      const unsigned run = 3 + static_cast<unsigned>(reader.take(2));
      if (have == 0) return Fault::code_length_repeat;
      subscribed += run * share(lengths[have - 1]);
      put_eight(lengths.data() + have, lengths[have - 1]);
      have += run;
      put_eight(lengths.data() + have, 0); // or a run of zeros would find what was too many
    } else {
      have += symbol == 17 ? 3 + static_cast<unsigned>(reader.take(3))
                           : 11 + static_cast<unsigned>(reader.take(7));
    }
  }
  if (have > total) return Fault::code_length_repeat;
  if (lengths[256] == 0) return Fault::no_end_of_block;
  for (unsigned i = 0; i < kLiteralSymbols; ++i) header.literal[i] = lengths[i];
  keep_first(header.literal.data() + 256, literals - 256);
  for (unsigned i = 0; i < kDistanceSymbols; ++i) header.distance[i] = lengths[literals + i];
  keep_first(header.distance.data(), distances);

  // zlib's rule (inftrees.c): a code may be incomplete only if it has no codeword above one bit; that leaves
  // a single codeword of one bit, which in the literal code is the end of block, or none (no matches need no
  // distances).
  std::uint32_t by_distances = 0;
  unsigned longest = 0;
  for (const std::uint8_t length : header.distance) {
    by_distances += share(length);
    longest = length > longest ? length : longest;
  }
  const std::uint32_t by_literals = subscribed - by_distances;
  if (by_literals != kComplete && !(by_literals == kComplete / 2 && lengths[256] == 1))
    return Fault::literal_code;
  if (by_distances != kComplete && !(by_distances < kComplete && longest <= 1)) return Fault::distance_code;
  return Fault::none;
}

Fault read_stored(BitReader& reader, BlockHeader& header) {
  reader.take(static_cast<unsigned>(-reader.position() & 7));
  const std::uint64_t length = reader.take(16), complement = reader.take(16);
  header.stored_length = static_cast<std::uint16_t>(length);
  return (length ^ complement) == 0xffff ? Fault::none : Fault::stored_length;
}

Fault read_any(BitReader& reader, BlockHeader& header) {
  header.bit_begin = reader.position();
  header.final = reader.take(1) != 0;
  const std::uint64_t type = reader.take(2);
  if (type == 3) return Fault::block_type;
  header.type = static_cast<BlockType>(type);
  header.stored_length = header.literal_lengths = header.distance_lengths = 0;
  header.code_length_lengths = 0;
  if (header.type == BlockType::stored) return read_stored(reader, header);
  if (header.type == BlockType::dynamic) return read_dynamic(reader, header);
  set_fixed_lengths(header.literal, header.distance);
  return Fault::none;
}

} // namespace

std::string_view name(BlockType type) {
  using namespace std::string_view_literals; // length and all: nothing to call
  switch (type) {
  case BlockType::stored:
    return "stored"sv;
  case BlockType::fixed:
    return "fixed"sv;
  case BlockType::dynamic:
    return "dynamic"sv;
  }
  return "unknown"sv;
}

Fault read_block_header(BitReader& reader, BlockHeader& header) {
  const Fault fault = read_any(reader, header);
  if (reader.overran()) return Fault::truncated;
  header.bit_end = reader.position();
  return fault;
}

} // namespace packscope::deflate
