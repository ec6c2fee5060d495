// What zlib's trees.c makes of a block of tokens: its Huffman codes, how it says them, and whether it prefers the fixed code or
// no code at all.
//
// The idea: a block's bits follow from its tokens alone, so a stream is checked without being written: the code lengths that
// zlib would send are computed and compared with those that were.
#pragma once

#include "encoders/parsed_stream.h"

namespace packscope::encoders {

// Is `block` of `parsed` what zlib writes for its tokens? `fixed`: under the strategy Z_FIXED. Not for stored blocks.
bool zlib_writes_block(const ParsedStream& parsed, const Block& block, bool fixed);

} // namespace packscope::encoders
