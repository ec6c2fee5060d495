// trees.c of zlib 1.2.12 and later (earlier ones differ under Z_FIXED alone), as far as the lengths of codes.
#include "encoders/zlib_trees.h"

#include <algorithm>

namespace packscope::encoders {
namespace {

constexpr unsigned kLengthCodes = 286, kDistanceCodes = 30, kSendCodes = 19, kMostNodes = 2 * kLengthCodes + 1;

constexpr unsigned length_code(unsigned length) { // 0..28
  const unsigned over = length - 3;
  if (length == 258) return 28;
  if (over < 8) return over;
  const unsigned log = static_cast<unsigned>(std::bit_width(over));
  return 4 * (log - 2) + (over >> (log - 3) & 3);
}
constexpr unsigned distance_code(unsigned distance) { // 0..29
  const unsigned over = distance - 1;
  if (over < 4) return over;
  const unsigned log = static_cast<unsigned>(std::bit_width(over));
  return 2 * (log - 1) + (over >> (log - 2) & 1);
}
constexpr unsigned length_extra(unsigned code) { return code < 8 || code == 28 ? 0 : (code - 4) / 4; }
constexpr unsigned distance_extra(unsigned code) { return code < 4 ? 0 : (code - 2) / 2; }

struct LengthTable {
  std::array<std::uint8_t, 259> code = {};
  constexpr LengthTable() {
    for (unsigned length = 3; length <= 258; ++length) code[length] = static_cast<std::uint8_t>(length_code(length));
  }
};
constexpr LengthTable kLength;

// One Huffman code: frequencies in, lengths out.
struct Tree {
  const unsigned symbols, longest;
  std::array<std::uint32_t, kMostNodes> frequency; // symbols, then inner nodes as they are made
  std::array<std::uint8_t, kMostNodes> length;
  unsigned last = 0;      // the highest symbol that is used
  std::uint64_t bits = 0; // of all symbols' codewords

  Tree(unsigned symbols_, unsigned longest_) : symbols(symbols_), longest(longest_) { std::fill_n(frequency.begin(), symbols, 0u); }

