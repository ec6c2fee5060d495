// The first symbols of a stream, for who wants a few of them: no lookup table is built, nothing is copied.
//
// The idea: sixteen symbols don't earn a table; canonical_code.h decodes by comparison. A collector takes the symbols:
//   bool full() const                                  no more are wanted
//   void literal(unsigned byte)                        a stored block's bytes are literals too
//   void match(unsigned length, unsigned distance)
//   void header(const BlockHeader&)                    of each block that is begun
#pragma once

#include "deflate/canonical_code.h"
#include "deflate/code_table.h"
#include "deflate/zlib_stream.h"

namespace packscope::deflate {

struct FixedCanonicalCodes {
  CanonicalCode literals, distances;
  constexpr FixedCanonicalCodes() : literals(std::span<const std::uint8_t>()), distances(std::span<const std::uint8_t>()) {
    std::array<std::uint8_t, kLiteralSymbols> literal = {};
    std::array<std::uint8_t, kDistanceSymbols> distance = {};
    set_fixed_lengths(literal, distance);
    literals.build(literal);
    distances.build(distance);
  }
};
inline constexpr FixedCanonicalCodes kFixedCanonicalCodes;

// The block's symbols from `from` on, until its end or the collector is full.
template <class Collector>
Fault read_first_codes(const BlockHeader& header, BitReader& from, Collector& collector) {
  const bool dynamic = header.type == BlockType::dynamic;
  CanonicalCode own_literals, own_distances;
  if (dynamic) own_literals.build_used(header.literals_used(), header.literal_counts, 0);
  const CanonicalCode& literals = dynamic ? own_literals : kFixedCanonicalCodes.literals;
  const CanonicalCode& distances = dynamic ? own_distances : kFixedCanonicalCodes.distances;
  bool has_distances = !dynamic; // most blocks' first symbols are literals: the second code is built when it is met
  BitReader reader = from;       // a copy that nobody else sees stays in registers
  const auto done = [&](Fault fault) {
    from = reader;
    return fault;
  };
  const auto none = [&](unsigned bits) { // so many that are no symbol, unless it is the end that made them so
    reader.consume(bits);
    return done(reader.overran() ? Fault::truncated : Fault::symbol);
  };
  while (!collector.full()) {
    if (reader.held() < 48) reader.refill(); // a match is no more
    unsigned bits = 0;
    const int symbol = literals.decode(reader.peek_word(), bits);
    if (symbol < 0) return none(bits);
    if (symbol < 256) [[likely]] { // a literal means itself
      reader.consume(bits);
      if (reader.overran()) return done(Fault::truncated);
      collector.literal(static_cast<unsigned>(symbol));
      continue;
    }
    const CodeEntry entry = kMeanings.literal[static_cast<std::size_t>(symbol)];
    if (kind(entry) == CodeKind::invalid) return none(bits);
    reader.consume(bits);
    if (kind(entry) == CodeKind::end) return done(reader.overran() ? Fault::truncated : Fault::none);
    const unsigned length = value(entry) + static_cast<unsigned>(reader.take(extra_bits(entry)));
    if (!has_distances) own_distances.build_used(header.distances_used(), header.distance_counts, 286);
    has_distances = true;
    const int back = distances.decode(reader.peek_word(), bits);
    if (back < 0) return none(bits);
    const CodeEntry meaning = kMeanings.distance[static_cast<std::size_t>(back)];
    if (kind(meaning) == CodeKind::invalid) return none(bits);
    reader.consume(bits);
    const unsigned distance = value(meaning) + static_cast<unsigned>(reader.take(extra_bits(meaning)));
    if (reader.overran()) return done(Fault::truncated);
    collector.match(length, distance);
  }
  return done(Fault::none);
}

template <class Collector>
Fault read_first_stored(Bytes input, const BlockHeader& header, BitReader& reader, Collector& collector) {
  const std::uint64_t end = reader.position() + std::uint64_t{header.stored_length} * 8;
  for (std::uint64_t bit = reader.position(); bit < end && !collector.full(); bit += 8) {
    if (bit + 8 > reader.size()) return Fault::truncated;
    collector.literal(static_cast<unsigned>(reader.take(8)));
  }
  if (!collector.full()) reader = BitReader(input, end);
  return Fault::none;
}

// From a zlib stream's beginning. `header`: room for a block's, which holds the last one read.
template <class Collector>
Fault read_first_symbols(Bytes zlib, BlockHeader& header, Collector& collector) {
  ZlibHeader container;
  if (const Fault fault = read_zlib_header(zlib, container); fault != Fault::none) return fault;
  BitReader reader(zlib, kZlibHeaderBits);
  do {
    if (const Fault fault = read_block_header(reader, header); fault != Fault::none) return fault;
    collector.header(header);
    const Fault fault = header.type == BlockType::stored ? read_first_stored(zlib, header, reader, collector)
                                                         : read_first_codes(header, reader, collector);
    if (fault != Fault::none) return fault;
  } while (!header.final && !collector.full());
  return Fault::none;
}

} // namespace packscope::deflate
