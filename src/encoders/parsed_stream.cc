// libdeflate makes the text and checks it; the tokens are read without copying.
#include "encoders/parsed_stream.h"

#include "deflate/symbols.h"

namespace packscope::encoders {

using deflate::Fault;
using deflate::SymbolKind;

// 258 is symbol 285, or 284 with all its extra bits set, which no encoder writes. Where the two take equally many bits they
// cannot be told apart by what a symbol took: then the stream is not clean, and is not judged by a model.
static bool says_258_as_encoders_do(const deflate::Symbol& symbol, const deflate::BlockHeader& header) {
  if (header.literal[284] == 0) return header.literal[285] != 0;
  const unsigned log = static_cast<unsigned>(std::bit_width(symbol.distance - 1u));
  const unsigned code = log <= 2 ? symbol.distance - 1u : 2 * (log - 1) + ((symbol.distance - 1u) >> (log - 2) & 1);
  const unsigned back = header.distance[code] + (code < 4 ? 0 : (code - 2) / 2);
  return header.literal[284] + 5u != header.literal[285] && symbol.bit_end - symbol.bit_begin == header.literal[285] + back;
}

Fault StreamParser::parse(Bytes input, std::uint64_t inflated_size, ParsedStream& out) {
  if (const Fault fault = deflate::read_zlib_header(input, out.header); fault != Fault::none) return fault;
  constexpr std::size_t kSlack = deflate::Inflater::kSlack;
  out.size = inflated_size;
  if (out.bytes.size() < inflated_size + kSlack) out.bytes.resize(inflated_size + kSlack);
  std::size_t consumed = 0;
  if (const Fault fault = inflater_.zlib(input, {out.bytes.data(), inflated_size}, consumed, kSlack); fault != Fault::none) return fault;
  out.stream = input.first(consumed);
  out.tokens.clear();
  out.blocks.clear();
  out.stored = false;
  out.clean = true;
  deflate::SymbolReader reader(out.stream, deflate::kZlibHeaderBits);
  deflate::Symbol symbol;
  const auto close = [&] {
    if (out.blocks.empty()) return;
    Block& last = out.blocks.back();
    last.tokens = static_cast<std::uint32_t>(out.tokens.size()) - last.first;
    last.text_end = reader.produced();
  };
  for (;;) {
    switch (reader.next(symbol)) {
    case deflate::SymbolReader::Step::fault:
      return reader.fault();
    case deflate::SymbolReader::Step::block:
      close();
      out.blocks.push_back({.header = reader.block(), .first = static_cast<std::uint32_t>(out.tokens.size()), .text_begin = reader.produced()});
      if (reader.block().type == deflate::BlockType::stored) {
        out.stored = true;
        const std::uint64_t padding = reader.block().bit_begin + 3;
        if (padding % 8 != 0) out.clean &= out.stream[padding / 8] >> padding % 8 == 0;
      }
      break;
    case deflate::SymbolReader::Step::symbol:
      if (symbol.kind == SymbolKind::literal || symbol.kind == SymbolKind::match) out.tokens.push_back({symbol.length, symbol.distance});
      if (symbol.length == 258 && symbol.kind == SymbolKind::match) out.clean &= says_258_as_encoders_do(symbol, reader.block());
      break;
    case deflate::SymbolReader::Step::end: {
      close();
      const std::uint64_t end = reader.position();
      if (end % 8 != 0) out.clean &= out.stream[end / 8] >> end % 8 == 0;
      out.clean &= deflate::zlib_stream_bytes(end) == consumed;
      return Fault::none;
    }
    }
  }
}

} // namespace packscope::encoders
