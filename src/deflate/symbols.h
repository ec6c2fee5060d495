// Every symbol of a DEFLATE stream: what it is, which bits carry it, which output bytes it makes.
//
// The idea: decode without copying. The decoder knows how far the output has come but keeps no window, so that
// a trace or a feature costs no more than reading the bits; whoever wants text applies the symbols to a buffer.
// No allocation, no calls: tables are members (about 14 KB), sized as zlib's ENOUGH proves them sufficient.
#pragma once

#include "deflate/block.h"

namespace packscope::deflate {

enum class SymbolKind : std::uint8_t {
  literal,      // one byte
  match,        // `length` bytes copied from `distance` back
  stored,       // one run: the whole data of a stored block (length may be 0)
  end_of_block, // symbol 256 of a compressed block; a stored block has none
};

struct Symbol {
  SymbolKind kind;
  std::uint8_t literal;     // kind literal
  std::uint16_t length;     // bytes of output: 1, 3..258, 0..65535, 0
  std::uint16_t distance;   // kind match: 1..32768
  std::uint64_t bit_begin;  // first bit, from bit 0 of the input
  std::uint64_t bit_end;    // first bit after it, extra bits included
  std::uint64_t out_begin;  // offset of its first byte in the output
};

class SymbolReader {
public:
  // `input` begins with BFINAL of the first block at bit `first_bit` (16 for a zlib stream: RFC 1950's two bytes).
  // `window`: bytes of output before `out_begin` that a match may reach into (a preset dictionary, or a start mid-stream).
  explicit SymbolReader(Bytes input, std::uint64_t first_bit = 0);

  enum class Step : std::uint8_t { symbol, block, end, fault };

  // Advances by one step. `block`: a block's header was read (see block()); `symbol`: see the argument;
  // `end`: the final block is over; `fault`: see fault(), and every later call says so again.
  Step next(Symbol& symbol);

  const BlockHeader& block() const { return header_; }
  Fault fault() const { return fault_; }
  std::uint64_t position() const { return reader_.position(); } // in bits; where the fault was met, after a fault
  std::uint64_t produced() const { return out_; }               // output bytes so far

private:
  // (the implementer adds what is needed)
  BitReader reader_;
  BlockHeader header_;
  Fault fault_ = Fault::none;
  std::uint64_t out_ = 0;
};

} // namespace packscope::deflate
