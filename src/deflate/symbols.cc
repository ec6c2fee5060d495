// The symbol loop. One look into a table a literal, two a match; one refill and one comparison with the end
// of the input a symbol.
#include "deflate/symbols.h"

namespace packscope::deflate {
namespace {

struct FixedTables {
  std::array<CodeEntry, std::size_t{1} << kLiteralRoot> literal = {};
  std::array<CodeEntry, std::size_t{1} << kDistanceRoot> distance = {};

  constexpr FixedTables() {
    std::array<std::uint8_t, kLiteralSymbols> literal_lengths = {};
    std::array<std::uint8_t, kDistanceSymbols> distance_lengths = {};
    set_fixed_lengths(literal_lengths, distance_lengths);
    build_code_table(literal_lengths, kMeanings.literal.data(), kLiteralRoot, literal.data());
    build_code_table(distance_lengths, kMeanings.distance.data(), kDistanceRoot, distance.data());
  }
};
constexpr FixedTables kFixedTables;

} // namespace

// Bounds: the reader supplies zeros past the end, so a symbol is decoded first, without taking its bits, and
// counts only if `bits` of them were there. One refill suffices: a match is at most 15 + 5 + 15 + 13 = 48
// bits of the 56 held.
SymbolReader::Step SymbolReader::next(Symbol& symbol) {
  if (state_ != State::codes) [[unlikely]]
    return state_ == State::stored ? next_stored(symbol) : next_block();
  reader_.refill();
  const std::uint64_t word = reader_.peek_word();
  const std::uint64_t begin = reader_.position();
  const CodeEntry entry = look_up(literal_, kLiteralRoot, word);
  unsigned bits = total_bits(entry);
  Fault fault = Fault::none;
  symbol.bit_begin = begin;
  symbol.out_begin = out_;
  switch (kind(entry)) {
  case CodeKind::literal:
    symbol.kind = SymbolKind::literal;
    symbol.literal = static_cast<std::uint8_t>(value(entry));
    symbol.length = 1;
    symbol.distance = 0;
    break;
  case CodeKind::copy: {
    const std::uint64_t rest = word >> bits;
    const CodeEntry back = look_up(distance_, kDistanceRoot, rest);
    bits += total_bits(back);
    const unsigned distance = value_with_extra(back, rest);
    symbol.kind = SymbolKind::match;
    symbol.literal = 0;
    symbol.length = static_cast<std::uint16_t>(value_with_extra(entry, word));
    symbol.distance = static_cast<std::uint16_t>(distance);
    if (kind(back) == CodeKind::invalid)
      fault = Fault::symbol;
    else if (distance > out_)
      fault = Fault::distance;
    break;
  }
  case CodeKind::end:
    symbol.kind = SymbolKind::end_of_block;
    symbol.literal = 0;
    symbol.length = 0;
    symbol.distance = 0;
    break;
  default:
    fault = Fault::symbol;
    break;
  }
  const std::uint64_t end = begin + bits;
  if (end > reader_.size()) [[unlikely]]
    return fail(Fault::truncated);
  if (fault != Fault::none) [[unlikely]]
    return fail(fault);
  symbol.bit_end = end;
  reader_.consume(bits);
  out_ += symbol.length;
  if (symbol.kind == SymbolKind::end_of_block) state_ = header_.final ? State::end : State::header;
  return Step::symbol;
}

SymbolReader::Step SymbolReader::next_block() {
  if (state_ == State::end) return Step::end;
  if (state_ == State::fault) return Step::fault;
  if (const Fault fault = read_block_header(reader_, header_); fault != Fault::none) return fail(fault);
  state_ = header_.type == BlockType::stored ? State::stored : State::codes;
  if (header_.type == BlockType::fixed) {
    literal_ = kFixedTables.literal.data();
    distance_ = kFixedTables.distance.data();
  } else if (header_.type == BlockType::dynamic) {
    build_code_table({header_.literal.data(), header_.literal_lengths}, kMeanings.literal.data(),
                     kLiteralRoot, literal_table_.data());
    build_code_table({header_.distance.data(), header_.distance_lengths}, kMeanings.distance.data(),
                     kDistanceRoot, distance_table_.data());
    literal_ = literal_table_.data();
    distance_ = distance_table_.data();
  }
  return Step::block;
}

SymbolReader::Step SymbolReader::next_stored(Symbol& symbol) {
  const std::uint64_t begin = reader_.position(), end = begin + std::uint64_t{header_.stored_length} * 8;
  if (end > reader_.size()) return fail(Fault::truncated);
  symbol = {SymbolKind::stored, 0, header_.stored_length, 0, begin, end, out_};
  out_ += symbol.length;
  reader_ = BitReader(input_, end);
  state_ = header_.final ? State::end : State::header;
  return Step::symbol;
}

SymbolReader::Step SymbolReader::fail(Fault fault) {
  fault_ = fault;
  state_ = State::fault;
  return Step::fault;
}

bool apply(const Symbol& symbol, Bytes input, std::span<std::uint8_t> output) {
  if (symbol.out_begin > output.size() || symbol.length > output.size() - symbol.out_begin) return false;
  std::uint8_t* to = output.data() + symbol.out_begin;
  switch (symbol.kind) {
  case SymbolKind::literal:
    *to = symbol.literal;
    break;
  case SymbolKind::match: // byte by byte: the source may overlap what is being written
    for (unsigned i = 0; i < symbol.length; ++i) to[i] = to[static_cast<std::ptrdiff_t>(i) - symbol.distance];
    break;
  case SymbolKind::stored:
    for (unsigned i = 0; i < symbol.length; ++i) to[i] = input[symbol.bit_begin / 8 + i];
    break;
  case SymbolKind::end_of_block:
    break;
  }
  return true;
}

} // namespace packscope::deflate
