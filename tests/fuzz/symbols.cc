// A raw stream, by symbols and by zlib: the same verdict, the same text, the same end. Whatever is wrong,
// bits and output are contiguous up to there. Bulk inflation, given the text's size, accepts what both
// accept.
#include "deflate/symbols.h"
#include "deflate/inflate.h"
#include "deflate/zlib_stream.h"
#include "fuzz.h"

#include <zlib.h>

#include <vector>

using namespace packscope;
using namespace packscope::deflate;
using fuzz::require;

namespace {
constexpr std::size_t kMost = std::size_t{1} << 16; // of output; more is not looked at

// Z_STREAM_END, Z_DATA_ERROR, or Z_BUF_ERROR where the input or the output ends first.
int inflate_raw(Bytes input, std::vector<std::uint8_t>& output, std::size_t& consumed) {
  z_stream stream = {};
  require(inflateInit2(&stream, -15) == Z_OK, "zlib starts");
  stream.next_in = const_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = output.data();
  stream.avail_out = static_cast<uInt>(output.size());
  const int status = inflate(&stream, Z_FINISH);
  consumed = stream.total_in;
  output.resize(stream.total_out);
  inflateEnd(&stream);
  return status;
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  std::vector<std::uint8_t> text(kMost), expected(kMost);
  SymbolReader reader(input);
  Symbol symbol;
  std::uint64_t bit = 0, out = 0;
  SymbolReader::Step step;
  while ((step = reader.next(symbol)) < SymbolReader::Step::end) {
    if (step == SymbolReader::Step::block) {
      require(reader.block().bit_begin == bit, "a block begins where the last one ended");
      bit = reader.block().bit_end;
      continue;
    }
    require(symbol.bit_begin == bit && symbol.out_begin == out, "a symbol begins where the last one ended");
    require(symbol.bit_end <= size * 8, "a symbol is inside the input");
    if (!apply(symbol, input, text)) return 0; // more text than we look at
    bit = symbol.bit_end;
    out += symbol.length;
  }
  text.resize(out);
  require(reader.produced() == out && reader.position() <= size * 8, "the reader knows where it is");

  std::size_t consumed = 0;
  const int status = inflate_raw(input, expected, consumed);
  require((status == Z_STREAM_END) == (step == SymbolReader::Step::end), "zlib accepts what we accept");
  if (step != SymbolReader::Step::end) {
    // zlib hands out the part of a stored block that is there.
    require(expected.size() >= out && std::equal(text.begin(), text.end(), expected.begin()),
            "the same text up to the fault");
    return 0;
  }
  require(consumed == (reader.position() + 7) / 8, "zlib's stream ends where ours does");
  require(text == expected, "zlib's text is ours");

  std::vector<std::uint8_t> stream = {0x78, 0x9c};
  stream.insert(stream.end(), data, data + consumed);
  const uLong checksum = adler32(adler32(0, nullptr, 0), text.data(), static_cast<uInt>(text.size()));
  for (int shift = 24; shift >= 0; shift -= 8) stream.push_back(static_cast<std::uint8_t>(checksum >> shift));
  static Inflater inflater;
  std::size_t taken = 0;
  require(inflater.zlib(stream, expected, taken) == Fault::none, "libdeflate accepts it");
  require(taken == stream.size() && text == expected, "libdeflate's text is ours");
  return 0;
}
