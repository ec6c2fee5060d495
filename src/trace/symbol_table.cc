// Output byte → bits, compactly; see symbol_table.h.
#include "trace/symbol_table.h"

#include "deflate/zlib_stream.h"

#include <algorithm>

namespace packscope::trace {
namespace {

constexpr std::uint64_t kStride = 64;

// A symbol of a compressed block takes at most 15 + 5 + 15 + 13 = 48 bits and makes at most 258 bytes: 6 + 9 bits.
constexpr unsigned kLengthBits = 9;
std::uint16_t packed(const deflate::Symbol& symbol) {
  const std::uint64_t bits = symbol.bit_end - symbol.bit_begin;
  return static_cast<std::uint16_t>(bits << kLengthBits | symbol.length);
}
unsigned bits_in(std::uint16_t symbol) { return symbol >> kLengthBits; }
unsigned length_in(std::uint16_t symbol) { return symbol & ((1u << kLengthBits) - 1); }

} // namespace

std::expected<SymbolTable, SymbolTable::Failure> SymbolTable::build(Bytes zlib, std::uint64_t memory_limit) {
  SymbolTable table;
  deflate::ZlibHeader header;
  if (const deflate::Fault fault = deflate::read_zlib_header(zlib, header); fault != deflate::Fault::none)
    return std::unexpected(Failure{fault, 0});
  deflate::SymbolReader reader(zlib, deflate::kZlibHeaderBits);
  deflate::Symbol symbol;
  const auto close_block = [&table](std::uint64_t bit) {
    if (table.blocks_.empty()) return;
    table.blocks_.back().bit_end = bit;
    table.blocks_.back().out_end = table.output_size_;
  };
  for (;;) {
    switch (reader.next(symbol)) {
    case deflate::SymbolReader::Step::fault:
      return std::unexpected(Failure{reader.fault(), reader.position()});
    case deflate::SymbolReader::Step::end:
      close_block(table.bit_end_);
      return table;
    case deflate::SymbolReader::Step::block: {
      const deflate::BlockHeader& block = reader.block();
      close_block(block.bit_begin);
      const bool dynamic = block.type == deflate::BlockType::dynamic;
      const std::size_t literals = dynamic ? block.literal_lengths : 0;
      const std::size_t distances = dynamic ? block.distance_lengths : 0;
      table.blocks_.push_back(
          {block.type, block.final, block.bit_begin, block.bit_end, block.bit_end, table.output_size_,
           table.output_size_, 0, 0, {block.literal.begin(), block.literal.begin() + literals},
           {block.distance.begin(), block.distance.begin() + distances}});
      table.block_memory_ += sizeof(Block) + literals + distances;
      table.bit_end_ = block.bit_end;
      if (table.memory() > memory_limit) return std::unexpected(Failure{deflate::Fault::size, block.bit_begin});
      if (block.type != deflate::BlockType::stored)
        table.checkpoints_.push_back({table.output_size_, block.bit_end, table.symbols_.size(), false});
      break;
    }
    case deflate::SymbolReader::Step::symbol:
      table.add(symbol);
      if (table.memory() > memory_limit) return std::unexpected(Failure{deflate::Fault::size, symbol.bit_begin});
    }
  }
}

void SymbolTable::add(const deflate::Symbol& symbol) {
  Block& block = blocks_.back();
  bit_end_ = symbol.bit_end;
  switch (symbol.kind) {
  case deflate::SymbolKind::stored:
    if (symbol.length > 0) checkpoints_.push_back({output_size_, symbol.bit_begin, symbols_.size(), true});
    block.literals += symbol.length;
    break;
  case deflate::SymbolKind::end_of_block:
    break;
  case deflate::SymbolKind::literal:
  case deflate::SymbolKind::match:
    if (symbols_.size() - checkpoints_.back().symbol == kStride)
      checkpoints_.push_back({output_size_, symbol.bit_begin, symbols_.size(), false});
    symbols_.push_back(packed(symbol));
    ++(symbol.kind == deflate::SymbolKind::literal ? block.literals : block.matches);
    break;
  }
  output_size_ += symbol.length;
}

BitRange SymbolTable::bits_of(std::uint64_t begin, std::uint64_t end) const {
  // The last checkpoint at or before `begin`; an empty block's checkpoint shares its position with the next one's.
  auto at = std::upper_bound(checkpoints_.begin(), checkpoints_.end(), begin,
                             [](std::uint64_t out, const Checkpoint& point) { return out < point.out; }) - 1;
  BitRange range = {UINT64_MAX, 0, 0, 0};
  for (; at != checkpoints_.end() && at->out < end; ++at) {
    const auto after = at + 1;
    const std::uint64_t out_end = after == checkpoints_.end() ? output_size_ : after->out;
    if (at->stored) {
      const std::uint64_t first = std::max(begin, at->out), last = std::min(end, out_end);
      range.bit_begin = std::min(range.bit_begin, at->bit + (first - at->out) * 8);
      range.bit_end = at->bit + (last - at->out) * 8;
      range.literals += last - first;
      continue;
    }
    const std::uint64_t last = after == checkpoints_.end() ? symbols_.size() : after->symbol;
    std::uint64_t out = at->out, bit = at->bit;
    for (std::uint64_t i = at->symbol; i < last && out < end; ++i) {
      const unsigned length = length_in(symbols_[i]), bits = bits_in(symbols_[i]);
      if (out + length > begin) {
        range.bit_begin = std::min(range.bit_begin, bit);
        range.bit_end = bit + bits;
        ++(length == 1 ? range.literals : range.matches); // a match makes 3 bytes or more
      }
      out += length;
      bit += bits;
    }
  }
  return range;
}

} // namespace packscope::trace
