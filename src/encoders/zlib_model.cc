// From cheap to dear: header, symbols a block, trees, then the search of each level that is left.
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
        // At least a 258th of its bytes in symbols, at most all of them.
        const std::uint64_t bytes = block.text_end - block.text_begin;
        fits = last ? bytes / 258 <= limit : bytes >= limit;
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

bool blocks_written(const ParsedStream& parsed, bool fixed) {
  return std::ranges::all_of(parsed.blocks, [&](const Block& block) { return zlib_writes_block(parsed, block, fixed); });
}

constexpr bool lazy(unsigned level) { return level >= 4; }

} // namespace

VariantSet ZlibModel::possible(const ParsedStream& parsed) {
  VariantSet set;
  if (parsed.header.window_bits < 9) return set; // deflateInit2() makes 8 a 9
  const Mask greedy = mem_levels_of(parsed, false), by_lazy = mem_levels_of(parsed, true);
  const auto mem_levels = [&](unsigned level) { return lazy(level) ? by_lazy : greedy; };
  const bool stored = std::ranges::all_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::stored; });
  const bool dynamic = std::ranges::any_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::dynamic; });
  static constexpr unsigned kFirst[] = {1, 2, 6, 7}, kLast[] = {1, 5, 6, 9};
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
  if (stored)
    for (const Strategy strategy : {Strategy::standard, Strategy::filtered, Strategy::huffman_only, Strategy::rle, Strategy::fixed})
      add(set, 0, strategy, kAllMemLevels);
  return set;
}

// found[level] becomes the memory levels at which the level's search chooses the tokens.
void ZlibModel::search(const ParsedStream& parsed, unsigned level, bool filtered, Mask mem_levels, Mask found[10]) {
  found[level] = 0;
  // Most used first: what it finds may settle the others.
  static constexpr unsigned kOrder[] = {8, 9, 7, 6, 5, 4, 3, 2, 1};
  std::optional<ZlibSearch::Found> settled;
  for (const unsigned mem_level : kOrder) {
    if ((mem_levels >> mem_level & 1) == 0) continue;
    ZlibSearch::Found own;
    if (settled && search_.chains_within(parsed, mem_level, settled->followed)) {
      own = *settled;
    } else {
      own = search_.chooses(parsed, level, mem_level, filtered);
      // A search that was stopped early has not met all chains; but up to there none was cut, so that others stop there too.
      if (!own.cut && !settled) settled = own;
    }
    if (own.same) found[level] |= 1u << mem_level;
  }
}

VariantSet ZlibModel::writers(const ParsedStream& parsed) {
  const VariantSet left = possible(parsed);
  VariantSet set;
  if (left.empty()) return set;
  const Mask greedy = mem_levels_of(parsed, false), by_lazy = mem_levels_of(parsed, true);
  const auto mem_levels = [&](unsigned level) { return lazy(level) ? by_lazy : greedy; };
  const bool as_usual = blocks_written(parsed, false);
  const bool all_fixed = std::ranges::all_of(parsed.blocks, [](const Block& block) { return block.header.type == deflate::BlockType::fixed; });
  const bool as_fixed = parsed.header.level_hint == 0 && all_fixed && blocks_written(parsed, true);
  if (!as_usual && !as_fixed) return set;
  const bool short_match = std::ranges::any_of(parsed.tokens, [](Token token) { return token.distance != 0 && token.length <= 5; });

  Mask found[10] = {};
  static constexpr unsigned kFirst[] = {1, 2, 6, 7}, kLast[] = {1, 5, 6, 9};
  const unsigned hint = parsed.header.level_hint;
  const unsigned last = hint == 0 && as_fixed ? 9 : kLast[hint];
  for (unsigned level = kFirst[hint]; level <= last; ++level) {
    search(parsed, level, false, mem_levels(level), found);
    if (as_fixed) add(set, level, Strategy::fixed, found[level]);
    if (!as_usual || level > kLast[hint]) continue;
    add(set, level, Strategy::standard, found[level]);
    if (!lazy(level)) { // deflate_fast takes every match, filtered or not
      add(set, level, Strategy::filtered, found[level]);
    } else if (!short_match) {
      search(parsed, level, true, mem_levels(level), found);
      add(set, level, Strategy::filtered, found[level]);
    }
  }
  if (hint != 0 || !as_usual) return set;
  const bool huffman = huffman_only_chooses(parsed), rle = rle_chooses(parsed);
  for (unsigned level = 1; level <= 9; ++level) {
    if (huffman) add(set, level, Strategy::huffman_only, greedy);
    if (rle) add(set, level, Strategy::rle, greedy);
  }
  return set;
}

} // namespace packscope::encoders
