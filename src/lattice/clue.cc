// One pass: raw bytes, code lengths, symbols.
#include "lattice/clue.h"

#include "deflate/first_symbols.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace packscope::lattice {
namespace {

using Vector [[gnu::vector_size(16)]] = std::uint8_t; // loops over so few bytes are unrolled, not vectorised

constexpr Vector kOne = Vector{} + 1;

// All code lengths, as the codes that are used, lowest byte first.
std::uint64_t used_codes(const deflate::BlockHeader& header) {
  const auto hash = [](std::span<const std::uint16_t> codes) { return hash_bytes({reinterpret_cast<const std::uint8_t*>(codes.data()), codes.size_bytes()}); };
  const std::span<const std::uint16_t> used = std::span(header.used).first(std::size_t{header.used_literals} + header.used_distances);
  if constexpr (std::endian::native == std::endian::little) return hash(used);
  std::vector<std::uint16_t> swapped;
  for (const std::uint16_t code : used) swapped.push_back(std::byteswap(code));
  return hash(swapped);
}

// A bit for each character: it has a code of the shortest length or one bit more.
std::uint64_t shortest(std::span<const std::uint8_t, deflate::kLiteralSymbols> lengths) {
  Vector leasts = kOne * 255; // less 1, as all here: no code is 255
#pragma GCC unroll 18
  for (std::size_t at = 0; at < lengths.size(); at += sizeof(Vector)) {
    Vector some;
    std::memcpy(&some, lengths.data() + at, sizeof some);
    some -= kOne;
    leasts = some < leasts ? some : leasts;
  }
  std::uint8_t least = 255;
  for (std::size_t i = 0; i < sizeof(Vector); ++i) least = std::min(least, leasts[i]);
  const std::uint8_t most = static_cast<std::uint8_t>(least + 1);
  std::array<std::uint8_t, 256 / 8> set;
  for (std::size_t half = 0; half < set.size(); half += sizeof(Vector)) {
    Vector bits = {};
    for (std::size_t bit = 0; bit < 8; ++bit) {
      Vector some;
      std::memcpy(&some, lengths.data() + bit * set.size() + half, sizeof some);
      bits |= reinterpret_cast<Vector>(some - kOne <= kOne * most) & kOne << static_cast<std::uint8_t>(bit);
    }
    std::memcpy(set.data() + half, &bits, sizeof bits);
  }
  return hash_bytes(set);
}

// ASCII's punctuation, and the tab; as bits: of character 16 * b + i bit b in byte i.
constexpr auto kPunctuation = [] {
  std::array<std::uint8_t, sizeof(Vector)> set = {};
  for (unsigned c = 0; c < 128; ++c)
    if (c == '\t' || (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~')) set[c % 16] |= static_cast<std::uint8_t>(1u << c / 16);
  return set;
}();

std::uint64_t punctuation(std::span<const std::uint8_t> lengths) {
  Vector set = {};
  for (std::size_t bit = 0; bit < 8; ++bit) {
    Vector some;
    std::memcpy(&some, lengths.data() + bit * sizeof some, sizeof some);
    set |= reinterpret_cast<Vector>(some != 0) & kOne << static_cast<std::uint8_t>(bit);
  }
  std::array<std::uint8_t, sizeof set> bytes;
  std::memcpy(bytes.data(), &set, sizeof set);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] &= kPunctuation[i];
  return hash_bytes(bytes);
}

// Unrolled: each character's place is a constant.
template <std::size_t kSize, class Work> void for_each(const std::array<std::uint8_t, kSize>& characters, const Work& work) {
  [&]<std::size_t... i>(std::index_sequence<i...>) { (work(characters[i]), ...); }(std::make_index_sequence<kSize>());
}

// Characters that tell languages apart by going together, or not.
constexpr std::array<std::array<std::uint8_t, kGroupCharacters>, kGroups> kGroupsOf = {{
  {'{', '}', ';', '(', ')'}, {'#', '/', '*', '%', '!'}, {'"', '\'', '`', '=', ':'}, {'<', '>', '&', '|', '-'},
  {'$', '@', '\\', '[', ']'}, {'_', '.', ',', '\t', '0'}, {'e', 'w', 'y', 'I', 'T'}, {'A', 'N', 'S', 'P', 'E'}}};

// Two bits a character: not used, long, middling, short.
void set_profiles(std::span<const std::uint8_t> lengths, std::array<std::uint16_t, kGroups>& profiles) {
  constexpr std::array<std::uint8_t, 16> kLevel = {0, 3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1};
  const auto set = [&]<std::size_t group> {
    unsigned profile = 0;
    for_each(kGroupsOf[group], [&](std::uint8_t c) { profile = profile << 2 | kLevel[lengths[c]]; });
    profiles[group] = static_cast<std::uint16_t>(profile);
  };
  [&]<std::size_t... group>(std::index_sequence<group...>) { (set.template operator()<group>(), ...); }(std::make_index_sequence<kGroups>());
}

class Collector {
public:
  explicit Collector(Clues& clues) : clues_(clues) {}
  bool full() const { return seen_ == kSymbols; }
  void literal(unsigned byte) { symbols_[seen_++] = byte; }
  void match(unsigned length, unsigned distance) { symbols_[seen_++] = 1u << 24 | length << 15 | distance; }
  void header(const deflate::BlockHeader& header) {
    if (!std::exchange(first_, false) || header.type != deflate::BlockType::dynamic) return;
    clues_.set(Dimension::lengths, used_codes(header));
    const std::span<const std::uint8_t> literals(header.literal);
    clues_.set(Dimension::punctuation, punctuation(literals));
    clues_.set(Dimension::shortest, shortest(header.literal));
    set_profiles(literals, clues_.profile);
    clues_.set(Dimension::profile, 0);
  }
  // No more symbols come: the stream has ended, or a fault was met, or those there are suffice.
  void finish(bool ended) {
    unsigned inner = seen_, prefixes = seen_;
    if (ended && seen_ > 0 && !full()) { // of fewer symbols: what there is, and that it ends
      inner = seen_ + 1;
      prefixes = kSymbols;
      std::fill(symbols_.begin() + seen_, symbols_.end(), kEnd);
    }
    std::uint64_t hash = 0;
    const auto prefix = [&](Dimension dimension, unsigned from, unsigned to) {
      if (prefixes < to) return;
      for (; from < to; from += 2) hash = fold(hash ^ two(from), kOdd) + hash;
      clues_.set(dimension, fold(hash, kOdd));
    };
    prefix(Dimension::symbols2, 0, 2);
    prefix(Dimension::symbols4, 2, 4);
    prefix(Dimension::symbols6, 4, 6);
    prefix(Dimension::symbols8, 6, 8);
    prefix(Dimension::symbols16, 8, 16);
    for (unsigned from = 4; from + 4 <= inner; from += 4)
      clues_.inner[clues_.inner_count++] = key_of(Dimension::inner, fold(fold(two(from), kOdd) ^ two(from + 2), kOdd));
  }

private:
  static constexpr unsigned kSymbols = 16;
  static constexpr std::uint32_t kEnd = 1u << 25;
  static constexpr std::uint64_t kOdd = 0xd6e8feb86659fd93u;
  std::uint64_t two(unsigned from) const { // in any byte order alike
    return (symbols_[from] + 1) | static_cast<std::uint64_t>(symbols_[from + 1] + 1) << 32;
  }
  Clues& clues_;
  std::array<std::uint32_t, kSymbols> symbols_;
  unsigned seen_ = 0;
  bool first_ = true;
};

} // namespace

std::uint64_t profile_key(unsigned group, unsigned profile) {
  return key_of(Dimension::profile, std::uint64_t{profile_place(group, profile)} << (64 - kHashBits));
}

std::uint64_t object_key(Dimension dimension, Bytes id) { return key_of(dimension, hash_bytes(id)); }

deflate::Fault read_clues(Bytes zlib, Clues& clues) {
  clues.present = clues.inner_count = 0;
  const Bytes raw = zlib.subspan(std::min<std::size_t>(2, zlib.size()));
  if (raw.size() >= 16 + 4) { // less is an object's own
    // Each from the one before: the first 16 bytes, 16 more, 32 more.
    const std::uint64_t first = hash_bytes(raw.first(16));
    const std::uint64_t second = hash_bytes(raw.subspan(16, std::min<std::size_t>(16, raw.size() - 16)), first);
    clues.set(Dimension::raw16, first);
    clues.set(Dimension::raw32, second);
    clues.set(Dimension::raw64, raw.size() > 32 ? hash_bytes(raw.subspan(32, std::min<std::size_t>(32, raw.size() - 32)), second) : second);
  }
  deflate::BlockHeader header;
  Collector collector(clues);
  const deflate::Fault fault = deflate::read_first_symbols(zlib, header, collector);
  collector.finish(fault == deflate::Fault::none);
  return fault;
}

} // namespace packscope::lattice
