// deflate.c of zlib (1.2.x and 1.3.x agree), its window unrolled over the whole text. What of the window shows:
// - its first position is 0, which is also "no string here": the text's first byte is never copied from;
// - matches reach back 2^w - 262 bytes, not 2^w;
// - the last bytes, fewer than three, are in no chain.
#include "encoders/zlib_search.h"

#include <algorithm>

namespace packscope::encoders {

struct ZlibSearch::Tuning { // configuration_table[level]
  unsigned good, lazy, nice, chain;
  bool slow;
};

namespace {

constexpr std::uint32_t kNoString = 0;
constexpr unsigned kLookahead = 262, kFar = 4096; // MIN_LOOKAHEAD, TOO_FAR

constexpr unsigned shift_of(unsigned hash_bits) { return (hash_bits + 2) / 3; }

} // namespace

struct ZlibSearch::Run {
  const std::uint8_t* text;
  std::uint32_t size;
  const Token *token, *end;
  const Tuning& tuning;
  bool filtered;
  unsigned hash_shift;
  std::uint32_t hash_mask, window_mask, reach, base;
  std::uint32_t *head, *previous;
  bool cut = false, quartered = false;
  std::uint32_t match_start = 0; // global

  // INSERT_STRING: what was there before.
  std::uint32_t insert(std::uint32_t at) {
    const std::uint8_t* c = text + at;
    const std::uint32_t hash = (static_cast<std::uint32_t>(c[0]) << 2 * hash_shift ^ static_cast<std::uint32_t>(c[1]) << hash_shift ^ c[2]) & hash_mask;
    const std::uint32_t before = head[hash], own = base + at;
    previous[own & window_mask] = before;
    head[hash] = own;
    return before > base ? before : kNoString;
  }
  bool in_reach(std::uint32_t candidate, std::uint32_t at) const { return candidate != kNoString && base + at - candidate <= reach; }

  // longest_match(): the length, `best` where none is longer.
  unsigned longest(std::uint32_t at, std::uint32_t candidate, unsigned best) {
    const unsigned ahead = std::min<std::uint32_t>(size - at, 65536);
    if (best >= ahead) return ahead;
    const std::uint32_t own = base + at, limit = own - base > reach ? own - reach : base;
    unsigned chain = tuning.chain;
    if (best >= tuning.good) {
      chain >>= 2;
      quartered = true;
    }
    const unsigned nice = std::min(tuning.nice, ahead), most = std::min(258u, ahead);
    const std::uint8_t* scan = text + at;
    std::uint16_t start = load_le<std::uint16_t>(scan), finish = load_le<std::uint16_t>(scan + best - 1);
    for (;;) {
      const std::uint8_t* match = text + (candidate - base);
      if (load_le<std::uint16_t>(match + best - 1) == finish && load_le<std::uint16_t>(match) == start) {
        unsigned length = 2;
        for (;;) {
          const std::uint64_t differ = load_le<std::uint64_t>(scan + length) ^ load_le<std::uint64_t>(match + length);
          if (differ != 0) {
            length += static_cast<unsigned>(std::countr_zero(differ)) / 8;
            break;
          }
          length += 8;
          if (length >= most) break;
        }
        length = std::min(length, most);
        if (length > best) {
          match_start = candidate;
          best = length;
          if (length >= nice) break;
          finish = load_le<std::uint16_t>(scan + best - 1);
        }
      }
      candidate = previous[candidate & window_mask];
      if (candidate <= limit) break;
      if (--chain == 0) {
        cut = true;
        break;
      }
    }
    return std::min(best, ahead);
  }

