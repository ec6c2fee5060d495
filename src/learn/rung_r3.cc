// Symbols as numbers. A stored block's run counts as one symbol without a character: its bytes are not looked at.
#include "learn/rung_r3.h"

#include "deflate/zlib_stream.h"

#include <bit>

namespace packscope::learn {
namespace {

using deflate::Symbol;
using deflate::SymbolKind;
using Step = deflate::SymbolReader::Step;

void put_symbol(const Symbol& symbol, std::span<float> out) {
  if (symbol.kind == SymbolKind::literal) {
    out[0] = 1.0f;
    for (unsigned bit = 0; bit < 8; ++bit) out[2 + bit] = static_cast<float>((symbol.literal >> bit) & 1);
  } else if (symbol.kind == SymbolKind::match) {
    out[1] = 1.0f;
    out[10] = static_cast<float>(symbol.length) / 258.0f;
    out[11] = static_cast<float>(std::bit_width(symbol.distance)) / 16.0f;
  }
}

void count_symbol(const Symbol& symbol, float weight, std::span<float> histogram) {
  if (symbol.kind == SymbolKind::literal) histogram[symbol.literal] += weight;
  if (symbol.kind != SymbolKind::match) return;
  // Lengths 3..258: classes 2..9 by width, one down; distances 1..32768: 16 widths, two a class.
  histogram[256 + std::bit_width(static_cast<unsigned>(symbol.length)) - 2] += weight;
  histogram[264 + (std::bit_width(static_cast<unsigned>(symbol.distance)) - 1) / 2] += weight;
}

} // namespace

deflate::Fault extract_symbols(Bytes zlib, std::size_t symbols, std::span<float> out) {
  for (std::size_t i = 0; i < kR3Width; ++i) out[i] = 0.0f;
  deflate::ZlibHeader container;
  if (const deflate::Fault fault = deflate::read_zlib_header(zlib, container); fault != deflate::Fault::none)
    return fault;
  const std::span<float> positions = out.subspan(kR2Width, kR3Positions * kR3PerSymbol);
  const std::span<float> histogram = out.subspan(kR2Width + positions.size(), kR3Histogram);
  const float weight = 1.0f / static_cast<float>(symbols);
  deflate::SymbolReader reader(zlib, deflate::kZlibHeaderBits);
  Symbol symbol;
  bool first_block = true;
  for (std::size_t seen = 0; seen < symbols;) {
    const Step step = reader.next(symbol);
    if (step == Step::end) break;
    if (step == Step::fault) return reader.fault();
    if (step == Step::block) {
      if (first_block) r2_from_header(reader.block(), out);
      first_block = false;
      continue;
    }
    if (symbol.kind == SymbolKind::end_of_block) continue;
    if (seen < kR3Positions) put_symbol(symbol, positions.subspan(seen * kR3PerSymbol, kR3PerSymbol));
    count_symbol(symbol, weight, histogram);
    ++seen;
  }
  return deflate::Fault::none;
}

} // namespace packscope::learn
