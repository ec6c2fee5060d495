// A block header at each of the first eight bits: inside the input, or truncated.
#include "deflate/block.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::deflate;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (unsigned first = 0; first < 8; ++first) {
    BitReader reader({data, size}, first);
    BlockHeader header;
    const Fault fault = read_block_header(reader, header);
    require(reader.overran() == (fault == Fault::truncated), "truncated is what reads past the end");
    if (fault != Fault::none) continue;
    require(header.bit_begin == first, "the header begins where it was asked for");
    require(header.bit_end == reader.position() && header.bit_end <= size * 8, "it ends inside the input");
    if (header.type == BlockType::dynamic) require(header.literal[256] != 0, "a block can end");
  }
  return 0;
}
