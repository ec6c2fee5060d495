// Bytes and bits as numbers; past the end of the stream, 0.
#include "learn/rung_r0.h"

#include "deflate/zlib_stream.h"

namespace packscope::learn {
namespace {

std::uint8_t byte_at(Bytes zlib, std::size_t index) {
  const std::size_t at = deflate::kZlibHeaderBits / 8 + index;
  return at < zlib.size() ? zlib[at] : std::uint8_t{0};
}

deflate::Fault header_fault(Bytes zlib) {
  deflate::ZlibHeader header;
  return deflate::read_zlib_header(zlib, header);
}

} // namespace

deflate::Fault extract_r0(Bytes zlib, std::span<float> out) {
  for (std::size_t i = 0; i < kR0Bytes; ++i) out[i] = static_cast<float>(byte_at(zlib, i)) / 255.0f;
  return header_fault(zlib);
}

deflate::Fault extract_r0_bits(Bytes zlib, std::span<float> out) {
  for (std::size_t i = 0; i < kR0BitsWidth; ++i)
    out[i] = static_cast<float>((byte_at(zlib, i / 8) >> (i % 8)) & 1);
  return header_fault(zlib);
}

} // namespace packscope::learn
