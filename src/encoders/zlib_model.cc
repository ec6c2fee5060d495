// From cheap to dear: header, symbols a block, trees, then the search of each level that is left. Where stored blocks hide
// tokens, each level that is left chooses its own, and the blocks that it would make of them are compared.
//
// FLEVEL (deflate.c): 0: level 0 or 1, or Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED; 1: 2–5; 2: 6; 3: 7–9. A block ends when
// 2^(memLevel + 6) - 1 symbols are in it, the last one where the text does.
#include "encoders/zlib_model.h"

#include "encoders/zlib_trees.h"

#include <algorithm>

namespace packscope::encoders {
namespace {

using Mask = unsigned; // bit m: memory level m

constexpr Mask kAllMemLevels = 0x3fe;
constexpr std::uint32_t limit_of(unsigned mem_level) { return (1u << (mem_level + 6)) - 1; }

// Memory levels that would have ended the blocks where they end; a stored block's symbols are not known.
// `lazy`: deflate_slow's last literal, which comes after its loop, may fill a block without ending it.
Mask mem_levels_of(const ParsedStream& parsed, bool lazy) {
  Mask left = 0;
  for (unsigned mem_level = 1; mem_level <= 9; ++mem_level) {
    const std::uint32_t limit = limit_of(mem_level);
    bool fits = true;
    for (std::size_t i = 0; fits && i < parsed.blocks.size(); ++i) {
      const Block& block = parsed.blocks[i];
      const bool last = i + 1 == parsed.blocks.size();
      if (block.header.type == deflate::BlockType::stored) {
        // A symbol takes six bytes at most (15 + 5 bits of length, 15 + 13 of distance), and all together more than the text does.
        const std::uint64_t bytes = block.text_end - block.text_begin;
        fits = bytes / 6 <= limit && (last || bytes >= limit);
        continue;
      }
      const bool by_literal = last && lazy && block.tokens > 0 && parsed.tokens.back().distance == 0;
      fits = last ? block.tokens < limit || (by_literal && block.tokens == limit) : block.tokens == limit;
      // Where a literal may fill it without ending it, it does not end there either.
      if (last && lazy && block.tokens == 0 && parsed.blocks.size() > 1 && !parsed.tokens.empty())
        fits = fits && (parsed.stored || parsed.tokens.back().distance != 0);
    }
    if (fits) left |= 1u << mem_level;
  }
  return left;
}

void add(VariantSet& set, unsigned level, Strategy strategy, Mask mem_levels) {
  for (unsigned mem_level = 1; mem_level <= 9; ++mem_level)
    if (mem_levels >> mem_level & 1)
      set.add({.level = static_cast<std::uint8_t>(level), .mem_level = static_cast<std::uint8_t>(mem_level), .strategy = strategy});
}

// What zlib writes for the stream's own tokens, block by block; empty: not this.
std::vector<Writes> writes_blocks(const ParsedStream& parsed, bool fixed) {
  std::vector<Writes> all;
  for (const Block& block : parsed.blocks) {
    const std::span<const Token> tokens = std::span(parsed.tokens).subspan(block.first, block.tokens);
    all.push_back(zlib_writes_block(parsed, block.header, {tokens, block.text_begin, block.text_end}, fixed));
    if (all.back() == Writes::no) return {};
  }
  return all;
}

bool in_loop(const ParsedStream& parsed, const std::vector<Writes>& writes, Loop loop) {
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (writes[i] == Writes::yes) continue;
    const Block& block = parsed.blocks[i];
    const Token* last = block.header.final ? nullptr : &parsed.tokens[block.first + block.tokens - 1];
    if (kept_in_window(parsed, loop, block.text_begin, block.text_end, last) != (writes[i] == Writes::if_kept)) return false;
  }
  return !writes.empty();
}

// The same of tokens that a level chose for the text.
bool writes_blocks(const ParsedStream& parsed, std::span<const Token> tokens, unsigned mem_level, Loop loop, bool fixed) {
  const std::uint32_t limit = limit_of(mem_level);
  TextBlock own = {.tokens = {}, .begin = 0, .end = 0};
  for (const Block& theirs : parsed.blocks) {
    own.begin = own.end;
    own.tokens = tokens.first(std::min<std::size_t>(tokens.size(), limit));
    tokens = tokens.subspan(own.tokens.size());
    for (const Token token : own.tokens) own.end += token.length;
    const bool last = own.tokens.size() < limit || (loop == Loop::slow && tokens.empty() && own.tokens.back().distance == 0);
    if (theirs.header.final != last || theirs.text_begin != own.begin || theirs.text_end != own.end) return false;
    if (theirs.header.type != deflate::BlockType::stored && !std::ranges::equal(own.tokens, std::span(parsed.tokens).subspan(theirs.first, theirs.tokens)))
      return false;
    const Writes writes = zlib_writes_block(parsed, theirs.header, own, fixed);
    if (writes == Writes::no) return false;
    if (writes == Writes::yes) continue;
    if (kept_in_window(parsed, loop, own.begin, own.end, last ? nullptr : &own.tokens.back()) != (writes == Writes::if_kept)) return false;
  }
  return tokens.empty();
}

// FLEVEL's levels under the strategies that search.
constexpr unsigned kFirst[] = {1, 2, 6, 7}, kLast[] = {1, 5, 6, 9};
// Most used first: what it finds may settle the others.
constexpr unsigned kMemoryLevels[] = {8, 9, 7, 6, 5, 4, 3, 2, 1};

constexpr bool lazy(unsigned level) { return level >= 4; }
constexpr Loop loop_of(unsigned level) { return lazy(level) ? Loop::slow : Loop::fast; }

} // namespace

