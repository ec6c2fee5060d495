// Counts by hash, kept in one table a thread, and only what was touched is looked at again.
#include "learn/rung_text.h"

#include "deflate/symbols.h"
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

// Returns how many of room.touched are.
template <std::size_t buckets>
std::size_t count_text(Bytes text, Room& room) {
  std::uint32_t* const counts = room.counts.data();
  std::uint16_t* touched = room.touched.data();
  const auto count = [&](std::size_t index) { // written always, kept the first time: no branch
    *touched = static_cast<std::uint16_t>(index);
    touched += counts[index]++ == 0;
  };
  const auto hashed = [&](std::uint32_t value) { count(kTextHash + mix(value) % buckets); };
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
    count(byte);
    if (i < 8) count(kTextFirst + i * 64 + mix(byte) % 64);
    triple = (triple << 8 | byte) & 0xffffff;
    if (i >= 2) hashed(triple);
    if (kOfWord[byte]) word = word * 31 + byte + 1;
    else end_word(byte == '\n');
  }
  end_word(true);
  return static_cast<std::size_t>(touched - room.touched.data());
}

// Adds the features of the text, which room.text begins with, from `first` on.
template <std::size_t buckets>
void add_text(Room& room, std::size_t made, std::size_t first, Row& row) {
  const std::span<const std::uint16_t> touched = std::span(room.touched).first(count_text<buckets>(Bytes(room.text).first(made), room));
  float square = 0.0f;
  for (const std::uint16_t index : touched) square += damped(room.counts[index]) * damped(room.counts[index]);
  const float scale = square > 0.0f ? 4.0f / __builtin_sqrtf(square) : 0.0f;
  for (const std::uint16_t index : touched) {
    row.add(first + index, damped(room.counts[index]) * scale);
    room.counts[index] = 0;
  }
}

Room& room_of(std::size_t bytes) {
  thread_local std::unique_ptr<Room> room = std::make_unique<Room>();
  if (room->text.size() < bytes) room->text.resize(bytes);
  return *room;
}

} // namespace

deflate::Fault inflate_prefix(Bytes zlib, std::span<std::uint8_t> out, std::size_t& made, deflate::BlockHeader* first) {
  made = 0;
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(zlib, container); fault != deflate::Fault::none) return fault;
  deflate::SymbolReader reader(zlib, deflate::kZlibHeaderBits);
  deflate::Symbol symbol;
  while (made < out.size()) {
    switch (reader.next(symbol)) {
    case deflate::SymbolReader::Step::end: return deflate::Fault::none;
    case deflate::SymbolReader::Step::fault: return reader.fault();
    case deflate::SymbolReader::Step::block:
      if (first != nullptr) *first = reader.block();
      first = nullptr;
      continue;
    case deflate::SymbolReader::Step::symbol: break;
    }
    if (symbol.kind == deflate::SymbolKind::literal) {
      out[made++] = symbol.literal;
      continue;
    }
    if (!deflate::apply(symbol, zlib, out)) { // the last one is longer than the room
      std::size_t i = 0;
      for (const std::uint64_t from = symbol.bit_begin / 8; made + i < out.size(); ++i)
        out[made + i] = symbol.kind == deflate::SymbolKind::stored ? zlib[from + i] : out[made + i - symbol.distance];
    }
    made = std::min<std::size_t>(out.size(), made + symbol.length);
  }
  return deflate::Fault::none;
}

deflate::Fault read_r4(const Source& source, Row& row) {
  Room& room = room_of(kR4Bytes);
  std::size_t made = 0;
  deflate::BlockHeader header;
  header.bit_end = 0; // until one is read: data begins behind zlib's header
  const deflate::Fault fault = inflate_prefix(source.zlib, std::span(room.text).first(kR4Bytes), made, &header);
  add_length_sizes(source, row);
  if (header.bit_end != 0) add_lengths(header, row);
  add_text<kR4Buckets>(room, made, row.folded() ? kR2FoldedLengthsWidth : kR2LengthsWidth, row);
  return fault;
}

deflate::Fault read_r5(const Source& source, Row& row) {
  Room& room = room_of(kR5Bytes);
  std::size_t made = 0;
  const deflate::Fault fault = inflate_prefix(source.zlib, std::span(room.text).first(kR5Bytes), made);
  add_sizes(source, 0, row);
  add_text<kR5Buckets>(room, made, kSizesWidth, row);
  return fault;
}

void fold_r4(const FirstLayer& from, float* to) {
  fold_lengths(from, to);
  for (std::size_t i = 0; i < (kTextHash + kR4Buckets) * from.columns; ++i)
    to[kR2FoldedLengthsWidth * from.columns + i] = from.weights[kR2LengthsWidth * from.columns + i];
}

} // namespace packscope::learn
