// Block type one-hot, then lengths turned so that frequent is large; what is unused is not there.
#include "learn/rung_r2.h"

#include "deflate/zlib_stream.h"
#include "learn/rung_r0.h"

#include <bit>

namespace packscope::learn {
namespace {

// Eight lengths a look: most of a code's symbols are unused.
void add_used(std::span<const std::uint8_t> lengths, std::size_t first, Row& row) {
  const auto add = [&](std::size_t at, unsigned length) {
    row.add(kR2OneHot + (first + at) * 15 + length - 1);
    row.add(first + at, static_cast<float>(16 - length) / 16.0f);
  };
  std::size_t at = 0;
  for (; at + 8 <= lengths.size(); at += 8) {
    std::uint64_t eight = load_le<std::uint64_t>(lengths.data() + at);
    while (eight != 0) {
      const unsigned byte = static_cast<unsigned>(std::countr_zero(eight)) / 8;
      add(at + byte, static_cast<unsigned>(eight >> (byte * 8) & 255));
      eight &= ~(std::uint64_t{255} << (byte * 8));
    }
  }
  for (; at < lengths.size(); ++at)
    if (lengths[at] != 0) add(at, lengths[at]);
}

deflate::Fault read_header(const Source& source, BitReader& reader, deflate::BlockHeader& header) {
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(source.zlib, container); fault != deflate::Fault::none)
    return fault;
  return deflate::read_block_header(reader, header);
}

} // namespace

void add_lengths(const deflate::BlockHeader& header, Row& row) {
  row.add(kR2Type + static_cast<std::size_t>(header.type));
  // The fixed code's lengths say nothing that the type does not.
  if (header.type != deflate::BlockType::dynamic) return;
  add_used(std::span(header.literal).first(kR2Literals), 0, row);
  add_used(std::span(header.distance).first(kR2Distances), kR2Literals, row);
}

deflate::Fault read_r2(const Source& source, Row& row) {
  add_sizes(source, kR2Sizes, row);
  if (source.block != nullptr) return add_lengths(*source.block, row), deflate::Fault::none;
  BitReader reader(source.zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  const deflate::Fault fault = read_header(source, reader, header);
  if (fault == deflate::Fault::none) add_lengths(header, row);
  return fault;
}

deflate::Fault read_r2_bits(const Source& source, Row& row) {
  add_sizes(source, kR2Sizes, row);
  if (source.block != nullptr) {
    add_lengths(*source.block, row);
    add_bits(source.zlib, source.bit, kR2Width, row);
    return deflate::Fault::none;
  }
  BitReader reader(source.zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  const deflate::Fault fault = read_header(source, reader, header);
  if (fault != deflate::Fault::none) return fault;
  add_lengths(header, row);
  add_bits(source.zlib, header.bit_end, kR2Width, row);
  return fault;
}

} // namespace packscope::learn
