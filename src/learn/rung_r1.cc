// Logarithms by shifts: the exponent, and the mantissa for the part between (a straight line where log2 bends by .09).
#include "learn/rung_r1.h"

#include "deflate/zlib_stream.h"

#include <bit>

namespace packscope::learn {
namespace {

float log2_of(std::uint64_t value) { // > 0
  const int exponent = static_cast<int>(std::bit_width(value)) - 1;
  const std::uint64_t mantissa = exponent >= 23 ? value >> (exponent - 23) : value << (23 - exponent);
  return static_cast<float>(exponent - 1) + static_cast<float>(mantissa) / 8388608.0f;
}

// `at`: in knots.
void add_between(float at, std::size_t knots, std::size_t first, Row& row) {
  const float last = static_cast<float>(knots - 1);
  at = at < 0.0f ? 0.0f : at > last ? last : at;
  const std::size_t low = static_cast<std::size_t>(at);
  const float share = at - static_cast<float>(low);
  row.add(first + low, 1.0f - share);
  if (share > 0.0f) row.add(first + low + 1, share); // valued though often 1: a size is no more there than its neighbour
}

} // namespace

void add_sizes(const Source& source, std::size_t first, Row& row) {
  if (source.inflated_size == 0 || source.packed_size == 0) return;
  const float size = log2_of(source.inflated_size);
  add_between(size, kSizeKnots, first, row);
  add_between((size - log2_of(source.packed_size) + 1.0f) * 4.0f, kRatioKnots, first + kSizeKnots, row);
}

deflate::Fault read_sizes(const Source& source, Row& row) {
  add_sizes(source, 0, row);
  return deflate::Fault::none;
}

deflate::Fault read_r1(const Source& source, Row& row) {
  add_sizes(source, 0, row);
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(source.zlib, container); fault != deflate::Fault::none)
    return fault;
  BitReader reader(source.zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  const deflate::Fault fault = deflate::read_block_fields(reader, header);
  if (reader.overran()) return deflate::Fault::truncated;
  if (fault != deflate::Fault::none) return fault;
  std::size_t at = kSizesWidth;
  row.add(at + static_cast<std::size_t>(header.type));
  if (header.type != deflate::BlockType::dynamic) return fault;
  row.add((at += 3) + (header.literal_lengths - 257u));
  row.add((at += 32) + (header.distance_lengths - 1u));
  row.add((at += 32) + (header.code_length_lengths - 4u));
  return fault;
}

} // namespace packscope::learn
