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
  Collector(std::size_t symbols, Row& row) : symbols_(symbols), weight_(16.0f / static_cast<float>(symbols)), units_(symbols == kR3Positions), row_(row),
        shift_(row.folded() ? kR3FoldedShift : 0) {}

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
    if (seen_ < kR3Positions) row_.add(shift_ + kR3Position + seen_ * kR3PerSymbol + what);
    if (!units_ || !row_.folded()) count(kR3Bag + what);
  }
  void count(std::size_t index) {
    if (units_) row_.add(shift_ + index);
    else row_.add(shift_ + index, weight_);
  }
  const std::size_t symbols_;
  const float weight_;
  const bool units_; // the weight is 1
  Row& row_;
  const std::size_t shift_;
  std::size_t seen_ = 0;
  unsigned previous_ = 256; // 256: no literal
};

constexpr deflate::BlockHeader kFixedHeader = [] {
  deflate::BlockHeader header{.used = {}};
  deflate::set_fixed_lengths(header.literal, header.distance);
  return header;
}();
constexpr deflate::CanonicalCode kFixedLiterals(kFixedHeader.literal), kFixedDistances(kFixedHeader.distance);

// The block's symbols from `from` on, until its end or the collector is full.
Fault read_codes(const deflate::BlockHeader& header, BitReader& from, Collector& collector) {
  const bool dynamic = header.type == BlockType::dynamic;
  deflate::CanonicalCode own_literals, own_distances;
  if (dynamic) own_literals.build_used(header.literals_used(), 0);
  const deflate::CanonicalCode& literals = dynamic ? own_literals : kFixedLiterals;
  const deflate::CanonicalCode& distances = dynamic ? own_distances : kFixedDistances;
  bool has_distances = !dynamic; // most blocks' first symbols are literals: the second code is built when it is met
  BitReader reader = from;       // a copy that nobody else sees stays in registers
  const auto done = [&](Fault fault) {
    from = reader;
    return fault;
  };
  while (!collector.full()) {
    reader.refill(); // a match is at most 48 of the 56 bits
    unsigned bits = 0;
    const int symbol = literals.decode(reader.peek_word(), bits);
    if (symbol < 0) return done(reader.overran() ? Fault::truncated : Fault::symbol);
    const CodeEntry entry = deflate::kMeanings.literal[static_cast<std::size_t>(symbol)];
    if (deflate::kind(entry) == CodeKind::invalid) return done(Fault::symbol);
    reader.consume(bits);
    if (deflate::kind(entry) == CodeKind::literal) {
      if (reader.overran()) return done(Fault::truncated);
      collector.literal(deflate::value(entry));
      continue;
    }
    if (deflate::kind(entry) == CodeKind::end) return done(reader.overran() ? Fault::truncated : Fault::none);
    const unsigned length = deflate::value(entry) + static_cast<unsigned>(reader.take(deflate::extra_bits(entry)));
    if (!has_distances) own_distances.build_used(header.distances_used(), kR2Literals);
    has_distances = true;
    const int back = distances.decode(reader.peek_word(), bits);
    if (back < 0) return done(reader.overran() ? Fault::truncated : Fault::symbol);
    const CodeEntry meaning = deflate::kMeanings.distance[static_cast<std::size_t>(back)];
    if (deflate::kind(meaning) == CodeKind::invalid) return done(Fault::symbol);
    reader.consume(bits);
    const unsigned distance = deflate::value(meaning) + static_cast<unsigned>(reader.take(deflate::extra_bits(meaning)));
    if (reader.overran()) return done(Fault::truncated);
    collector.match(length, distance);
  }
  return done(Fault::none);
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

void fold_more_symbols(const FirstLayer& from, float* to) {
  fold_lengths(from, to);
  for (std::size_t i = kR3Position * from.columns; i < kR3Width * from.columns; ++i) to[kR3FoldedShift * from.columns + i] = from.weights[i];
}

void fold_symbols(const FirstLayer& from, float* to) {
  fold_more_symbols(from, to);
  for (std::size_t row = 0; row < kR3Positions * kR3PerSymbol; ++row)
    for (std::size_t c = 0; c < from.columns; ++c)
      to[(kR3FoldedShift + kR3Position + row) * from.columns + c] += from.weights[(kR3Bag + row % kR3PerSymbol) * from.columns + c];
}

Fault read_symbols(const Source& source, std::size_t symbols, Row& row) {
  add_length_sizes(source, row);
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
