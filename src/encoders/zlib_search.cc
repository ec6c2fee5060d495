// deflate.c of zlib (1.2.x and 1.3.x agree), its window unrolled over the whole text. What of the window shows:
// - its first position is 0, which is also "no string here": the text's first byte is never copied from;
// - matches reach back 2^w - 262 bytes, not 2^w;
// - the last bytes, fewer than three, are in no chain;
// - it holds two windows' worth, of which the older half is given up when fill_window() finds the newer half nearly used up:
//   a block that began in it cannot be stored any more.
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

// `Say`: what is done with a token that was chosen; false ends the search.
template <class Say> struct ZlibSearch::Run {
  const std::uint8_t* text;
  std::uint32_t size;
  Say say;
  const Tuning tuning;
  bool filtered;
  unsigned hash_shift;
  std::uint32_t hash_mask, window_mask, reach, base;
  std::uint32_t *head, *previous;
  std::array<Numbers*, 9> others; // judged on the way
  std::size_t other_count = 0;
  bool short_match = false;
  std::uint32_t match_start = 0; // global

  // INSERT_STRING: what was there before.
  std::uint32_t insert(std::uint32_t at) {
    const std::uint8_t* c = text + at;
    const std::uint32_t hash = (static_cast<std::uint32_t>(c[0]) << 2 * hash_shift ^ static_cast<std::uint32_t>(c[1]) << hash_shift ^ c[2]) & hash_mask;
    const std::uint32_t before = head[hash], own = base + at;
    previous[own & window_mask] = before;
    head[hash] = own;
    for (std::size_t i = 0; i < other_count; ++i) {
      Numbers& other = *others[i];
      const std::uint32_t its = (static_cast<std::uint32_t>(c[0]) << 2 * other.shift ^ static_cast<std::uint32_t>(c[1]) << other.shift ^ c[2]) & other.mask;
      other.number[own & window_mask] = other.next[its]++;
    }
    return before > base ? before : kNoString;
  }
  bool in_reach(std::uint32_t candidate, std::uint32_t at) const { return candidate != kNoString && base + at - candidate <= reach; }

  // longest_match(): the length, `best` where none is longer. `wanted`: what it will have to be, 0: not known. Shorter ones are
  // not even looked at then, unless one would end the search; where none is that long, the answer is another.
  unsigned longest(std::uint32_t at, std::uint32_t candidate, unsigned best, unsigned wanted) {
    const unsigned ahead = std::min<std::uint32_t>(size - at, 65536);
    if (best >= ahead) return ahead;
    const std::uint32_t own = base + at, limit = own - base > reach ? own - reach : base;
    const unsigned followed = best >= tuning.good ? tuning.chain / 4 : tuning.chain;
    unsigned chain = followed;
    const std::uint32_t farthest = limit > base ? limit : kNoString; // there only the newest string of a chain is taken
    std::uint32_t winner = kNoString, cut_at = kNoString, older = kNoString;
    const unsigned nice = std::min(tuning.nice, ahead), most = std::min(258u, ahead);
    if (wanted > ahead) return best;
    if (wanted > best + 1 && nice > best + 1) best = std::min(wanted, nice) - 1;
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
          match_start = winner = candidate;
          best = length;
          if (length >= nice) break;
          finish = load_le<std::uint16_t>(scan + best - 1);
        }
      }
      older = previous[candidate & window_mask];
      if (older <= limit) break;
      if (--chain == 0) {
        cut_at = candidate;
        break;
      }
      candidate = older;
    }
    if (other_count != 0) {
      const bool edge = farthest != kNoString && (winner == farthest || (older == farthest && common(own, older, most) > best));
      judge_others(own, limit, followed, edge, winner, cut_at, best, most);
    }
    return std::min(best, ahead);
  }

  // Which others do not find the same? Those whose chain ends before the winner; and where this one's ended too early, those
  // whose goes on to something longer.
  void judge_others(std::uint32_t own, std::uint32_t limit, unsigned followed, bool edge, std::uint32_t winner, std::uint32_t cut_at, unsigned best, unsigned most) {
    for (std::size_t i = 0; i < other_count;) {
      Numbers& other = *others[i];
      const auto distance = [&](std::uint32_t to) {
        return static_cast<std::uint16_t>(other.number[own & window_mask] - other.number[to & window_mask]);
      };
      bool alike = !edge && (winner == kNoString || distance(winner) <= followed);
      // Strings that only share this level's hash are no candidates of the other's, and have no number in its chain.
      if (alike && cut_at != kNoString)
        for (std::uint32_t older = previous[cut_at & window_mask]; older > limit; older = previous[older & window_mask]) {
          const unsigned length = common(own, older, most);
          if (length < std::min(3u, most)) continue;
          if (distance(older) > followed) break;
          alike = length <= best;
          if (!alike) break;
        }
      if (alike) {
        ++i;
        continue;
      }
      other.alike = false;
      others[i] = others[--other_count];
    }
  }
  unsigned common(std::uint32_t own, std::uint32_t other, unsigned most) const {
    unsigned length = 0;
    while (length < most && text[own - base + length] == text[other - base + length]) ++length;
    return length;
  }
};

