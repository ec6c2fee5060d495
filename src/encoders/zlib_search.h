// Which tokens zlib's search for matches chooses: deflate.c's deflate_fast, deflate_slow, deflate_rle and deflate_huff, told
// what the stream says and stopped where they would have said something else.
//
// The idea: nothing is encoded. A level is excluded by the first token it would not have chosen, most of them within a few
// hundred bytes, and one that chooses all of them writes the same bits (zlib_trees.h). One search answers for most memory levels.
#pragma once

#include "encoders/parsed_stream.h"

#include <vector>

namespace packscope::encoders {

// deflate.c's loops. They differ in when they fill the window, and so in what it still holds.
enum class Loop : std::uint8_t { fast, slow, rle, huffman };

// Is the text of a block, [begin, end), whole in the window when the block is written? `last`: its last token; null: it is the
// stream's last block.
bool kept_in_window(const ParsedStream& parsed, Loop loop, std::uint64_t begin, std::uint64_t end, const Token* last);

class ZlibSearch { // one per thread; its tables are kept from call to call
public:
  ZlibSearch();

  // Masks: bit m is memory level m.
  struct Found {
    bool same = false;
    bool short_match = false; // a match of up to five bytes was met, taken or not: what Z_FILTERED would not see
    unsigned alike = 0;       // memory levels that certainly choose the same: of those asked for
  };
  // Levels 1–9 under the default strategy (and Z_FIXED) or Z_FILTERED. Of parsed streams without stored blocks.
  // `others`: memory levels that are to be judged on the way.
  Found chooses(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, unsigned others);
  // The same without being told: `tokens` becomes what the level chooses for the text. `same` says nothing.
  Found choose(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, unsigned others, std::vector<Token>& tokens);

private:
  struct Tuning;
  // How memory levels differ: strings of one hash make a chain, of which no more than so many are looked at. With fewer bits of
  // hash other strings are among them, and count. So each string gets its number in its chain, for each memory level: what one
  // of them looks at, the others look at too if its number is near enough.
  struct Numbers {
    unsigned mem_level = 0, shift = 0;
    std::uint32_t mask = 0;
    std::vector<std::uint16_t> next, number; // by hash; by place in the window: differences of less than 2^15 count
    bool alike = false;
  };
  template <class Say> struct Run;
  template <class Say> static bool slow(Run<Say>& run);
  template <class Say> static bool fast(Run<Say>& run);
  template <class Say> Found run(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, unsigned others, Say say);

  std::vector<std::uint32_t> head_, previous_; // global positions: those of this run lie above base_
  std::array<Numbers, 10> numbers_;            // by memory level
  std::uint32_t base_ = 1;
};

// Z_RLE and Z_HUFFMAN_ONLY choose without searching: what they make of the text.
void rle_tokens(Bytes text, std::vector<Token>& tokens);
void huffman_only_tokens(Bytes text, std::vector<Token>& tokens);

} // namespace packscope::encoders
