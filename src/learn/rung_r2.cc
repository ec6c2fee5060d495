// Block type one-hot, then lengths turned so that frequent is large; what is unused is not there.
#include "learn/rung_r2.h"

#include "deflate/zlib_stream.h"
#include "learn/rung_r0.h"

namespace packscope::learn {
namespace {

float value_of(unsigned length) { return static_cast<float>(16 - length) / 16.0f; }

deflate::Fault read_header(const Source& source, BitReader& reader, deflate::BlockHeader& header) {
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(source.zlib, container); fault != deflate::Fault::none)
    return fault;
  return deflate::read_block_header(reader, header);
}

// The first bytes of a block that has no code lengths, from `bit` on; those that are there.
void add_bytes(Bytes zlib, std::uint64_t bit, Row& row) {
  const std::size_t first = row.folded() ? kR2FoldedLengthsWidth : kR2Bytes;
  BitReader reader(zlib, bit);
  for (std::size_t i = 0; i < kR2Bag && reader.position() + 8 <= reader.size(); ++i) {
    const std::size_t byte = static_cast<std::size_t>(reader.take(8));
    if (i < kR2First) row.add(first + i * 256 + byte);
    row.add(first + kR2First * 256 + byte);
  }
}

void copy_rows(const float* from, float* to, std::size_t rows, std::size_t columns) {
  for (std::size_t i = 0; i < rows * columns; ++i) to[i] = from[i];
}

} // namespace

void fold_lengths(const FirstLayer& from, float* to) {
  for (std::size_t symbol = 0; symbol < kR2Lengths; ++symbol)
    for (unsigned length = 1; length <= 15; ++length)
      for (std::size_t c = 0; c < from.columns; ++c)
        to[deflate::used_code(static_cast<unsigned>(symbol), length) * from.columns + c] =
            from.weights[(kR2OneHot + symbol * 15 + length - 1) * from.columns + c] + value_of(length) * from.weights[symbol * from.columns + c];
  copy_rows(from.weights + kR2Type * from.columns, to + kR2FoldedType * from.columns, 3 + kSizesWidth, from.columns);
}

void fold_r2(const FirstLayer& from, float* to) {
  fold_lengths(from, to);
  copy_rows(from.weights + kR2Bytes * from.columns, to + kR2FoldedLengthsWidth * from.columns, kR2BytesWidth, from.columns);
}

void fold_r2_bits(const FirstLayer& from, float* to) {
  fold_lengths(from, to);
  copy_rows(from.weights + kR2LengthsWidth * from.columns, to + kR2FoldedLengthsWidth * from.columns, kR0BitsWidth, from.columns);
}

void add_length_sizes(const Source& source, Row& row) { add_sizes(source, row.folded() ? kR2FoldedSizes : kR2Sizes, row); }

void add_lengths(const deflate::BlockHeader& header, Row& row) {
  row.add((row.folded() ? kR2FoldedType : kR2Type) + static_cast<std::size_t>(header.type));
  // The fixed code's lengths say nothing that the type does not.
  if (header.type != deflate::BlockType::dynamic) return;
  const std::span<const std::uint16_t> used = std::span(header.used).first(std::size_t{header.used_literals} + header.used_distances);
  if (row.folded()) return row.add(used);
  for (const std::uint16_t code : used) {
    const std::size_t symbol = code >> 4;
    const unsigned length = code & 15;
    row.add(kR2OneHot + symbol * 15 + length - 1);
    row.add(symbol, value_of(length));
  }
}

deflate::Fault read_r2(const Source& source, Row& row) {
  add_length_sizes(source, row);
  const auto add = [&](const deflate::BlockHeader& header, std::uint64_t data) {
    add_lengths(header, row);
    if (header.type != deflate::BlockType::dynamic) add_bytes(source.zlib, data, row);
  };
  if (source.block != nullptr) return add(*source.block, source.bit), deflate::Fault::none;
  BitReader reader(source.zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  const deflate::Fault fault = read_header(source, reader, header);
  if (fault == deflate::Fault::none) add(header, header.bit_end);
  return fault;
}

deflate::Fault read_r2_bits(const Source& source, Row& row) {
  add_length_sizes(source, row);
  const std::size_t first = row.folded() ? kR2FoldedLengthsWidth : kR2LengthsWidth;
  if (source.block != nullptr) {
    add_lengths(*source.block, row);
    add_bits(source.zlib, source.bit, first, row);
    return deflate::Fault::none;
  }
  BitReader reader(source.zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  const deflate::Fault fault = read_header(source, reader, header);
  if (fault != deflate::Fault::none) return fault;
  add_lengths(header, row);
  add_bits(source.zlib, header.bit_end, first, row);
  return fault;
}

} // namespace packscope::learn
