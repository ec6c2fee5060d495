// Symbols as features. Sixteen symbols don't earn a lookup table: the codes are canonical_code.h's.
#include "learn/rung_r3.h"

#include "deflate/canonical_code.h"
#include "deflate/code_table.h"
#include "deflate/zlib_stream.h"

#include <bit>

namespace packscope::learn {
namespace {

using deflate::BlockType;
using deflate::CodeEntry;
using deflate::CodeKind;
using deflate::Fault;

class Collector {
public:
  Collector(std::size_t symbols, Row& row) : symbols_(symbols), weight_(16.0f / static_cast<float>(symbols)), units_(symbols == kR3Positions), row_(row) {}

  bool full() const { return seen_ == symbols_; }
  void literal(unsigned byte) {
    add(byte);
    if (previous_ < 256) count(kR3Pair + (previous_ * 251 + byte * 7) % kR3Pairs);
    previous_ = byte;
    ++seen_;
  }
  void match(unsigned length, unsigned distance) {
    // Lengths 3..258: classes 0..7 by width; distances 1..32768: 16 widths.
    add(256 + static_cast<unsigned>(std::bit_width(length)) - 2);
    add(264 + static_cast<unsigned>(std::bit_width(distance)) - 1);
    previous_ = 256;
    ++seen_;
  }

private:
  void add(unsigned what) {
    if (seen_ < kR3Positions) row_.add(kR3Position + seen_ * kR3PerSymbol + what);
    if (!units_ || !row_.folded()) count(kR3Bag + what);
  }
  void count(std::size_t index) {
    if (units_) row_.add(index);
    else row_.add(index, weight_);
  }
  const std::size_t symbols_;
  const float weight_;
  const bool units_; // the weight is 1
  Row& row_;
  std::size_t seen_ = 0;
  unsigned previous_ = 256; // 256: no literal
};

// The block's symbols from `reader` on, until its end or the collector is full.
Fault read_codes(const deflate::BlockHeader& header, BitReader& reader, Collector& collector) {
  deflate::CanonicalCode literals, distances;
  literals.build(header.type == BlockType::dynamic ? std::span(header.literal).first(kR2Literals) : header.literal);
  bool has_distances = false; // most blocks' first symbols are literals: the second code is built when it is met
  while (!collector.full()) {
    reader.refill(); // a match is at most 48 of the 56 bits
    unsigned bits = 0;
    const int symbol = literals.decode(reader.peek_word(), bits);
    if (symbol < 0) return reader.overran() ? Fault::truncated : Fault::symbol;
    const CodeEntry entry = deflate::kMeanings.literal[static_cast<std::size_t>(symbol)];
    if (deflate::kind(entry) == CodeKind::invalid) return Fault::symbol;
    reader.consume(bits);
    if (deflate::kind(entry) == CodeKind::literal) {
      if (reader.overran()) return Fault::truncated;
      collector.literal(deflate::value(entry));
      continue;
    }
    if (deflate::kind(entry) == CodeKind::end) return reader.overran() ? Fault::truncated : Fault::none;
    const unsigned length = deflate::value(entry) + static_cast<unsigned>(reader.take(deflate::extra_bits(entry)));
    if (!has_distances) distances.build(std::span(header.distance).first(header.type == BlockType::dynamic ? kR2Distances : 32));
    has_distances = true;
    const int back = distances.decode(reader.peek_word(), bits);
    if (back < 0) return reader.overran() ? Fault::truncated : Fault::symbol;
    const CodeEntry meaning = deflate::kMeanings.distance[static_cast<std::size_t>(back)];
    if (deflate::kind(meaning) == CodeKind::invalid) return Fault::symbol;
    reader.consume(bits);
    const unsigned distance = deflate::value(meaning) + static_cast<unsigned>(reader.take(deflate::extra_bits(meaning)));
    if (reader.overran()) return Fault::truncated;
    collector.match(length, distance);
  }
  return Fault::none;
}

Fault read_stored(const deflate::BlockHeader& header, BitReader& reader, Collector& collector, Bytes zlib) {
  const std::uint64_t end = reader.position() + std::uint64_t{header.stored_length} * 8;
  for (std::uint64_t bit = reader.position(); bit < end && !collector.full(); bit += 8) {
    if (bit + 8 > reader.size()) return Fault::truncated;
    collector.literal(static_cast<unsigned>(reader.take(8)));
  }
  if (!collector.full()) reader = BitReader(zlib, end);
  return Fault::none;
}

} // namespace

void fold_symbols(float* weights, std::size_t columns) {
  fold_lengths(weights, columns);
  for (std::size_t row = 0; row < kR3Positions * kR3PerSymbol; ++row)
    for (std::size_t c = 0; c < columns; ++c)
      weights[(kR3Position + row) * columns + c] += weights[(kR3Bag + row % kR3PerSymbol) * columns + c];
}

Fault read_symbols(const Source& source, std::size_t symbols, Row& row) {
  add_sizes(source, kR2Sizes, row);
  Collector collector(symbols, row);
  BitReader reader(source.zlib, source.block != nullptr ? source.bit : deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  if (source.block != nullptr) {
    add_lengths(*source.block, row);
    if (source.block->type == BlockType::stored) { // what is left of it is not known here: its bytes to the end at most
      header = *source.block;
      if (const Fault fault = read_stored(header, reader, collector, source.zlib); fault != Fault::none) return fault;
    } else if (const Fault fault = read_codes(*source.block, reader, collector); fault != Fault::none) {
      return fault;
    }
    if (source.block->final) return Fault::none;
  } else {
    deflate::ZlibHeader container;
    if (const Fault fault = deflate::read_zlib_header(source.zlib, container); fault != Fault::none) return fault;
  }
  for (bool first = source.block == nullptr; !collector.full(); first = false) {
    if (const Fault fault = deflate::read_block_header(reader, header); fault != Fault::none) return fault;
    if (first) add_lengths(header, row);
    const Fault fault = header.type == BlockType::stored ? read_stored(header, reader, collector, source.zlib)
                                                         : read_codes(header, reader, collector);
    if (fault != Fault::none) return fault;
    if (header.final) break;
  }
  return Fault::none;
}

} // namespace packscope::learn