VariantSet ZlibModel::possible(const ParsedStream& parsed) {
  VariantSet set;
  if (parsed.header.window_bits < 9) return set; // deflateInit2() makes 8 a 9
  const Mask greedy = mem_levels_of(parsed, false), by_lazy = mem_levels_of(parsed, true);
  const auto mem_levels = [&](unsigned level) { return lazy(level) ? by_lazy : greedy; };
  const bool all_stored = std::ranges::all_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::stored; });
  const bool dynamic = std::ranges::any_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::dynamic; });
  const unsigned hint = parsed.header.level_hint;
  for (unsigned level = kFirst[hint]; level <= kLast[hint]; ++level) {
    add(set, level, Strategy::standard, mem_levels(level));
    add(set, level, Strategy::filtered, mem_levels(level));
  }
  if (hint != 0) return set;
  for (unsigned level = 1; level <= 9; ++level) {
    add(set, level, Strategy::huffman_only, greedy);
    add(set, level, Strategy::rle, greedy);
    if (!dynamic) add(set, level, Strategy::fixed, mem_levels(level));
  }
  if (all_stored)
    for (const Strategy strategy : {Strategy::standard, Strategy::filtered, Strategy::huffman_only, Strategy::rle, Strategy::fixed})
      add(set, 0, strategy, kAllMemLevels);
  return set;
}

// The memory levels at which the level chooses the stream's tokens. `short_match`: did any of them see what Z_FILTERED would not?
ZlibModel::Mask ZlibModel::told(const ParsedStream& parsed, unsigned level, bool filtered, Mask mem_levels, bool& short_match) {
  short_match = false;
  Mask same = 0;
  for (const unsigned mem_level : kMemoryLevels) {
    if ((mem_levels >> mem_level & 1) == 0) continue;
    const ZlibSearch::Found found = search_.chooses(parsed, level, mem_level, filtered, mem_levels);
    short_match |= found.short_match;
    if (found.same) same |= found.alike | 1u << mem_level;
    mem_levels &= ~(found.alike | 1u << mem_level);
  }
  return same;
}

