// The two bytes before a DEFLATE stream.
#include "deflate/zlib_stream.h"

namespace packscope::deflate {

// CMF := CM:4 CINFO:4    FLG := FCHECK:5 FDICT:1 FLEVEL:2    (low bits first)
Fault read_zlib_header(Bytes input, ZlibHeader& header) {
  if (input.size() < kZlibHeaderBits / 8) return Fault::truncated;
  const unsigned cmf = input[0], flg = input[1];
  const bool deflate = (cmf & 15) == 8, window_fits = cmf >> 4 <= 7, dictionary = (flg & 0x20) != 0;
  if (!deflate || !window_fits || dictionary || (cmf << 8 | flg) % 31 != 0) return Fault::zlib_header;
  header.cmf_flg = static_cast<std::uint16_t>(cmf << 8 | flg);
  header.window_bits = static_cast<std::uint8_t>((cmf >> 4) + 8);
  header.level_hint = static_cast<std::uint8_t>(flg >> 6);
  return Fault::none;
}

} // namespace packscope::deflate
