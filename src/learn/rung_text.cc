// Counts by hash, kept in one table a thread, and only what was touched is looked at again.
#include "learn/rung_text.h"

#include "deflate/code_table.h"
#include "deflate/zlib_stream.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

namespace packscope::learn {
namespace {

std::uint32_t mix(std::uint32_t value) { // Knuth's multiplicative hash, upper bits folded down
  value *= 2654435761u;
  return value ^ value >> 15;
}

// 1 + log2 of a count, by its bits.
constexpr float damped_slowly(std::uint32_t count) {
  const int exponent = std::bit_width(count) - 1;
  return static_cast<float>(exponent) + static_cast<float>(count) / static_cast<float>(1u << exponent);
}
constexpr std::array<float, 16> kDamped = [] {
  std::array<float, 16> all = {};
  for (std::uint32_t count = 1; count < all.size(); ++count) all[count] = damped_slowly(count);
  return all;
}();
float damped(std::uint32_t count) { return count < kDamped.size() ? kDamped[count] : damped_slowly(count); }

constexpr std::array<bool, 256> kOfWord = [] {
  std::array<bool, 256> all = {};
  for (unsigned c = 0; c < 256; ++c)
    all[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 128;
  return all;
}();

struct Room {
  std::vector<std::uint8_t> text;
  std::vector<std::uint32_t> counts = std::vector<std::uint32_t>(kTextHash + std::max(kR4Buckets, kR5Buckets));
  std::vector<std::uint16_t> touched = std::vector<std::uint16_t>(counts.size()); // each index at most once
};

// Counts all but single bytes; returns how many of room.touched are.
template <std::size_t buckets>
std::size_t count_text(Bytes text, Room& room) {
  std::uint32_t* const counts = room.counts.data();
  std::uint16_t* touched = room.touched.data();
  const auto count = [&](std::size_t index) { // written always, kept the first time: no branch
    *touched = static_cast<std::uint16_t>(index);
    touched += counts[index]++ == 0;
  };
  const auto hashed = [&](std::uint32_t value) { count(kTextHash + mix(value) % buckets); };
  for (std::size_t i = 0; i < text.size() && i < 8; ++i) count(kTextFirst + i * 64 + mix(text[i]) % 64);
  std::uint32_t triple = 0, word = 0;
  bool first_line = true;
  const auto end_word = [&](bool line_ends) {
    if (word != 0) {
      hashed(word ^ 0x5bd1e995u);
      if (first_line) hashed(word ^ 0x9e3779b9u);
    }
    word = 0;
    first_line = first_line && !line_ends;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t byte = text[i];
    ++counts[byte];
    triple = (triple << 8 | byte) & 0xffffff;
    if (i >= 2) hashed(triple);
    if (kOfWord[byte]) word = word * 31 + byte + 1;
    else end_word(byte == '\n');
  }
  end_word(true);
  return static_cast<std::size_t>(touched - room.touched.data());
}

// Adds the features of the text from `first` on.
template <std::size_t buckets>
void add_text(Room& room, Bytes text, std::size_t first, Row& row) {
  const std::span<const std::uint16_t> touched = std::span(room.touched).first(count_text<buckets>(text, room));
  const std::size_t before = row.valued().size();
  float square = 0.0f;
  const auto add = [&](std::size_t index) {
    const float value = damped(room.counts[index]);
    square += value * value;
    row.add(first + index, value);
    room.counts[index] = 0;
  };
  for (std::size_t byte = 0; byte < 256; ++byte)
    if (room.counts[byte] != 0) add(byte);
  for (const std::uint16_t index : touched) add(index);
  const float scale = square > 0.0f ? 4.0f / __builtin_sqrtf(square) : 0.0f;
  for (Feature& feature : row.valued_from(before)) feature.value *= scale;
}

Room& room_of(std::size_t bytes) {
  thread_local std::unique_ptr<Room> room = std::make_unique<Room>();
  if (room->text.size() < bytes) room->text.resize(bytes);
  return *room;
}

} // namespace

namespace {

using deflate::BlockType;
using deflate::CodeEntry;
using deflate::CodeKind;
using deflate::Fault;

// Smaller tables than the symbol reader's: a few hundred symbols don't earn more. "Maximum of 852 table entries" by zlib's
// examples/enough.c for 286 9 15; of 30 symbols code_table.h has it.
constexpr unsigned kRoot = 9;
struct Tables {
  std::array<CodeEntry, 852> literal;
  std::array<CodeEntry, deflate::kDistanceTableSize> distance;

