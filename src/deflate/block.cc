// The block header, down to the code lengths; also the one place that decides which codes are acceptable.
//
// The idea: BitReader supplies zeros past the end of the input, and zeros can make a wrong header but never a
// wrong memory access (every loop is bounded by the counts of RFC 1951). So the whole header is decoded first
// and the end of the input is checked once, after it; a fault that was met in supplied bits is a truncation.
#include "deflate/block.h"

#include <utility>

namespace packscope::deflate {
namespace {

// How many of the 2^15 codewords of 15 bits a code's codewords take: all of them are a complete code (Kraft).
constexpr std::uint32_t kComplete = std::uint32_t{1} << kMaxCodeLength;
std::uint32_t subscribed(const LengthCounts& counts) {
  std::uint32_t sum = 0;
  for (unsigned length = 1; length <= kMaxCodeLength; ++length) sum += static_cast<std::uint32_t>(counts[length]) << (kMaxCodeLength - length);
  return sum;
}

// The code length code as two tables over its at most 7 bits. Built by doubling, as in code_table.h.
class CodeLengthTable {
public:
  // False where the code is over- or under-subscribed; here zlib allows no incomplete code at all.
  bool build(const std::array<std::uint8_t, 19>& lengths) {
    std::array<unsigned, 9> next = {}; // where each length begins among the sorted
    for (const std::uint8_t length : lengths) ++next[length + 1u];
    unsigned codewords = 0; // of 7 bits
    for (unsigned length = 1; length <= 7; ++length) {
      codewords += next[length + 1] << (7 - length);
      next[length + 1] += next[length];
    }
    if (codewords != 128) return false;
    std::array<std::uint8_t, 19> sorted;
#pragma GCC unroll 19
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol)
      sorted[next[lengths[symbol]]++] = static_cast<std::uint8_t>(symbol);
    symbols_[0] = bits_[0] = 0;
    unsigned codeword = 0, at = next[0]; // the first bit of the stream on top; unused symbols come first
    const auto put = [&]<unsigned length> {
      constexpr unsigned half = 1u << (length - 1);
      __builtin_memcpy(symbols_.data() + half, symbols_.data(), half); // a few moves: half is a constant
      __builtin_memcpy(bits_.data() + half, bits_.data(), half);
      for (; at < next[length]; ++at, codeword += 1u << (7 - length)) {
        const unsigned place = kReversedByte[codeword] >> 1;
        symbols_[place] = sorted[at];
        bits_[place] = length;
      }
    };
    [&]<unsigned... less>(std::integer_sequence<unsigned, less...>) { (put.template operator()<less + 1>(), ...); }(std::make_integer_sequence<unsigned, 7>());
    return true;
  }
  unsigned symbol(std::uint64_t word) const { return symbols_[word & 127]; }
  unsigned bits(std::uint64_t word) const { return bits_[word & 127]; }

private:
  std::array<std::uint8_t, 128> symbols_, bits_; // a complete code sets them all
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

// Reads the lengths of both codes as they are sent, one sequence: a repeat may run across the border. All begin as zero, so
// that runs of zeros only count. At most 286 + 30, and the last one sent may be a run of six that overshoots by five; eight bytes
// are written at once there, of which later lengths overwrite what was too many.
class LengthReader {
public:
  LengthReader(const BitReader& reader, BlockHeader& header) : reader_(reader), used_(header.used.data()) {}

  // On until `limit` lengths are there, or a repeat has led beyond it.
  Fault read(unsigned limit) {
    BitReader reader = reader_; // copies that nobody else sees stay in registers
    std::uint16_t* const used = used_;
    std::size_t have = have_, count = count_;
    unsigned code = used_code(static_cast<unsigned>(have_) + shift_, 0);
    Fault fault = Fault::none;
    while (have < limit && fault == Fault::none) {
      reader.refill();
      while (reader.held() >= 7 + 7) { // codeword and repeat count
        const unsigned symbol = table.symbol(reader.peek_word());
        reader.consume(table.bits(reader.peek_word()));
        if (symbol < 16) {
          lengths[have] = static_cast<std::uint8_t>(symbol);
          used[count] = static_cast<std::uint16_t>(code + symbol);
          count += symbol != 0;
          ++counts[symbol];
          ++have;
          code += used_code(1, 0);
        } else if (symbol == 16) {
          const unsigned run = 3 + static_cast<unsigned>(reader.peek(2));
          reader.consume(2);
          if (have == 0) {
            fault = Fault::code_length_repeat;
            break;
          }
          const std::uint8_t length = lengths[have - 1];
          put_eight(lengths.data() + have, length);
          if (length != 0) {
            for (unsigned i = 0; i < 6; ++i) used[count + i] = static_cast<std::uint16_t>(code + used_code(i, length));
            counts[length] = static_cast<std::uint16_t>(counts[length] + run);
            count += run;
          }
          have += run;
          code += used_code(run, 0);
          put_eight(lengths.data() + have, 0); // or a run of zeros would find what was too many
        } else {
          const unsigned bits = symbol == 17 ? 3 : 7;
          const unsigned run = (symbol == 17 ? 3 : 11) + static_cast<unsigned>(reader.peek(bits));
          reader.consume(bits);
          have += run;
          code += used_code(run, 0);
        }
        if (have >= limit) break;
      }
    }
    reader_ = reader;
    count_ = count;
    have_ = have;
    return fault;
  }
  // What is still to come counts as symbols further by so many.
  void shift(unsigned by) { shift_ = by; }

  const BitReader& reader() const { return reader_; }
  std::size_t have() const { return have_; }
  std::uint16_t* next_used() const { return used_ + count_; }