VariantSet ZlibModel::writers_of_tokens(const ParsedStream& parsed) {
  VariantSet set;
  const unsigned hint = parsed.header.level_hint;
  const Mask greedy = mem_levels_of(parsed, false), by_lazy = mem_levels_of(parsed, true);
  const auto mem_levels = [&](unsigned level) { return lazy(level) ? by_lazy : greedy; };
  const std::vector<Writes> usual = writes_blocks(parsed, false);
  const bool all_fixed = std::ranges::all_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::fixed; });
  const std::vector<Writes> fixed = hint == 0 && all_fixed ? writes_blocks(parsed, true) : std::vector<Writes>();
  if (usual.empty() && fixed.empty()) return set;
  const bool short_match = std::ranges::any_of(parsed.tokens, [](Token token) { return token.distance != 0 && token.length <= 5; });

  for (unsigned level = kFirst[hint]; level <= (fixed.empty() ? kLast[hint] : 9); ++level) {
    const bool as_fixed = in_loop(parsed, fixed, loop_of(level)), as_usual = level <= kLast[hint] && in_loop(parsed, usual, loop_of(level));
    if (!as_usual && !as_fixed) continue;
    bool met = false, unused = false;
    const Mask found = told(parsed, level, false, mem_levels(level), met);
    if (as_fixed) add(set, level, Strategy::fixed, found);
    if (!as_usual) continue;
    add(set, level, Strategy::standard, found);
    // deflate_fast takes every match, filtered or not; deflate_slow takes none of up to five bytes then.
    // Where there was none, the two do the same.
    if (!lazy(level) || !met) add(set, level, Strategy::filtered, found);
    else if (!short_match) add(set, level, Strategy::filtered, told(parsed, level, true, mem_levels(level), unused));
  }
  if (hint != 0) return set;
  huffman_only_tokens(parsed.text(), tokens_);
  const bool huffman = tokens_ == parsed.tokens && in_loop(parsed, usual, Loop::huffman);
  rle_tokens(parsed.text(), tokens_);
  const bool rle = tokens_ == parsed.tokens && in_loop(parsed, usual, Loop::rle);
  for (unsigned level = 1; level <= 9; ++level) {
    if (huffman) add(set, level, Strategy::huffman_only, greedy);
    if (rle) add(set, level, Strategy::rle, greedy);
  }
  return set;
}

VariantSet ZlibModel::writers_of_text(const ParsedStream& parsed) {
  VariantSet set;
  const unsigned hint = parsed.header.level_hint;
  const bool dynamic = std::ranges::any_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::dynamic; });
  const Mask greedy = mem_levels_of(parsed, false), by_lazy = mem_levels_of(parsed, true);
  const auto blocks = [&](std::span<const Token> tokens, Mask mem_levels, Loop loop, bool fixed) {
    Mask same = 0;
    std::optional<bool> in_one; // the same for all memory levels that all tokens fit into
    for (const unsigned mem_level : kMemoryLevels) {
      if ((mem_levels >> mem_level & 1) == 0) continue;
      const bool fits = tokens.size() < limit_of(mem_level);
      if (!fits || !in_one) {
        const bool own = writes_blocks(parsed, tokens, mem_level, loop, fixed);
        if (fits) in_one = own;
        if (own) same |= 1u << mem_level;
      } else if (*in_one) {
        same |= 1u << mem_level;
      }
    }
    return same;
  };

  for (unsigned level = kFirst[hint]; level <= (hint == 0 && !dynamic ? 9 : kLast[hint]); ++level)
    for (const bool filtered : {false, true}) {
      if (filtered && level > kLast[hint]) break;
      Mask left = lazy(level) ? by_lazy : greedy;
      const auto take = [&](std::span<const Token> tokens, Mask mem_levels) {
        if (level <= kLast[hint]) add(set, level, filtered ? Strategy::filtered : Strategy::standard, blocks(tokens, mem_levels, loop_of(level), false));
        if (hint == 0 && !dynamic && !filtered) add(set, level, Strategy::fixed, blocks(tokens, mem_levels, loop_of(level), true));
      };
      for (const unsigned mem_level : kMemoryLevels) {
        if ((left >> mem_level & 1) == 0) continue;
        const Mask own = search_.choose(parsed, level, mem_level, filtered, left, tokens_).alike | 1u << mem_level;
        take(tokens_, own);
        left &= ~own;
      }
    }
  if (hint != 0) return set;
  huffman_only_tokens(parsed.text(), tokens_);
  const Mask huffman = blocks(tokens_, greedy, Loop::huffman, false);
  rle_tokens(parsed.text(), tokens_);
  const Mask rle = blocks(tokens_, greedy, Loop::rle, false);
  for (unsigned level = 1; level <= 9; ++level) {
    add(set, level, Strategy::huffman_only, huffman);
    add(set, level, Strategy::rle, rle);
  }
  return set;
}

VariantSet ZlibModel::writers(const ParsedStream& parsed) {
  if (possible(parsed).empty()) return {};
  return parsed.stored ? writers_of_text(parsed) : writers_of_tokens(parsed);
}

} // namespace packscope::encoders
