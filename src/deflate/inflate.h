// Bulk inflation by libdeflate: the whole of a zlib stream whose output size is known, as every pack entry
// states it.
#pragma once

#include "base/bytes.h"
#include "deflate/fault.h"

#include <memory>

struct libdeflate_decompressor;

namespace packscope::deflate {

class Inflater { // one per thread; holds libdeflate's tables, those of the fixed code apart: it keeps them if it may
public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept = default;
  Inflater& operator=(Inflater&&) noexcept = default;

  // Inflates the zlib stream at the start of `input` (bytes after it are allowed) into exactly `output`.
  // `consumed`: bytes of input that the stream took, trailer included; set on success only. Checks Adler-32.
  // Faults: any of a stream's, named exactly (to learn the bit, walk it with SymbolReader), and size,
  // adler32. libdeflate accepts a little more than zlib: bits that an incomplete code of one codeword leaves
  // free, HLIT above 286, the unused symbols 286, 287, 30, 31. No encoder writes these, and the checksum
  // still has to match.
  // `slack`: how many bytes after `output` may be written to; with kSlack of them libdeflate stays in its
  // fast loop to the end, which short streams gain most from.
  Fault zlib(Bytes input, std::span<std::uint8_t> output, std::size_t& consumed, std::size_t slack = 0);
  static constexpr std::size_t kSlack = 320; // the fast loop wants 258 (a match) + a few words in hand

private:
  struct Free {
    void operator()(libdeflate_decompressor* state) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> state_, fixed_; // by the stream's first block
};

} // namespace packscope::deflate