  bool says(std::uint32_t length, std::uint32_t distance) {
    if (token == end || token->length != length || token->distance != distance) return false;
    ++token;
    return true;
  }
};

ZlibSearch::ZlibSearch() : head_(std::size_t{1} << 16), previous_(std::size_t{1} << 15), counts_(std::size_t{1} << 13) {}

// Lazily: a match is taken if the next position has no longer one.
bool ZlibSearch::slow(Run& run) {
  bool waiting = false; // match_available: the byte before is in no token yet
  unsigned length = 2;
  for (std::uint32_t at = 0; at < run.size;) {
    std::uint32_t head = kNoString;
    if (run.size - at >= 3) head = run.insert(at);
    const unsigned before = length;
    const std::uint32_t before_start = run.match_start;
    length = 2;
    if (before < run.tuning.lazy && run.in_reach(head, at)) {
      length = run.longest(at, head, before);
      if (length <= 5 && (run.filtered || (length == 3 && run.base + at - run.match_start > kFar))) length = 2;
    }
    if (before >= 3 && length <= before) {
      if (!run.says(before, run.base + at - 1 - before_start)) return false;
      const std::uint32_t end = at + before - 1;
      for (++at; at < end; ++at)
        if (run.size - at >= 3) run.insert(at);
      waiting = false;
      length = 2;
    } else {
      if (waiting && !run.says(1, 0)) return false;
      waiting = true;
      ++at;
    }
  }
  return (!waiting || run.says(1, 0)) && run.token == run.end;
}

bool ZlibSearch::fast(Run& run) {
  for (std::uint32_t at = 0; at < run.size;) {
    std::uint32_t head = kNoString;
    if (run.size - at >= 3) head = run.insert(at);
    unsigned length = 2;
    if (run.in_reach(head, at)) length = run.longest(at, head, 2);
    if (length < 3) {
      if (!run.says(1, 0)) return false;
      ++at;
      continue;
    }
    if (!run.says(length, run.base + at - run.match_start)) return false;
    const std::uint32_t end = at + length;
    if (length <= run.tuning.lazy && run.size - end >= 3)
      for (++at; at < end; ++at) run.insert(at);
    at = end;
  }
  return run.token == run.end;
}

ZlibSearch::Found ZlibSearch::chooses(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered) {
  static constexpr Tuning kTuning[10] = {{0, 0, 0, 0, false},      {4, 4, 8, 4, false},        {4, 5, 16, 8, false},   {4, 6, 32, 32, false},
                                         {4, 4, 16, 16, true},     {8, 16, 32, 32, true},      {8, 16, 128, 128, true}, {8, 32, 128, 256, true},
                                         {32, 128, 258, 1024, true}, {32, 258, 258, 4096, true}};
  const std::uint32_t size = static_cast<std::uint32_t>(parsed.size);
  if (base_ > UINT32_MAX - size - 1) {
    std::ranges::fill(head_, kNoString);
    base_ = 1;
  }
  const unsigned hash_bits = mem_level + 7;
  const std::uint32_t window = 1u << parsed.header.window_bits;
  Run run{.text = parsed.bytes.data(), .size = size, .token = parsed.tokens.data(), .end = parsed.tokens.data() + parsed.tokens.size(),
          .tuning = kTuning[level], .filtered = filtered, .hash_shift = shift_of(hash_bits), .hash_mask = (1u << hash_bits) - 1,
          .window_mask = window - 1, .reach = window - kLookahead, .base = base_, .head = head_.data(), .previous = previous_.data()};
  const bool same = run.tuning.slow ? slow(run) : fast(run);
  base_ += size + 1;
  return {.same = same, .cut = run.cut, .followed = run.quartered ? run.tuning.chain / 4 : run.tuning.chain};
}

// Chains are no longer than there are strings of one hash. Of the hash no more than 13 bits are looked at: strings that share
// all of its bits share those.
bool ZlibSearch::chains_within(const ParsedStream& parsed, unsigned mem_level, unsigned most) {
  if (parsed.size < 3 || parsed.size - 2 <= most) return true;
  if (parsed.size > 4096) return false; // hardly ever, and a count takes as long as a search then
  const unsigned shift = shift_of(mem_level + 7), mask = (1u << std::min(13u, mem_level + 7)) - 1;
  std::fill_n(counts_.begin(), mask + 1, std::uint16_t{0});
  for (std::uint32_t at = 0; at + 2 < parsed.size; ++at) {
    const std::uint8_t* c = parsed.bytes.data() + at;
    const unsigned hash = (static_cast<unsigned>(c[0]) << 2 * shift ^ static_cast<unsigned>(c[1]) << shift ^ c[2]) & mask;
    if (++counts_[hash] > most) return false;
  }
  return true;
}

bool rle_chooses(const ParsedStream& parsed) {
  const Bytes text = parsed.text();
  std::uint64_t at = 0;
  for (const Token token : parsed.tokens) {
    std::uint64_t length = 0;
    if (at > 0 && text.size() - at >= 3)
      while (length < 258 && at + length < text.size() && text[at + length] == text[at - 1]) ++length;
    const bool match = length >= 3;
    if (token != (match ? Token{static_cast<std::uint16_t>(length), 1} : Token{1, 0})) return false;
    at += token.length;
  }
  return true;
}

bool huffman_only_chooses(const ParsedStream& parsed) {
  return std::ranges::all_of(parsed.tokens, [](Token token) { return token.distance == 0; });
}

} // namespace packscope::encoders
