// Which tokens zlib's search for matches chooses: deflate.c's deflate_fast, deflate_slow, deflate_rle and deflate_huff, told
// what the stream says and stopped where they would have said something else.
//
// The idea: nothing is encoded. A level is excluded by the first token it would not have chosen, most of them within a few
// hundred bytes, and one that chooses all of them writes the same bits (zlib_trees.h). What the search depends on beyond the
// text, its chains being cut short, is reported: where they never were, every memory level finds the same.
#pragma once

#include "encoders/parsed_stream.h"

#include <vector>

namespace packscope::encoders {

class ZlibSearch { // one per thread; its tables are kept from call to call
public:
  ZlibSearch();

  struct Found {
    bool same = false;
    bool cut = false;       // a chain was longer than the level follows
    unsigned followed = 0;  // how long chains may be without being cut
  };
  // Levels 1–9 under the default strategy (and Z_FIXED) or Z_FILTERED. Of parsed streams without stored blocks.
  Found chooses(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered);

  // Could no chain of the text be longer than `most`, whatever the level, at this memory level? False: it might.
  bool chains_within(const ParsedStream& parsed, unsigned mem_level, unsigned most);

private:
  struct Tuning;
  struct Run;
  bool slow(Run& run);
  bool fast(Run& run);

  std::vector<std::uint32_t> head_, previous_; // global positions: those of this run lie above base_
  std::vector<std::uint16_t> counts_;
  std::uint32_t base_ = 1;
};

bool rle_chooses(const ParsedStream& parsed);
bool huffman_only_chooses(const ParsedStream& parsed);

} // namespace packscope::encoders
