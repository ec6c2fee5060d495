// One pass: raw bytes, code lengths, symbols.
#include "lattice/clue.h"

#include "deflate/first_symbols.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace packscope::lattice {
namespace {

constexpr std::uint64_t fold(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 29;
}
std::uint64_t finish(std::uint64_t hash) { return fold(hash, 0x9e3779b97f4a7c15u); }

// A character for each that has a code of the shortest length or one bit more, 0 for the others.
std::uint64_t shortest(std::span<const std::uint8_t, deflate::kLiteralSymbols> lengths) {
  std::uint8_t least = 255; // less 1, as all here: no code is 255
  for (const std::uint8_t length : lengths) least = std::min(least, static_cast<std::uint8_t>(length - 1));
  const std::uint8_t most = static_cast<std::uint8_t>(least + 1);
  std::array<std::uint8_t, 256> used;
  for (std::size_t i = 0; i < used.size(); ++i) used[i] = static_cast<std::uint8_t>(lengths[i] - 1) <= most;
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

// Characters that tell languages apart by going together, or not.
constexpr std::array<std::string_view, kGroups> kGroupsOf = {"{};()", "#/*%!", "\"'`=:", "<>&|-", "$@\\[]", "_.,\t0", "ewyIT", "ANSPE"};

// Two bits a character: not used, long, middling, short.
std::uint16_t profile_of(std::string_view group, std::span<const std::uint8_t> lengths) {
  constexpr std::array<std::uint8_t, 16> kLevel = {0, 3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1};
  unsigned profile = 0;
  for (const char c : group) profile = profile << 2 | kLevel[lengths[static_cast<std::uint8_t>(c)]];
  return static_cast<std::uint16_t>(profile);
}

class Collector {
public:
  explicit Collector(Clues& clues) : clues_(clues) {}
  bool full() const { return seen_ == 16; }
  void literal(unsigned byte) { add(byte); }
  void match(unsigned length, unsigned distance) { add(1u << 24 | length << 15 | distance); }
  void header(const deflate::BlockHeader& header) {
    if (!std::exchange(first_, false) || header.type != deflate::BlockType::dynamic) return;
    std::array<std::uint8_t, 286 + 30> all;
    std::copy_n(header.literal.begin(), 286, all.begin());
    std::copy_n(header.distance.begin(), 30, all.begin() + 286);
    clues_.set(Dimension::lengths, hash_bytes(all));
    const std::span<const std::uint8_t> literals(header.literal);
    clues_.set(Dimension::punctuation, finish(fold(1, punctuation(literals))));
    clues_.set(Dimension::shortest, shortest(header.literal));
    for (unsigned group = 0; group < kGroups; ++group) clues_.profile[group] = profile_of(kGroupsOf[group], literals);
    clues_.set(Dimension::profile, 0);
  }
  // A stream of fewer symbols: what there is, and that it ends.
  void end() {
    if (seen_ == 0) return;
    if (!full()) add(1u << 25);
    while (!full()) {
      ++seen_;
      settle();
    }
  }

private:
  void add(std::uint32_t symbol) {
    hash_ = fold(hash_, symbol + 1);
    inner_ = fold(inner_, symbol + 1);
    if (++seen_ % 4 == 0) {
      if (seen_ > 4) clues_.inner[clues_.inner_count++] = key_of(Dimension::inner, finish(inner_));
      inner_ = 0;
    }
    settle();
  }
  void settle() {
    switch (seen_) {
    case 2: return clues_.set(Dimension::symbols2, finish(hash_));
    case 4: return clues_.set(Dimension::symbols4, finish(hash_));
    case 6: return clues_.set(Dimension::symbols6, finish(hash_));
    case 8: return clues_.set(Dimension::symbols8, finish(hash_));
    case 16: return clues_.set(Dimension::symbols16, finish(hash_));
    default: return;
    }
  }
  Clues& clues_;
  std::uint64_t hash_ = 0, inner_ = 0; // of all symbols; of those since the last four
  unsigned seen_ = 0;
  bool first_ = true;
};

} // namespace

std::uint64_t profile_key(unsigned group, unsigned profile) {
  return key_of(Dimension::profile, std::uint64_t{group * kProfiles + profile} << (64 - kHashBits));
}

std::uint64_t object_key(Dimension dimension, Bytes id) { return key_of(dimension, hash_bytes(id)); }

deflate::Fault read_clues(Bytes zlib, Clues& clues) {
  clues.present = clues.inner_count = 0;
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