bool kept_in_window(const ParsedStream& parsed, Loop loop, std::uint64_t begin, std::uint64_t end, const Token* last) {
  const std::uint64_t window = std::uint64_t{1} << parsed.header.window_bits, size = parsed.size;
  // Where the loop last looked whether to fill the window.
  std::uint64_t looked = size;
  if (last != nullptr) looked = loop == Loop::slow ? (last->distance == 0 ? end : end - last->length + 1) : end - last->length;
  // It fills with less than this ahead, if so much was read: twice the window, and one more each time that half was given up.
  const std::uint64_t ahead = loop == Loop::huffman ? 1 : loop == Loop::rle ? 259 : kLookahead;
  std::uint64_t given_up = 0;
  for (;; ++given_up) {
    const std::uint64_t read = std::min((2 + given_up) * window, size);
    if (looked + ahead <= read || looked < (2 + given_up) * window - kLookahead) break;
  }
  return begin >= given_up * window;
}

ZlibSearch::ZlibSearch() : head_(std::size_t{1} << 16), previous_(std::size_t{1} << 15) {
  for (unsigned mem_level = 1; mem_level <= 9; ++mem_level) {
    Numbers& own = numbers_[mem_level];
    own = {.mem_level = mem_level, .shift = shift_of(mem_level + 7), .mask = (1u << (mem_level + 7)) - 1};
    own.next.resize(std::size_t{own.mask} + 1);
    own.number.resize(std::size_t{1} << 15);
  }
}

// Lazily: a match is taken if the next position has no longer one.
template <class Say> bool ZlibSearch::slow(Run<Say>& run) {
  bool waiting = false; // match_available: the byte before is in no token yet
  unsigned length = 2;
  for (std::uint32_t at = 0; at < run.size;) {
    std::uint32_t head = kNoString;
    if (run.size - at >= 3) head = run.insert(at);
    const unsigned before = length;
    const std::uint32_t before_start = run.match_start;
    length = 2;
    if (before < run.tuning.lazy && run.in_reach(head, at)) {
      length = run.longest(at, head, before, run.say.wanted(waiting));
      run.short_match |= length >= 3 && length <= 5;
      if (length <= 5 && (run.filtered || (length == 3 && run.base + at - run.match_start > kFar))) length = 2;
    }
    if (before >= 3 && length <= before) {
      if (!run.say(before, run.base + at - 1 - before_start)) return false;
      const std::uint32_t end = at + before - 1;
      for (++at; at < end; ++at)
        if (run.size - at >= 3) run.insert(at);
      waiting = false;
      length = 2;
    } else {
      if (waiting && !run.say(1, 0)) return false;
      waiting = true;
      ++at;
    }
  }
  return !waiting || run.say(1, 0);
}

