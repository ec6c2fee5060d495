// A zlib stream, taken apart: its text, its tokens, its blocks.
#pragma once

#include "deflate/block.h"
#include "deflate/inflate.h"
#include "deflate/zlib_stream.h"

#include <optional>
#include <vector>

namespace packscope::encoders {

struct Token { // distance 0: a literal, of length 1
  std::uint16_t length, distance;
  bool operator==(const Token&) const = default;
};

struct Block {
  deflate::BlockHeader header;
  std::uint32_t first = 0, tokens = 0;       // among the stream's; a stored block has none
  std::uint64_t text_begin = 0, text_end = 0; // bytes of the text
};

struct ParsedStream {
  deflate::ZlibHeader header;
  Bytes stream;                // exactly it: header to checksum
  std::vector<std::uint8_t> bytes; // the text, and kSlack more bytes that may be read
  std::uint64_t size = 0;      // of the text
  std::vector<Token> tokens;
  std::vector<Block> blocks;
  bool stored = false;         // has a stored block: not all of its tokens are known
  bool clean = true;           // pads with zeros, and says a length of 258 in the one way that encoders do

  Bytes text() const { return {bytes.data(), size}; }
};

class StreamParser { // one per thread
public:
  // `input` begins with the stream. Faults: any of a stream's; `out` is valid until the next call.
  deflate::Fault parse(Bytes input, std::uint64_t inflated_size, ParsedStream& out);

private:
  deflate::Inflater inflater_;
};

} // namespace packscope::encoders
