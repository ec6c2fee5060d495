// What zlib's trees.c makes of a block of tokens: its Huffman codes, how it says them, and whether it prefers the fixed code or
// no code at all.
//
// The idea: a block's bits follow from its tokens alone, so a stream is checked without being written: the code lengths that
// zlib would send are computed and compared with those that were.
#pragma once

#include "encoders/parsed_stream.h"

namespace packscope::encoders {

struct TextBlock { // of the text, whatever the stream says of it
  std::span<const Token> tokens;
  std::uint64_t begin, end; // bytes
};

// Is the block of `parsed` that begins with `header` what zlib writes for these tokens? `fixed`: under the strategy Z_FIXED.
// A block is stored only while its text is in zlib's window; where that decides, the answer is `if_kept` or `if_lost`.
enum class Writes : std::uint8_t { no, yes, if_kept, if_lost };
Writes zlib_writes_block(const ParsedStream& parsed, const deflate::BlockHeader& header, const TextBlock& block, bool fixed);

} // namespace packscope::encoders
