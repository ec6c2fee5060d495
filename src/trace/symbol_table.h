// trace: the byte-level trace: which compressed bits of which object carry each token, through deltas, with its
// declaration; stored in SQLite. This file: where each output byte of one DEFLATE stream lies in its bits.
//
// The idea: two bytes a symbol (its bits and its output length) and a checkpoint with absolute positions every 64
// symbols, so that a stream's table is a fraction of its text and a lookup walks at most 64 symbols.
#pragma once

#include "base/result.h"
#include "deflate/block.h"
#include "deflate/symbols.h"

#include <expected>
#include <vector>

namespace packscope::trace {

// One DEFLATE block. Bits count from the first bit of the zlib header; bytes are of the inflated stream.
struct Block {
  deflate::BlockType type;
  bool final;
  std::uint64_t bit_begin, data_begin, bit_end; // BFINAL, first bit after the header, first bit after the block
  std::uint64_t out_begin, out_end;
  std::uint64_t literals, matches;
  std::vector<std::uint8_t> literal_lengths, distance_lengths; // dynamic: as many as were sent; else empty
};

// The symbols that make a range of output bytes.
struct BitRange {
  std::uint64_t bit_begin, bit_end; // of the first and the last symbol; a stored run is cut to its bytes
  std::uint64_t literals, matches;  // symbols that make at least one byte of the range (a stored byte is a literal)
};

class SymbolTable {
public:
  struct Failure {
    deflate::Fault fault;
    std::uint64_t bit; // where it was met
  };
  // Walks the zlib stream at the start of `zlib`. `memory_limit`: bytes the table may take (fault `size` beyond it).
  static std::expected<SymbolTable, Failure> build(Bytes zlib, std::uint64_t memory_limit);

  std::uint64_t output_size() const { return output_size_; }
  std::uint64_t bit_end() const { return bit_end_; } // first bit after the last block
  const std::vector<Block>& blocks() const { return blocks_; }
  std::uint64_t memory() const { // bytes that the table takes
    return symbols_.size() * sizeof symbols_[0] + checkpoints_.size() * sizeof checkpoints_[0] + block_memory_;
  }

  // begin < end <= output_size().
  BitRange bits_of(std::uint64_t begin, std::uint64_t end) const;

private:
  struct Checkpoint {
    std::uint64_t out, bit;
    std::uint64_t symbol; // index into symbols_ of the first symbol after the checkpoint
    bool stored;          // a stored run: no symbols, eight bits a byte
  };
  void add(const deflate::Symbol& symbol);

  std::vector<std::uint16_t> symbols_; // bits << 9 | output length; 48 bits and 258 bytes at most (RFC 1951, 3.2.5)
  std::vector<Checkpoint> checkpoints_;
  std::vector<Block> blocks_;
  std::uint64_t output_size_ = 0, bit_end_ = 0, block_memory_ = 0;
};

} // namespace packscope::trace
