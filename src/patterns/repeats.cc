// Suffix array (libdivsufsort), common prefixes (Kärkkäinen, Manzini, Puglisi: Permuted Longest-Common-Prefix Array,
// 2009), their intervals (Abouelhoda, Kurtz, Ohlebusch: Replacing suffix trees, 2004); see repeats.h.
#include "patterns/repeats.h"

#include "base/lazy_folders.h"
#include "base/lazy_library.h"
#include "patterns/cover.h"

#include <divsufsort.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace packscope::patterns {

namespace {

const LazyLibrary kDivsufsort(PACKSCOPE_LIBDIVSUFSORT_FOLDER, "libdivsufsort.so.3");
const LazyFunction<decltype(::divsufsort)> divsufsort(kDivsufsort, "divsufsort");

constexpr std::uint32_t kLongest = 32; // of a seed; what is longer grows
constexpr std::uint32_t kShortest = 2;
constexpr std::uint32_t kFewest = 3; // occurrences

// For each position how many bytes its suffix shares with the one before it in the array, at most kLongest, and never
// beyond the end of a piece.
std::vector<std::uint8_t> common_prefixes(const Sample& sample, const std::vector<std::int32_t>& positions) {
  const std::vector<std::uint8_t>& text = sample.text;
  std::vector<std::int32_t> before(text.size()); // the suffix before, by position
  for (std::size_t i = 0; i < positions.size(); ++i) before[positions[i]] = i == 0 ? -1 : positions[i - 1];
  std::vector<std::uint8_t> shared(text.size());
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (before[at] < 0) {
      length = 0;
      continue;
    }
    const std::size_t other = static_cast<std::size_t>(before[at]);
    const std::size_t end = text.size() - std::max(at, other);
    while (length < end && text[at + length] == text[other + length]) ++length;
    shared[at] = static_cast<std::uint8_t>(
        std::min({length, std::size_t{kLongest}, std::size_t{sample.room[at]}, std::size_t{sample.room[other]}}));
    length -= length > 0 ? 1 : 0;
  }
  return shared;
}

class SeedFinder {
public:
  SeedFinder(const Sample& sample, const Background& background, const std::vector<std::int32_t>& positions, std::size_t limit)
      : sample_(sample), background_(background), positions_(positions), keep_(limit * 16) {}

  std::vector<Seed> run(const std::vector<std::uint8_t>& shared) {
    struct Open {
      std::uint32_t length, first, negatives; // negatives before `first`
    };
    std::vector<Open> open = {{0, 0, 0}};
    std::uint32_t negatives = 0; // up to the suffix before i
    const std::uint32_t size = static_cast<std::uint32_t>(positions_.size());
    const auto is_negative = [&](std::uint32_t i) { return static_cast<std::size_t>(positions_[i]) >= sample_.positive; };
    for (std::uint32_t i = 1; i <= size; ++i) {
      const std::uint32_t negatives_before = negatives;
      negatives += is_negative(i - 1) ? 1 : 0;
      const std::uint32_t length = i < size ? shared[positions_[i]] : 0;
      Open begin = {length, i - 1, negatives_before};
      while (open.back().length > length) {
        const Open closed = open.back();
        open.pop_back();
        if (closed.negatives == negatives) consider(closed.first, i - 1, closed.length);
        begin.first = closed.first;
        begin.negatives = closed.negatives;
      }
      if (open.back().length < length) open.push_back(begin);
    }
    prune(keep_);
    return std::move(found_);
  }

private:
  void consider(std::uint32_t first, std::uint32_t last, std::uint32_t length) {
    if (length < kShortest || last - first + 1 < kFewest) return;
    const double count = last - first + 1, size = static_cast<double>(sample_.positive);
    const Bytes literal = {sample_.text.data() + positions_[first], length};
    const double lift = std::log2(count / size) - background_.log2_probability(literal);
    if (lift < 1 || !beyond_chance(count, lift, std::min(std::log(256.0) * length, std::log(size)))) return;
    const double score = count * worth(lift);
    if (score <= floor_ || !begins_anew(first, last)) return;
    found_.push_back({.first = first, .last = last, .length = length, .lift = lift, .score = score});
    if (found_.size() >= 2 * keep_) prune(keep_);
  }

  // Whether different bytes stand before it; if not, the string that begins earlier is as frequent.
  bool begins_anew(std::uint32_t first, std::uint32_t last) const {
    constexpr std::uint32_t kTries = 64;
    const std::uint32_t count = last - first + 1, tries = std::min(count, kTries);
    int known = -1;
    for (std::uint32_t i = 0; i < tries; ++i) {
      const std::size_t at = static_cast<std::size_t>(positions_[first + std::uint64_t{count} * i / tries]);
      if (!sample_.reaches_back(at, 1)) return true;
      const int byte = sample_.text[at - 1];
      if (known >= 0 && byte != known) return true;
      known = byte;
    }
    return false;
  }

