// Every symbol of a DEFLATE stream: what it is, which bits carry it, which output bytes it makes.
//
// The idea: decode without copying. The decoder knows how far the output has come but keeps no window, so
// that a trace or a feature costs no more than reading the bits; whoever wants text applies the symbols to a
// buffer. No allocation, no calls: the tables are members (7 KB), sized as zlib's `enough` proves them
// sufficient.
#pragma once

#include "deflate/block.h"
#include "deflate/code_table.h"

namespace packscope::deflate {

enum class SymbolKind : std::uint8_t {
  literal,      // one byte
  match,        // `length` bytes copied from `distance` back
  stored,       // one run: the whole data of a stored block (length may be 0)
  end_of_block, // symbol 256 of a compressed block; a stored block has none
};

struct Symbol {
  SymbolKind kind;
  std::uint8_t literal;    // kind literal; 0 else
  std::uint16_t length;    // bytes of output: 1, 3..258, 0..65535, 0
  std::uint16_t distance;  // kind match: 1..32768; 0 else
  std::uint64_t bit_begin; // first bit, from bit 0 of the input
  std::uint64_t bit_end;   // first bit after it, extra bits included
  std::uint64_t out_begin; // offset of its first byte in the output
};

class SymbolReader {
public:
  // `input` begins with BFINAL of the first block at bit `first_bit` (16 for a zlib stream: RFC 1950's two
  // bytes). Bytes after the stream are allowed.
  explicit SymbolReader(Bytes input, std::uint64_t first_bit = 0)
      : input_(input), reader_(input, first_bit) {}
  // The tables in use may be members.
  SymbolReader(const SymbolReader&) = delete;
  SymbolReader& operator=(const SymbolReader&) = delete;

  enum class Step : std::uint8_t { symbol, block, end, fault };

  // Advances by one step. `block`: a block's header was read (see block()); `symbol`: see the argument;
  // `end`: the final block is over; `fault`: see fault(). After `end` and `fault` every later call says so
  // again. Accepts exactly what zlib's inflate accepts.
  Step next(Symbol& symbol);

  const BlockHeader& block() const { return header_; }
  Fault fault() const { return fault_; }
  // In bits. After a fault: the first bit of the symbol that is wrong, or a bit of the block header just
  // after the wrong field; never past the end of the input.
  std::uint64_t position() const { return reader_.overran() ? reader_.size() : reader_.position(); }
  std::uint64_t produced() const { return out_; } // output bytes so far

private:
  enum class State : std::uint8_t { header, codes, stored, end, fault };

  Step next_block();
  Step next_stored(Symbol& symbol);
  Step fail(Fault fault);

  Bytes input_;
  BitReader reader_;
  std::uint64_t out_ = 0;
  State state_ = State::header;
  Fault fault_ = Fault::none;
  // The tables of the current block: the members below, or the fixed code's, which are constants.
  const CodeEntry* literal_ = nullptr;
  const CodeEntry* distance_ = nullptr;
  BlockHeader header_;
  std::array<CodeEntry, kLiteralTableSize> literal_table_; // written by the first dynamic block
  std::array<CodeEntry, kDistanceTableSize> distance_table_;
};

// Writes what `symbol` makes into `output`, which holds everything that the symbols before it made; `input`
// is the reader's. False, and nothing written, where the output is too small.
bool apply(const Symbol& symbol, Bytes input, std::span<std::uint8_t> output);

} // namespace packscope::deflate
