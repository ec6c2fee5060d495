// Bulk inflation of any bytes into any announced size: a named fault, or exactly what the symbols make.
#include "deflate/zlib_stream.h"
#include "deflate/inflate.h"
#include "deflate/symbols.h"
#include "fuzz.h"

#include <vector>

using namespace packscope;
using namespace packscope::deflate;
using fuzz::require;

// The first two bytes are the announced size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::vector<std::uint8_t> text(load_le<std::uint16_t>(data));
  const Bytes input = Bytes(data, size).subspan(2);
  static Inflater inflater;
  std::size_t consumed = 0;
  const Fault fault = inflater.zlib(input, text, consumed);
  ZlibHeader header;
  if (fault != Fault::none) {
    require(fault != Fault::zlib_header || read_zlib_header(input, header) == fault,
            "a header fault is the header's");
    return 0;
  }
  require(read_zlib_header(input, header) == Fault::none, "an accepted stream has a header");
  require(consumed >= 2 + kZlibTrailerBytes && consumed <= input.size(), "consumed is inside the input");
  SymbolReader reader(input, kZlibHeaderBits);
  Symbol symbol;
  std::vector<std::uint8_t> ours(text.size());
  for (SymbolReader::Step step; (step = reader.next(symbol)) < SymbolReader::Step::end;)
    if (step == SymbolReader::Step::symbol && !apply(symbol, input, ours)) break;
  // libdeflate accepts a little more than zlib (see inflate.h).
  if (reader.fault() != Fault::none) return 0;
  require(ours == text && zlib_stream_bytes(reader.position()) == consumed, "the symbols make the same text");
  return 0;
}
