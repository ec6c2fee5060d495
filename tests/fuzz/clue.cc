// A stream's clues, against the whole decoder: as long as that finds no fault, neither do they.
#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"
#include "fuzz.h"
#include "lattice/clue.h"

using namespace packscope;
using namespace packscope::lattice;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  Clues clues, again;
  const deflate::Fault fault = read_clues(bytes, clues);
  require(read_clues(bytes, again) == fault && again.key == clues.key && again.present == clues.present && again.inner == clues.inner && again.profile == clues.profile, "clues follow from the stream");
  deflate::ZlibHeader header;
  if (deflate::read_zlib_header(bytes, header) != deflate::Fault::none) return require(fault != deflate::Fault::none, "a bad header is a fault"), 0;
  deflate::SymbolReader reader(bytes, deflate::kZlibHeaderBits);
  deflate::Symbol symbol;
  std::uint64_t symbols = 0;
  bool stored = false; // a stored block was begun: its bytes are symbols, also where it is cut short
  for (;;) {
    const deflate::SymbolReader::Step step = reader.next(symbol);
    if (stored && step == deflate::SymbolReader::Step::fault) symbols += (size * 8 - reader.position()) / 8;
    stored = step == deflate::SymbolReader::Step::block && reader.block().type == deflate::BlockType::stored;
    if (step == deflate::SymbolReader::Step::end) return require(fault == deflate::Fault::none, "a good stream has no fault"), 0;
    // A match that reaches too far back is nobody's business here: nothing is copied.
    if (step == deflate::SymbolReader::Step::fault)
      return require(symbols >= 16 || fault != deflate::Fault::none || reader.fault() == deflate::Fault::distance, "a fault among the first symbols is seen"), 0;
    if (step == deflate::SymbolReader::Step::symbol && symbol.kind != deflate::SymbolKind::end_of_block)
      symbols += symbol.kind == deflate::SymbolKind::stored ? symbol.length : 1;
    if (symbols >= 16 && symbols < 5000) require(fault == deflate::Fault::none, "sixteen good symbols have no fault");
  }
}