  void prune(std::size_t size) {
    std::stable_sort(found_.begin(), found_.end(), [](const Seed& a, const Seed& b) { return a.score > b.score; });
    if (found_.size() <= size) return;
    found_.resize(size);
    floor_ = found_.back().score;
  }

  const Sample& sample_;
  const Background& background_;
  const std::vector<std::int32_t>& positions_;
  const std::size_t keep_;
  std::vector<Seed> found_;
  double floor_ = 0;
};

// Whether a string is more frequent than the strings in it, one to three bytes shorter at either end, make it by chance.
class Extensions {
public:
  Extensions(const Sample& sample, const Background& background, const std::vector<std::int32_t>& positions)
      : sample_(sample), background_(background), positions_(positions) {}

  bool tell(const Seed& seed) const {
    const Bytes literal = {sample_.text.data() + positions_[seed.first], seed.length};
    for (std::size_t less = 1; less <= 3 && less + 1 < seed.length; ++less) {
      const std::size_t rest = seed.length - less;
      if (!more_than(seed, literal.first(rest), literal.last(less)) || !more_than(seed, literal.last(rest), literal.first(less)))
        return false;
    }
    return true;
  }

private:
  bool more_than(const Seed& seed, Bytes rest, Bytes less) const {
    const auto order = [&](std::int32_t at) { // of the suffix's first bytes against `rest`
      const std::size_t size = std::min(rest.size(), sample_.text.size() - static_cast<std::size_t>(at));
      const int found = std::memcmp(sample_.text.data() + at, rest.data(), size);
      return found != 0 ? found : size < rest.size() ? -1 : 0;
    };
    const auto begin = std::partition_point(positions_.begin(), positions_.end(), [&](std::int32_t at) { return order(at) < 0; });
    const auto end = std::partition_point(begin, positions_.end(), [&](std::int32_t at) { return order(at) <= 0; });
    const double all = static_cast<double>(end - begin);
    double log2_chance = 0; // of what is added, by frequency alone: a run goes on by itself
    for (const std::uint8_t byte : less) log2_chance += std::log2(background_.probability(byte));
    if (all <= seed.count()) return true; // always followed so
    const double choices = std::min(std::log(256.0) * static_cast<double>(less.size()), std::log(all));
    return beyond_chance(seed.count(), std::log2(seed.count() / all) - log2_chance, choices);
  }

  const Sample& sample_;
  const Background& background_;
  const std::vector<std::int32_t>& positions_;
};

// Best first, each only if enough of it is news where it stands.
std::vector<Seed> distinct(const std::vector<Seed>& seeds, const std::vector<std::int32_t>& positions, const Sample& sample, const Background& background, std::size_t limit) {
  constexpr std::uint32_t kTries = 32;
  const Extensions extensions(sample, background, positions);
  Cover cover(sample.positive);
  std::vector<Seed> chosen;
  for (const Seed& seed : seeds) {
    if (chosen.size() >= limit) break;
    const std::uint32_t tries = std::min(seed.count(), kTries);
    double known = 0;
    for (std::uint32_t i = 0; i < tries; ++i) {
      const std::size_t at = static_cast<std::size_t>(positions[seed.first + std::uint64_t{seed.count()} * i / tries]);
      known += cover.known(at, at + seed.length);
    }
    if (!is_news(seed.count(), worth(seed.lift) - known / tries, worth(seed.lift), sample.positive) || !extensions.tell(seed)) continue;
    chosen.push_back(seed);
    for (std::uint32_t i = seed.first; i <= seed.last; ++i) {
      const std::size_t at = static_cast<std::size_t>(positions[i]);
      cover.raise(at, at + seed.length, worth(seed.lift));
    }
  }
  return chosen;
}

} // namespace

Result<Repeats> find_repeats(const Sample& sample, const Background& background, std::size_t limit) {
  Repeats repeats;
  if (sample.positive < kFewest) return repeats;
  repeats.positions.resize(sample.text.size());
  if (const Result<void> loaded = kDivsufsort.load(); !loaded) return std::unexpected(loaded.error());
  if (divsufsort(sample.text.data(), repeats.positions.data(), static_cast<std::int32_t>(sample.text.size())) != 0)
    return fail("suffix array: no memory");
  std::vector<Seed> seeds;
  {
    const std::vector<std::uint8_t> shared = common_prefixes(sample, repeats.positions);
    seeds = SeedFinder(sample, background, repeats.positions, limit).run(shared);
  }
  repeats.seeds = distinct(seeds, repeats.positions, sample, background, limit);
  return repeats;
}

} // namespace packscope::patterns