template <class Say> bool ZlibSearch::fast(Run<Say>& run) {
  for (std::uint32_t at = 0; at < run.size;) {
    std::uint32_t head = kNoString;
    if (run.size - at >= 3) head = run.insert(at);
    unsigned length = 2;
    if (run.in_reach(head, at)) length = run.longest(at, head, 2, run.say.wanted(false));
    if (length < 3) {
      if (!run.say(1, 0)) return false;
      ++at;
      continue;
    }
    if (!run.say(length, run.base + at - run.match_start)) return false;
    const std::uint32_t end = at + length;
    if (length <= run.tuning.lazy && run.size - end >= 3)
      for (++at; at < end; ++at) run.insert(at);
    at = end;
  }
  return true;
}

template <class Say>
ZlibSearch::Found ZlibSearch::run(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, unsigned others, Say say) {
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
  Run<Say> run{.text = parsed.bytes.data(), .size = size, .say = say, .tuning = kTuning[level], .filtered = filtered, .hash_shift = shift_of(hash_bits), .hash_mask = (1u << hash_bits) - 1,
          .window_mask = window - 1, .reach = window - kLookahead, .base = base_, .head = head_.data(), .previous = previous_.data(), .others = {}};
  // Chains that are shorter than any level's patience need no numbers.
  const bool short_text = size <= kTuning[level].chain / 4;
  for (unsigned other = 1; other <= 9; ++other) {
    if ((others >> other & 1) == 0 || other == mem_level) continue;
    numbers_[other].alike = true;
    if (!short_text) run.others[run.other_count++] = &numbers_[other];
  }
  const bool same = run.tuning.slow ? slow(run) : fast(run);
  base_ += size + 1;
  Found found = {.same = same, .short_match = run.short_match};
  for (unsigned other = 1; other <= 9; ++other)
    if ((others >> other & 1) != 0 && other != mem_level && numbers_[other].alike) found.alike |= 1u << other;
  return found;
}

namespace {

// Compares with what the stream says.
struct Told {
  const Token*& token;
  const Token* end;
  bool operator()(std::uint32_t length, std::uint32_t distance) const {
    if (token == end || token->length != length || token->distance != distance) return false;
    ++token;
    return true;
  }
  // The length of the match that begins here; 0: none does. `waiting`: a byte before it is in no token yet.
  unsigned wanted(bool waiting) const {
    const Token* here = token + waiting;
    if (here >= end || here->distance == 0 || (waiting && token->distance != 0)) return 0;
    return here->length;
  }
};

struct Untold {
  std::vector<Token>& tokens;
  bool operator()(std::uint32_t length, std::uint32_t distance) const {
    tokens.push_back({static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance)});
    return true;
  }
  unsigned wanted(bool) const { return 0; }
};

} // namespace

ZlibSearch::Found ZlibSearch::chooses(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, unsigned others) {
  const Token* token = parsed.tokens.data();
  const Token* const end = token + parsed.tokens.size();
  Found found = run(parsed, level, mem_level, filtered, others, Told{token, end});
  found.same &= token == end;
  return found;
}

ZlibSearch::Found ZlibSearch::choose(const ParsedStream& parsed, unsigned level, unsigned mem_level, bool filtered, unsigned others, std::vector<Token>& tokens) {
  tokens.clear();
  return run(parsed, level, mem_level, filtered, others, Untold{tokens});
}

void rle_tokens(Bytes text, std::vector<Token>& tokens) {
  tokens.clear();
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 0;
    if (at > 0 && text.size() - at >= 3)
      while (length < 258 && at + length < text.size() && text[at + length] == text[at - 1]) ++length;
    tokens.push_back(length >= 3 ? Token{static_cast<std::uint16_t>(length), 1} : Token{1, 0});
    at += tokens.back().length;
  }
}

void huffman_only_tokens(Bytes text, std::vector<Token>& tokens) { tokens.assign(text.size(), {1, 0}); }

} // namespace packscope::encoders