  // Moffat and Katajainen would do, were it not for ties: which symbols of equal frequency get the shorter codewords is the
  // order of zlib's heap.
  void build() {
    std::array<std::uint16_t, kMostNodes> heap, parent;
    std::array<std::uint8_t, kMostNodes> depth;
    unsigned count = 0, top = kMostNodes;
    int highest = -1;
    for (unsigned symbol = 0; symbol < symbols; ++symbol) {
      length[symbol] = 0;
      if (frequency[symbol] == 0) continue;
      heap[++count] = static_cast<std::uint16_t>(symbol);
      depth[symbol] = 0;
      highest = static_cast<int>(symbol);
    }
    std::uint64_t forced = 0; // one codeword at least has to be sent, two are said: they are not written
    while (count < 2) {
      const unsigned symbol = highest < 2 ? static_cast<unsigned>(++highest) : 0;
      heap[++count] = static_cast<std::uint16_t>(symbol);
      frequency[symbol] = 1;
      depth[symbol] = 0;
      ++forced;
    }
    last = static_cast<unsigned>(highest);
    const auto smaller = [&](unsigned a, unsigned b) {
      return frequency[a] < frequency[b] || (frequency[a] == frequency[b] && depth[a] <= depth[b]);
    };
    const auto sift = [&](unsigned at) {
      const std::uint16_t node = heap[at];
      for (unsigned child = at * 2; child <= count; child *= 2) {
        if (child < count && smaller(heap[child + 1], heap[child])) ++child;
        if (smaller(node, heap[child])) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = node;
    };
    for (unsigned at = count / 2; at >= 1; --at) sift(at);
    unsigned node = symbols;
    do {
      const std::uint16_t least = heap[1];
      heap[1] = heap[count--];
      sift(1);
      const std::uint16_t next = heap[1];
      heap[--top] = least;
      heap[--top] = next;
      frequency[node] = frequency[least] + frequency[next];
      depth[node] = static_cast<std::uint8_t>(std::max(depth[least], depth[next]) + 1);
      parent[least] = parent[next] = static_cast<std::uint16_t>(node);
      heap[1] = static_cast<std::uint16_t>(node++);
      sift(1);
    } while (count >= 2);
    heap[--top] = heap[1];
    limit(heap.data(), top, parent.data());
    bits = 0;
    for (unsigned symbol = 0; symbol <= last; ++symbol) bits += std::uint64_t{frequency[symbol]} * length[symbol];
    bits -= forced;
  }

private:
  // gen_bitlen(): the lengths, from the root down; what is too long is made room for.
  void limit(const std::uint16_t* heap, unsigned top, const std::uint16_t* parent) {
    std::array<std::uint16_t, 16> of_length = {};
    int overflow = 0;
    length[heap[top]] = 0;
    unsigned at = top + 1;
    for (; at < kMostNodes; ++at) {
      const unsigned node = heap[at];
      unsigned own = length[parent[node]] + 1u;
      if (own > longest) {
        own = longest;
        ++overflow;
      }
      length[node] = static_cast<std::uint8_t>(own);
      if (node <= last) ++of_length[own];
    }
    if (overflow == 0) return;
    do {
      unsigned own = longest - 1;
      while (of_length[own] == 0) --own;
      --of_length[own];
      of_length[own + 1] = static_cast<std::uint16_t>(of_length[own + 1] + 2);
      --of_length[longest];
      overflow -= 2;
    } while (overflow > 0);
    for (unsigned own = longest; own != 0; --own)
      for (unsigned left = of_length[own]; left != 0;) {
        const unsigned node = heap[--at];
        if (node > last) continue;
        length[node] = static_cast<std::uint8_t>(own);
        --left;
      }
  }
};

// scan_tree(): how a row of lengths is said, as symbols 0–18 with the extra bits of 16, 17 and 18.
template <class Say>
void say_lengths(const Tree& tree, const Say& say) {
  unsigned before = 0xffff, next = tree.length[0], count = 0;
  unsigned most = next == 0 ? 138 : 7, least = next == 0 ? 3 : 4;
  for (unsigned symbol = 0; symbol <= tree.last; ++symbol) {
    const unsigned own = next;
    next = symbol == tree.last ? 0xffff : tree.length[symbol + 1];
    if (++count < most && own == next) continue;
    if (count < least) {
      for (; count != 0; --count) say(own, 0, 0);
    } else if (own != 0) {
      if (own != before) {
        say(own, 0, 0);
        --count;
      }
      say(16, count - 3, 2);
    } else if (count <= 10) {
      say(17, count - 3, 3);
    } else {
      say(18, count - 11, 7);
    }
    count = 0;
    before = own;
    most = next == 0 ? 138 : own == next ? 6 : 7;
    least = next == 0 || own == next ? 3 : 4;
  }
}

// The header of a dynamic block against the bits of the stream, field by field.
bool says_the_same(const ParsedStream& parsed, const deflate::BlockHeader& header, const Tree& literal, const Tree& distance, const Tree& send, unsigned sent) {
    if (header.literal_lengths != literal.last + 1 || header.distance_lengths != distance.last + 1 || header.code_length_lengths != sent)
    return false;
  if (!std::equal(literal.length.begin(), literal.length.begin() + literal.last + 1, header.literal.begin())) return false;
  if (!std::equal(distance.length.begin(), distance.length.begin() + distance.last + 1, header.distance.begin())) return false;
  BitReader reader(parsed.stream, header.bit_begin + 3 + 5 + 5 + 4);
  for (unsigned i = 0; i < sent; ++i)
    if (reader.take(3) != send.length[deflate::kCodeLengthOrder[i]]) return false;
  std::array<std::uint8_t, kSendCodes> codeword = {}; // first bit lowest
  for (unsigned length = 1, code = 0; length <= 7; ++length) {
    for (unsigned symbol = 0; symbol < kSendCodes; ++symbol) {
      if (send.length[symbol] != length) continue;
      unsigned reversed = 0;
      for (unsigned bit = 0; bit < length; ++bit) reversed |= (code >> bit & 1) << (length - 1 - bit);
      codeword[symbol] = static_cast<std::uint8_t>(reversed);
      ++code;
    }
    code <<= 1;
  }
  bool same = true;
  const auto compare = [&](unsigned symbol, unsigned extra, unsigned extra_bits) {
    same = same && reader.take(send.length[symbol]) == codeword[symbol] && reader.take(extra_bits) == extra;
  };
  say_lengths(literal, compare);
  say_lengths(distance, compare);
  return same && reader.position() == header.bit_end;
}

constexpr struct FixedLengths {
  std::array<std::uint8_t, deflate::kLiteralSymbols> literal = {};
  std::array<std::uint8_t, deflate::kDistanceSymbols> distance = {};
  constexpr FixedLengths() { deflate::set_fixed_lengths(literal, distance); }
} kFixed;

} // namespace

Writes zlib_writes_block(const ParsedStream& parsed, const deflate::BlockHeader& header, const TextBlock& block, bool fixed) {
  Tree literal(kLengthCodes, 15), distance(kDistanceCodes, 15), send(kSendCodes, 7);
  const std::uint8_t* byte = parsed.bytes.data() + block.begin;
  for (const Token token : block.tokens) {
    if (token.distance == 0) {
      ++literal.frequency[*byte];
    } else {
      ++literal.frequency[257u + kLength.code[token.length]];
      ++distance.frequency[distance_code(token.distance)];
    }
    byte += token.length;
  }
  literal.frequency[256] = 1;
  std::uint64_t extra = 0, static_bits = 0;
  for (unsigned code = 0; code < 29; ++code) extra += std::uint64_t{literal.frequency[257 + code]} * length_extra(code);
  for (unsigned code = 0; code < kDistanceCodes; ++code) extra += std::uint64_t{distance.frequency[code]} * distance_extra(code);
  for (unsigned symbol = 0; symbol < kLengthCodes; ++symbol)
    static_bits += std::uint64_t{literal.frequency[symbol]} * kFixed.literal[symbol];
  for (unsigned code = 0; code < kDistanceCodes; ++code) static_bits += std::uint64_t{distance.frequency[code]} * 5;

  literal.build();
  distance.build();
  const auto count = [&](unsigned symbol, unsigned, unsigned) { ++send.frequency[symbol]; };
  say_lengths(literal, count);
  say_lengths(distance, count);
  const std::uint64_t repeats = send.frequency[16] * 2ull + send.frequency[17] * 3ull + send.frequency[18] * 7ull;
  send.build();
    unsigned sent = kSendCodes;
  while (sent > 4 && send.length[deflate::kCodeLengthOrder[sent - 1]] == 0) --sent;

  const std::uint64_t dynamic_bits = literal.bits + distance.bits + extra + send.bits + repeats + 3 * sent + 5 + 5 + 4;
  const std::uint64_t static_bytes = (static_bits + extra + 3 + 7) >> 3, dynamic_bytes = (dynamic_bits + 3 + 7) >> 3;
  const bool takes_fixed = fixed || static_bytes <= dynamic_bytes;
  const std::uint64_t best = takes_fixed ? static_bytes : dynamic_bytes;
  const bool stores = block.end - block.begin + 4 <= best; // 4: its two lengths
  if (header.type == deflate::BlockType::stored)
    return stores && header.stored_length == block.end - block.begin ? Writes::if_kept : Writes::no;
  const bool same = takes_fixed ? header.type == deflate::BlockType::fixed
                                : header.type == deflate::BlockType::dynamic && says_the_same(parsed, header, literal, distance, send, sent);
  return !same ? Writes::no : stores ? Writes::if_lost : Writes::yes;
}

} // namespace packscope::encoders
