// The variants of zlib that write a stream, told from its tokens and blocks without running zlib.
#pragma once

#include "encoders/variant.h"
#include "encoders/zlib_search.h"

namespace packscope::encoders {

class ZlibModel { // one per thread
public:
  // Those that a stream's header and blocks leave: cheap, and never wrongly without one.
  static VariantSet possible(const ParsedStream& parsed);
  // Exactly those of levels 1–9 that write it. Not for unclean streams. (Level 0 searches nothing; it cuts where its caller's
  // buffers end.)
  VariantSet writers(const ParsedStream& parsed);

private:
  using Mask = unsigned; // bit m: memory level m
  Mask told(const ParsedStream& parsed, unsigned level, bool filtered, Mask mem_levels, bool& short_match);
  VariantSet writers_of_tokens(const ParsedStream& parsed);
  VariantSet writers_of_text(const ParsedStream& parsed);

  ZlibSearch search_;
  std::vector<Token> tokens_;
};

} // namespace packscope::encoders
