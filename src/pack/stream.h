// zlib's inflate for the two questions that libdeflate cannot answer: how does a stream begin, and where does a
// stream end whose size is unknown or wrong. Neither needs the whole output in memory.
#pragma once

#include "base/bytes.h"
#include "deflate/fault.h"

#include <memory>

struct z_stream_s;

namespace packscope::pack {

// DEFLATE's densest symbol is a match of 258 bytes in two bits (one for the length code, one for the distance
// code): four in a byte make 1032. A stream of n bytes never inflates to more than 1032 n, whatever a header says,
// so that a stated size is checked against the bytes at hand before anything is allocated.
inline bool could_inflate_to(std::uint64_t stream_bytes, std::uint64_t size) { return size / 1032 <= stream_bytes; }

class PartialInflater { // one per thread
public:
  PartialInflater();
  ~PartialInflater();
  PartialInflater(PartialInflater&&) noexcept;
  PartialInflater& operator=(PartialInflater&&) noexcept;

  // Fills `output` from the start of the stream, less if the stream is shorter; `made`: how many bytes.
  deflate::Fault begin(Bytes input, std::span<std::uint8_t> output, std::size_t& made);
  // Walks the whole stream, checksum included, through a small buffer.
  deflate::Fault skip(Bytes input, std::uint64_t& consumed, std::uint64_t& size);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace packscope::pack
