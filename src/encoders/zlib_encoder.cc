// zlib, as linked.
#include "encoders/zlib_encoder.h"

#include <zlib.h>

namespace packscope::encoders {
namespace {

struct Zlib {
  using Stream = z_stream;
  static int deflate_init(Stream* stream, int level, int window_bits, int mem_level, int strategy) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, mem_level, strategy);
  }
  static int deflate_reset(Stream* stream) { return deflateReset(stream); }
  static int deflate_params(Stream* stream, int level, int strategy) { return deflateParams(stream, level, strategy); }
  static int deflate(Stream* stream, int flush) { return ::deflate(stream, flush); }
  static int deflate_end(Stream* stream) { return deflateEnd(stream); }
  static int inflate_init(Stream* stream) { return inflateInit(stream); }
  static int inflate_reset(Stream* stream) { return inflateReset(stream); }
  static int inflate(Stream* stream, int flush) { return ::inflate(stream, flush); }
  static int inflate_end(Stream* stream) { return inflateEnd(stream); }
};

} // namespace

std::unique_ptr<Encoder> make_zlib() { return std::make_unique<ZlibEncoder<Zlib>>(); }
std::string version_of_zlib() { return zlibVersion(); }

} // namespace packscope::encoders