  std::array<std::uint8_t, 286 + 30 + 5 + 8> lengths = {};
  CodeLengthTable table;    // to be built first; in here, as a pointer would take a register of the loop's
  LengthCounts counts = {}; // of those in next_used(); [0]: some of the zeros

private:
  BitReader reader_;
  std::uint16_t* const used_;
  std::size_t count_ = 0; // of them
  std::size_t have_ = 0;
  unsigned shift_ = 0;
};

Fault read_counts(BitReader& reader, BlockHeader& header) {
  const unsigned literals = static_cast<unsigned>(reader.take(5)) + 257;
  const unsigned distances = static_cast<unsigned>(reader.take(5)) + 1;
  header.literal_lengths = static_cast<std::uint16_t>(literals);
  header.distance_lengths = static_cast<std::uint16_t>(distances);
  header.code_length_lengths = static_cast<std::uint8_t>(reader.take(4) + 4);
  return literals > 286 || distances > 30 ? Fault::too_many_lengths : Fault::none;
}

Fault read_codes(BitReader& reader, BlockHeader& header) {
  const unsigned literals = header.literal_lengths, distances = header.distance_lengths;
  std::array<std::uint8_t, 19> code_lengths = {};
  std::uint64_t word = reader.take(header.code_length_lengths > 18 ? 54u : header.code_length_lengths * 3u);
  for (unsigned i = 0; i < header.code_length_lengths; ++i, word >>= 3)
    code_lengths[kCodeLengthOrder[i]] = static_cast<std::uint8_t>(i < 18 ? word & 7 : reader.take(3));
  LengthReader read(reader, header);
  if (!read.table.build(code_lengths)) return Fault::code_length_code;
  Fault fault = read.read(literals);
  // A repeat may have led across the border: what lies beyond it are distances, counted from 286 on, as those to come.
  std::uint16_t* first_distance = read.next_used();
  header.literal_counts = read.counts;
  for (; first_distance > header.used.data() && first_distance[-1] >= used_code(literals, 0); --first_distance) {
    --header.literal_counts[first_distance[-1] & 15];
    first_distance[-1] = static_cast<std::uint16_t>(first_distance[-1] + used_code(286 - literals, 0));
  }
  if (fault == Fault::none) {
    read.shift(286 - literals);
    fault = read.read(literals + distances);
  }
  reader = read.reader();
  if (fault == Fault::none && read.have() > literals + distances) fault = Fault::code_length_repeat;
  if (fault != Fault::none) return fault;
  if (read.lengths[256] == 0) return Fault::no_end_of_block;
  for (unsigned i = 0; i < kLiteralSymbols; ++i) header.literal[i] = read.lengths[i];
  keep_first(header.literal.data() + 256, literals - 256);
  for (unsigned i = 0; i < kDistanceSymbols; ++i) header.distance[i] = read.lengths[literals + i];
  keep_first(header.distance.data(), distances);
  header.used_literals = static_cast<std::uint16_t>(first_distance - header.used.data());
  header.used_distances = static_cast<std::uint16_t>(read.next_used() - first_distance);
  for (unsigned i = 0; i <= kMaxCodeLength; ++i) header.distance_counts[i] = static_cast<std::uint16_t>(read.counts[i] - header.literal_counts[i]);

  // zlib's rule (inftrees.c): a code may be incomplete only if it has no codeword above one bit; that leaves
  // a single codeword of one bit, which in the literal code is the end of block, or none (no matches need no
  // distances).
  const std::uint32_t by_literals = subscribed(header.literal_counts), by_distances = subscribed(header.distance_counts);
  if (by_literals != kComplete && !(by_literals == kComplete / 2 && read.lengths[256] == 1)) return Fault::literal_code;
  if (by_distances == kComplete) return Fault::none;
  unsigned longest = 0;
  for (const std::uint16_t code : header.distances_used()) longest = (code & 15u) > longest ? code & 15u : longest;
  return by_distances < kComplete && longest <= 1 ? Fault::none : Fault::distance_code;
}

Fault read_stored(BitReader& reader, BlockHeader& header) {
  reader.take(static_cast<unsigned>(-reader.position() & 7));
  const std::uint64_t length = reader.take(16), complement = reader.take(16);
  header.stored_length = static_cast<std::uint16_t>(length);
  return (length ^ complement) == 0xffff ? Fault::none : Fault::stored_length;
}

struct FixedLengths {
  std::array<std::uint8_t, kLiteralSymbols> literal = {};
  std::array<std::uint8_t, kDistanceSymbols> distance = {};
  constexpr FixedLengths() { set_fixed_lengths(literal, distance); }
};
constexpr FixedLengths kFixed;

Fault read_any(BitReader& reader, BlockHeader& header) {
  if (const Fault fault = read_block_fields(reader, header); fault != Fault::none) return fault;
  if (header.type == BlockType::stored) return read_stored(reader, header);
  if (header.type == BlockType::dynamic) return read_codes(reader, header);
  header.literal = kFixed.literal; // copied whole: the loops that make them take four times the instructions
  header.distance = kFixed.distance;
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

Fault read_block_fields(BitReader& reader, BlockHeader& header) {
  header.bit_begin = reader.position();
  header.final = reader.take(1) != 0;
  header.stored_length = header.literal_lengths = header.distance_lengths = 0;
  header.used_literals = header.used_distances = 0;
  header.code_length_lengths = 0;
  const std::uint64_t type = reader.take(2);
  if (type == 3) return Fault::block_type;
  header.type = static_cast<BlockType>(type);
  return header.type == BlockType::dynamic ? read_counts(reader, header) : Fault::none;
}

Fault read_block_header(BitReader& reader, BlockHeader& header) {
  const Fault fault = read_any(reader, header);
  if (reader.overran()) return Fault::truncated;
  header.bit_end = reader.position();
  return fault;
}

} // namespace packscope::deflate
