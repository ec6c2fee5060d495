// One pass: raw bytes, code lengths, symbols.
#include "lattice/clue.h"

#include "deflate/first_symbols.h"

#include <algorithm>
#include <utility>

namespace packscope::lattice {
namespace {

constexpr std::uint64_t fold(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 29;
}
std::uint64_t finish(std::uint64_t hash) { return fold(hash, 0x9e3779b97f4a7c15u); }

// A character for each that has a code of the shortest length or one bit more, 0 for the others.
std::uint64_t shortest(std::span<const std::uint8_t> lengths) {
  std::uint8_t least = 255;
  for (const std::uint8_t length : lengths) least = std::min(least, static_cast<std::uint8_t>(length - 1));
  std::array<std::uint8_t, 256> used = {};
  for (std::size_t i = 0; i < used.size(); ++i) used[i] = static_cast<std::uint8_t>(lengths[i] - 1) <= least + 1 && lengths[i] != 0;
  return hash_bytes(used);
}

std::uint64_t punctuation(std::span<const std::uint8_t> lengths) {
  std::uint64_t set = 0;
  const auto range = [&](unsigned first, unsigned last) {
    for (unsigned c = first; c <= last; ++c) set = set << 1 | (lengths[c] != 0);
  };
  range('!', '/');
  range(':', '@');
  range('[', '`');
  range('{', '~');
  range('\t', '\t');
  return set;
}

class Collector {
public:
  explicit Collector(Clues& clues) : clues_(clues) {}
  bool full() const { return seen_ == 16; }
  void literal(unsigned byte) { add(byte); }
  void match(unsigned length, unsigned distance) { add(1u << 24 | length << 15 | distance); }
  void header(const deflate::BlockHeader& header) {
    if (!std::exchange(first_, false) || header.type != deflate::BlockType::dynamic) return;
    clues_.dynamic = true;
    std::array<std::uint8_t, 286 + 30> all;
    std::copy_n(header.literal.begin(), 286, all.begin());
    std::copy_n(header.distance.begin(), 30, all.begin() + 286);
    clues_.set(Dimension::lengths, hash_bytes(all));
    const std::span<const std::uint8_t> literals(header.literal);
    clues_.set(Dimension::punctuation, finish(fold(1, punctuation(literals))));
    shortest_ = shortest(literals);
    clues_.set(Dimension::shortest, shortest_);
    for (unsigned i = 0; i < kCharacters; ++i) clues_.lengths[i] = literals[character(i)];
  }
  // A stream of fewer symbols: what there is, and that it ends.
  void end() {
    if (seen_ == 0) return;
    if (!full()) add(1u << 25);
    for (; seen_ < 16;) {
      ++seen_;
      settle();
    }
  }

private:
  void add(std::uint32_t symbol) {
    hash_ = fold(hash_, symbol + 1);
    ++seen_;
    settle();
  }
  void settle() {
    if (seen_ == 4) {
      clues_.set(Dimension::symbols4, finish(hash_));
      if (clues_.dynamic) clues_.set(Dimension::shape, finish(fold(hash_, shortest_)));
    } else if (seen_ == 8) {
      clues_.set(Dimension::symbols8, finish(hash_));
    } else if (seen_ == 16) {
      clues_.set(Dimension::symbols16, finish(hash_));
    }
  }
  Clues& clues_;
  std::uint64_t hash_ = 0, shortest_ = 0;
  unsigned seen_ = 0;
  bool first_ = true;
};

} // namespace

std::uint64_t character_key(unsigned index, unsigned length) {
  return key_of(Dimension::character, std::uint64_t{index * 16 + std::min(length, kMostLength)} << (64 - kHashBits));
}

std::uint64_t object_key(Dimension dimension, Bytes id) { return key_of(dimension, hash_bytes(id)); }

deflate::Fault read_clues(Bytes zlib, Clues& clues) {
  clues.present = 0;
  clues.dynamic = false;
  const Bytes raw = zlib.subspan(std::min<std::size_t>(2, zlib.size()));
  if (raw.size() >= 16 + 4) { // less is an object's own
    clues.set(Dimension::raw64, hash_bytes(raw.first(std::min<std::size_t>(64, raw.size()))));
    clues.set(Dimension::raw32, hash_bytes(raw.first(std::min<std::size_t>(32, raw.size()))));
    clues.set(Dimension::raw16, hash_bytes(raw.first(16)));
  }
  deflate::BlockHeader header;
  Collector collector(clues);
  const deflate::Fault fault = deflate::read_first_symbols(zlib, header, collector);
  if (fault == deflate::Fault::none) collector.end();
  return fault;
}

} // namespace packscope::lattice
