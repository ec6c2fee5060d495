// Bytes and bits as numbers; past the end of the stream, 0.
#include "learn/rung_r0.h"

#include "base/bits.h"
#include "deflate/zlib_stream.h"
#include "learn/standardise.h"

#include <array>
#include <bit>

namespace packscope::learn {
namespace {

std::uint64_t first_bit(const Source& source) { return source.block != nullptr ? source.bit : deflate::kZlibHeaderBits; }

deflate::Fault header_fault(Bytes zlib) {
  deflate::ZlibHeader header;
  return deflate::read_zlib_header(zlib, header);
}

// Which of its 256 values each byte has.
void add_folded_bytes(const Source& source, Row& row) {
  std::array<Unit, kR0Bytes> units;
  if (source.block == nullptr && source.zlib.size() >= kR0SourceBytes) { // from a whole byte on
    for (std::size_t i = 0; i < kR0Bytes; ++i) units[i] = static_cast<Unit>(i * 256 + source.zlib[deflate::kZlibHeaderBits / 8 + i]);
  } else {
    BitReader reader(source.zlib, first_bit(source));
    for (std::size_t i = 0; i < kR0Bytes; ++i) units[i] = static_cast<Unit>(i * 256 + reader.take(8));
  }
  row.add(units);
}

} // namespace

deflate::Fault read_r0(const Source& source, Row& row) {
  if (row.folded()) return add_folded_bytes(source, row), header_fault(source.zlib);
  BitReader reader(source.zlib, first_bit(source));
  for (std::size_t i = 0; i < kR0Bytes; ++i)
    if (const std::uint64_t byte = reader.take(8); byte != 0) row.add(i, static_cast<float>(byte) / 255.0f);
  return header_fault(source.zlib);
}

void add_bits(Bytes zlib, std::uint64_t bit, std::size_t first, Row& row) {
  BitReader reader(zlib, bit);
  for (std::size_t at = 0; at < kR0BitsWidth; at += 32)
    for (std::uint64_t word = reader.take(32); word != 0; word &= word - 1)
      row.add(first + at + static_cast<std::size_t>(std::countr_zero(word)));
}

deflate::Fault read_r0_bits(const Source& source, Row& row) {
  if (row.folded()) add_folded_bytes(source, row);
  else add_bits(source.zlib, first_bit(source), 0, row);
  return header_fault(source.zlib);
}

// What a byte says standardised is a number of its own for each of its values.
void fold_r0(const FirstLayer& from, float* to) {
  for (unsigned value = 0; value < 256; ++value) {
    std::array<float, kR0Bytes> bytes;
    bytes.fill(static_cast<float>(value) / 255.0f);
    from.standard->apply(bytes);
    for (std::size_t i = 0; i < kR0Bytes; ++i)
      for (std::size_t c = 0; c < from.columns; ++c) to[(i * 256 + value) * from.columns + c] = bytes[i] * from.weights[i * from.columns + c];
  }
}

// A byte's row: that of the byte without its highest bit, which stands before it, and that bit's.
void fold_r0_bits(const FirstLayer& from, float* to) {
  for (std::size_t byte = 0; byte < kR0Bytes; ++byte)
    for (std::size_t value = 1; value < 256; ++value) {
      const std::size_t bit = static_cast<std::size_t>(std::bit_width(value)) - 1;
      for (std::size_t c = 0; c < from.columns; ++c)
        to[(byte * 256 + value) * from.columns + c] =
            to[(byte * 256 + value - (std::size_t{1} << bit)) * from.columns + c] + from.weights[(byte * 8 + bit) * from.columns + c];
    }
}

} // namespace packscope::learn
