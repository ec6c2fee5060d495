// zlib-ng under its own names, beside zlib.
#include "encoders/zlib_encoder.h"

#include <zlib-ng.h>

namespace packscope::encoders {
namespace {

struct ZlibNg {
  using Stream = zng_stream;
  static int deflate_init(Stream* stream, int level, int window_bits, int mem_level, int strategy) {
    return zng_deflateInit2(stream, level, Z_DEFLATED, window_bits, mem_level, strategy);
  }
  static int deflate_reset(Stream* stream) { return zng_deflateReset(stream); }
  static int deflate_params(Stream* stream, int level, int strategy) { return zng_deflateParams(stream, level, strategy); }
  static int deflate(Stream* stream, int flush) { return zng_deflate(stream, flush); }
  static int deflate_end(Stream* stream) { return zng_deflateEnd(stream); }
  static int inflate_init(Stream* stream) { return zng_inflateInit(stream); }
  static int inflate_reset(Stream* stream) { return zng_inflateReset(stream); }
  static int inflate(Stream* stream, int flush) { return zng_inflate(stream, flush); }
  static int inflate_end(Stream* stream) { return zng_inflateEnd(stream); }
};

} // namespace

std::unique_ptr<Encoder> make_zlib_ng() { return std::make_unique<ZlibEncoder<ZlibNg>>(); }
std::string version_of_zlib_ng() { return zlibng_version(); }

} // namespace packscope::encoders
