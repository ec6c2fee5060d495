// The variants of zlib that write a stream, told from its tokens and blocks without running zlib.
#pragma once

#include "encoders/variant.h"
#include "encoders/zlib_search.h"

namespace packscope::encoders {

class ZlibModel { // one per thread
public:
  // Those that a stream's header and blocks leave: cheap, and never wrongly without one. For streams with stored blocks too.
  static VariantSet possible(const ParsedStream& parsed);
  // Exactly those that write it. Not for streams with stored blocks (their tokens are unknown) or unclean ones.
  VariantSet writers(const ParsedStream& parsed);

private:
  void search(const ParsedStream& parsed, unsigned level, bool filtered, unsigned mem_levels, unsigned found[10]);

  ZlibSearch search_;
};

} // namespace packscope::encoders
