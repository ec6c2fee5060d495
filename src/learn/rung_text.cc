// Counts by hash, kept in one table a thread, and only what was touched is looked at again.
#include "learn/rung_text.h"

#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"

#include <bit>
#include <memory>

namespace packscope::learn {
namespace {

std::uint32_t mix(std::uint32_t value) { // Knuth's multiplicative hash, upper bits folded down
  value *= 2654435761u;
  return value ^ value >> 15;
}

// 1 + log2 of a count, by its bits.
float damped(std::uint32_t count) {
  const int exponent = std::bit_width(count) - 1;
  return static_cast<float>(exponent) + static_cast<float>(count) / static_cast<float>(1u << exponent);
}

struct Room {
  std::vector<std::uint8_t> text;
  std::vector<std::uint32_t> counts = std::vector<std::uint32_t>(kTextWidth);
  std::vector<std::uint32_t> touched;
};

void count_text(Bytes text, Room& room) {
  const auto count = [&](std::size_t index) {
    if (room.counts[index]++ == 0) room.touched.push_back(static_cast<std::uint32_t>(index));
  };
  const auto hashed = [&](std::uint32_t value) { count(kTextHash + mix(value) % kTextBuckets); };
  const auto is_word = [](std::uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 128;
  };
  std::uint32_t triple = 0, word = 0;
  bool first_line = true;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const std::uint8_t byte = i < text.size() ? text[i] : std::uint8_t{'\n'};
    if (i < text.size()) {
      count(kTextBytes + byte);
      if (i < 8) count(kTextFirst + i * 64 + mix(byte) % 64);
      triple = (triple << 8 | byte) & 0xffffff;
      if (i >= 2) hashed(triple);
    }
    if (is_word(byte)) {
      word = word * 31 + byte + 1;
      continue;
    }
    if (word != 0) hashed(word ^ 0x5bd1e995u);
    if (word != 0 && first_line) hashed(word ^ 0x9e3779b9u);
    word = 0;
    first_line = first_line && byte != '\n';
  }
}

} // namespace

deflate::Fault inflate_prefix(Bytes zlib, std::span<std::uint8_t> out, std::size_t& made) {
  made = 0;
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(zlib, container); fault != deflate::Fault::none) return fault;
  deflate::SymbolReader reader(zlib, deflate::kZlibHeaderBits);
  deflate::Symbol symbol;
  while (made < out.size()) {
    switch (reader.next(symbol)) {
    case deflate::SymbolReader::Step::end: return deflate::Fault::none;
    case deflate::SymbolReader::Step::fault: return reader.fault();
    case deflate::SymbolReader::Step::block: continue;
    case deflate::SymbolReader::Step::symbol: break;
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

deflate::Fault read_text_features(const Source& source, std::size_t limit, Row& row) {
  add_sizes(source, 0, row);
  thread_local std::unique_ptr<Room> room = std::make_unique<Room>();
  room->text.resize(limit);
  std::size_t made = 0;
  const deflate::Fault fault = inflate_prefix(source.zlib, room->text, made);
  count_text(Bytes(room->text).first(made), *room);
  float square = 0.0f;
  for (const std::uint32_t index : room->touched) square += damped(room->counts[index]) * damped(room->counts[index]);
  const float scale = square > 0.0f ? 4.0f / __builtin_sqrtf(square) : 0.0f;
  for (const std::uint32_t index : room->touched) {
    row.add(index, damped(room->counts[index]) * scale);
    room->counts[index] = 0;
  }
  room->touched.clear();
  return fault;
}

} // namespace packscope::learn
