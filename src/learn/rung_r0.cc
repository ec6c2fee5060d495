// Bytes and bits as numbers; past the end of the stream, 0.
#include "learn/rung_r0.h"

#include "base/bits.h"
#include "deflate/zlib_stream.h"

namespace packscope::learn {
namespace {

std::uint64_t first_bit(const Source& source) { return source.block != nullptr ? source.bit : deflate::kZlibHeaderBits; }

deflate::Fault header_fault(Bytes zlib) {
  deflate::ZlibHeader header;
  return deflate::read_zlib_header(zlib, header);
}

} // namespace

deflate::Fault read_r0(const Source& source, Row& row) {
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
  add_bits(source.zlib, first_bit(source), 0, row);
  return header_fault(source.zlib);
}

} // namespace packscope::learn
