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

// deflate.c's loops. They differ in when they fill the window, and so in what it still holds.
enum class Loop : std::uint8_t { fast, slow, rle, huffman };

// Is the text of a block, [begin, end), whole in the window when the block is written? `last`: its last token; null: it is the
// stream's last block.
bool kept_in_window(const ParsedStream& parsed, Loop loop, std::uint64_t begin, std::uint64_t end, const Token* last);

class ZlibSearch { // one per thread; its tables are kept from call to call
public:
  ZlibSearch();

  struct Found {
    bool same = false;
    bool cut = false;       // a chain was longer than the level follows
    bool edge = false;      // a string was met just as far back as a match may reach: only the newest of a chain is taken there
    bool short_match = false; // a match of up to five bytes was met, taken or not: what Z_FILTERED would not see
    unsigned followed = 0;  // how long chains may be without being cut
  };
  // Levels 1–9 under the default strategy (and Z_FIXED) or Z_FILTERED. Of parsed streams without stored blocks.
  Found chooses(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered);
  // The same without being told: `tokens` becomes what the level chooses for the text. `same` says nothing.
  Found choose(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, std::vector<Token>& tokens);

  // Does a search at this memory level find what `found` did at `other`? True: certainly. The idea: strings of one hash make one
  // chain, and chains that are short enough to be followed to their end, or hold equal strings alone, are the same at every
  // memory level.
  bool alike(const ParsedStream& parsed, const Found& found, unsigned other, unsigned mem_level);

private:
  struct Tuning;
  template <class Say> struct Run;
  template <class Say> static bool slow(Run<Say>& run);
  template <class Say> static bool fast(Run<Say>& run);
  template <class Say> Found run(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, Say say);

  bool chains_plain(const ParsedStream& parsed, unsigned mem_level, unsigned most);

  std::vector<std::uint32_t> head_, previous_; // global positions: those of this run lie above base_
  std::vector<std::uint16_t> counts_;          // strings of a hash
  std::vector<std::uint32_t> strings_;         // one of them
  std::uint32_t base_ = 1;
};

// Z_RLE and Z_HUFFMAN_ONLY choose without searching: what they make of the text.
void rle_tokens(Bytes text, std::vector<Token>& tokens);
void huffman_only_tokens(Bytes text, std::vector<Token>& tokens);

} // namespace packscope::encoders
