// Symbols as features.
#include "learn/rung_r3.h"

#include "deflate/first_symbols.h"

#include <bit>

namespace packscope::learn {
namespace {

using deflate::BlockType;
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
      if (const Fault fault = deflate::read_first_stored(source.zlib, header, reader, collector); fault != Fault::none) return fault;
    } else if (const Fault fault = deflate::read_first_codes(*source.block, reader, collector); fault != Fault::none) {
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
    const Fault fault = header.type == BlockType::stored ? deflate::read_first_stored(source.zlib, header, reader, collector)
                                                         : deflate::read_first_codes(header, reader, collector);
    if (fault != Fault::none) return fault;
    if (header.final) break;
  }
  return Fault::none;
}

} // namespace packscope::learn
