// libdeflate does the work; where it refuses, the stream is walked once more to name the fault.
#include "deflate/inflate.h"

#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"

#include <libdeflate.h>

#include <new>

namespace packscope::deflate {
namespace {

// Why libdeflate refused: it doesn't tell a truncated stream from a wrong code or a wrong checksum, and may
// take the zeros that it imagines behind the input for an end of block. Never costs more than the announced
// size.
Fault diagnose(Bytes input, std::uint64_t output_size) {
  ZlibHeader header;
  if (const Fault fault = read_zlib_header(input, header); fault != Fault::none) return fault;
  SymbolReader reader(input, kZlibHeaderBits);
  Symbol symbol;
  for (;;) {
    const SymbolReader::Step step = reader.next(symbol);
    if (step == SymbolReader::Step::fault) return reader.fault();
    if (step == SymbolReader::Step::end) break;
    if (reader.produced() > output_size) return Fault::size;
  }
  if (reader.produced() != output_size) return Fault::size;
  return zlib_stream_bytes(reader.position()) > input.size() ? Fault::truncated : Fault::adler32;
}

} // namespace

Inflater::Inflater() : state_(libdeflate_alloc_decompressor()), fixed_(libdeflate_alloc_decompressor()) {
  if (!state_ || !fixed_) throw std::bad_alloc();
}
Inflater::~Inflater() = default;
void Inflater::Free::operator()(libdeflate_decompressor* state) const {
  libdeflate_free_decompressor(state);
}

Fault Inflater::zlib(Bytes input, std::span<std::uint8_t> output, std::size_t& consumed, std::size_t slack) {
  // A span may hold a null pointer, which memcpy inside must not see.
  std::uint8_t nothing = 0;
  if (output.data() == nullptr) slack = 0;
  std::uint8_t* to = output.data() == nullptr ? &nothing : output.data();
  const std::uint8_t* from = input.empty() ? &nothing : input.data();
  std::size_t made = 0;
  // Half of a pack's streams are a single fixed block. libdeflate makes that code's tables when it meets one, and keeps
  // them until the next dynamic block, as most of the other half are.
  const bool fixed = input.size() > kZlibHeaderBits / 8 && (input[kZlibHeaderBits / 8] >> 1 & 3) == 1;
  const libdeflate_result result =
      libdeflate_zlib_decompress_ex((fixed ? fixed_ : state_).get(), from, input.size(), to, output.size() + slack, &consumed, &made);
  if (result == LIBDEFLATE_SUCCESS && made == output.size()) return Fault::none;
  return result == LIBDEFLATE_SUCCESS ? Fault::size : diagnose(input, output.size());
}

} // namespace packscope::deflate