  constexpr void build(std::span<const std::uint8_t> literals, std::span<const std::uint8_t> distances) {
    deflate::build_code_table(literals, deflate::kMeanings.literal.data(), kRoot, literal.data());
    deflate::build_code_table(distances, deflate::kMeanings.distance.data(), deflate::kDistanceRoot, distance.data());
  }
};
constexpr Tables kFixedTables = [] {
  Tables tables = {};
  std::array<std::uint8_t, deflate::kLiteralSymbols> literals = {};
  std::array<std::uint8_t, deflate::kDistanceSymbols> distances = {};
  deflate::set_fixed_lengths(literals, distances);
  tables.build(literals, distances);
  return tables;
}();

// One block's text, until the block ends or `out` is full.
Fault inflate_codes(const Tables& tables, BitReader& from, std::span<std::uint8_t> out, std::size_t& made_of_all) {
  BitReader reader = from; // copies that nobody else sees stay in registers
  std::size_t made = made_of_all;
  const std::size_t size = out.size();
  Fault fault = Fault::none;
  while (made < size) {
    if (reader.held() < 48) reader.refill(); // a match: 15 + 5 + 15 + 13
    const std::uint64_t word = reader.peek_word();
    const CodeEntry entry = deflate::look_up(tables.literal.data(), kRoot, word);
    const unsigned bits = deflate::total_bits(entry);
    if (deflate::kind(entry) == CodeKind::literal) {
      reader.consume(bits);
      if (reader.overran()) break;
      out[made++] = static_cast<std::uint8_t>(deflate::value(entry));
      continue;
    }
    if (deflate::kind(entry) != CodeKind::copy) {
      if (deflate::kind(entry) == CodeKind::invalid) fault = Fault::symbol;
      reader.consume(bits);
      break;
    }
    const std::uint64_t rest = word >> bits;
    const CodeEntry back = deflate::look_up(tables.distance.data(), deflate::kDistanceRoot, rest);
    const std::size_t length = deflate::value_with_extra(entry, word), distance = deflate::value_with_extra(back, rest);
    reader.consume(bits + deflate::total_bits(back));
    if (reader.overran()) break;
    fault = deflate::kind(back) == CodeKind::invalid ? Fault::symbol : distance > made ? Fault::distance : Fault::none;
    if (fault != Fault::none) break;
    const std::size_t end = made + (length < size - made ? length : size - made);
    if (distance >= 8 && end + 8 <= size) { // whole words; what is written too far is written again
      for (; made < end; made += 8) __builtin_memcpy(out.data() + made, out.data() + made - distance, 8);
      made = end;
    } else {
      for (; made < end; ++made) out[made] = out[made - distance];
    }
  }
  from = reader;
  made_of_all = made;
  return reader.overran() ? Fault::truncated : fault;
}

} // namespace

deflate::Fault inflate_prefix(Bytes zlib, std::span<std::uint8_t> out, std::size_t& made, deflate::BlockHeader* first) {
  made = 0;
  deflate::ZlibHeader container;
  if (const Fault fault = deflate::read_zlib_header(zlib, container); fault != Fault::none) return fault;
  BitReader reader(zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  Tables tables;
  while (made < out.size()) {
    if (const Fault fault = deflate::read_block_header(reader, header); fault != Fault::none) return fault;
    if (first != nullptr) *first = header;
    first = nullptr;
    if (header.type == BlockType::stored) {
      const std::uint64_t end = reader.position() + std::uint64_t{header.stored_length} * 8;
      if (end > reader.size()) return Fault::truncated;
      const std::size_t count = std::min<std::size_t>(header.stored_length, out.size() - made);
      std::copy_n(zlib.begin() + static_cast<std::ptrdiff_t>(reader.position() / 8), count, out.begin() + static_cast<std::ptrdiff_t>(made));
      made += count;
      reader = BitReader(zlib, end);
    } else {
      if (header.type == BlockType::dynamic)
        tables.build(std::span(header.literal).first(header.literal_lengths), std::span(header.distance).first(header.distance_lengths));
      if (const Fault fault = inflate_codes(header.type == BlockType::dynamic ? tables : kFixedTables, reader, out, made); fault != Fault::none)
        return fault;
    }
    if (header.final) break;
  }
  return Fault::none;
}

deflate::Fault read_r4(const Source& source, Row& row) {
  Room& room = room_of(kR4Bytes);
  std::size_t made = 0;
  deflate::BlockHeader header;
  header.bit_end = 0; // until one is read: data begins behind zlib's header
  const deflate::Fault fault = inflate_prefix(source.zlib, std::span(room.text).first(kR4Bytes), made, &header);
  add_length_sizes(source, row);
  if (header.bit_end != 0) add_lengths(header, row);
  add_text<kR4Buckets>(room, Bytes(room.text).first(made), row.folded() ? kR2FoldedLengthsWidth : kR2LengthsWidth, row);
  return fault;
}

deflate::Fault read_r5(const Source& source, Row& row) {
  Room& room = room_of(source.text == nullptr ? kR5Bytes : 0);
  add_sizes(source, 0, row);
  if (source.text != nullptr) {
    add_text<kR5Buckets>(room, source.text->first(std::min(source.text->size(), kR5Bytes)), kSizesWidth, row);
    return deflate::Fault::none;
  }
  std::size_t made = 0;
  const deflate::Fault fault = inflate_prefix(source.zlib, std::span(room.text).first(kR5Bytes), made);
  add_text<kR5Buckets>(room, Bytes(room.text).first(made), kSizesWidth, row);
  return fault;
}

void fold_r4(const FirstLayer& from, float* to) {
  fold_lengths(from, to);
  for (std::size_t i = 0; i < (kTextHash + kR4Buckets) * from.columns; ++i)
    to[kR2FoldedLengthsWidth * from.columns + i] = from.weights[kR2LengthsWidth * from.columns + i];
}

} // namespace packscope::learn
