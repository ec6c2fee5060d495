// Block type one-hot, then lengths turned so that frequent is large and unused is 0.
#include "learn/rung_r2.h"

#include "deflate/zlib_stream.h"

namespace packscope::learn {

void r2_from_header(const deflate::BlockHeader& header, std::span<float> out) {
  for (std::size_t i = 0; i < kR2Width; ++i) out[i] = 0.0f;
  out[static_cast<std::size_t>(header.type)] = 1.0f;
  // The fixed code's lengths say nothing that the type does not.
  if (header.type != deflate::BlockType::dynamic) return;
  const auto turned = [](std::uint8_t length) {
    return length == 0 ? 0.0f : static_cast<float>(16 - length) / 16.0f;
  };
  for (std::size_t i = 0; i < kR2Literals; ++i) out[3 + i] = turned(header.literal[i]);
  for (std::size_t i = 0; i < kR2Distances; ++i) out[3 + kR2Literals + i] = turned(header.distance[i]);
}

deflate::Fault extract_r2(Bytes zlib, std::span<float> out) {
  for (std::size_t i = 0; i < kR2Width; ++i) out[i] = 0.0f;
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(zlib, container); fault != deflate::Fault::none)
    return fault;
  BitReader reader(zlib, deflate::kZlibHeaderBits);
  deflate::BlockHeader header;
  const deflate::Fault fault = deflate::read_block_header(reader, header);
  if (fault == deflate::Fault::none) r2_from_header(header, out);
  return fault;
}

} // namespace packscope::learn
