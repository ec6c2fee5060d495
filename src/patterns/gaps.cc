// Distances between matches, counted by pair; see gaps.h.
#include "patterns/gaps.h"

#include "base/on_threads.h"

#include <algorithm>
#include <cmath>

namespace packscope::patterns {

namespace {

constexpr std::size_t kJoined = 256;                      // motifs whose neighbours are looked at
constexpr std::size_t kMatches = std::size_t{2} << 20;    // of all of them
constexpr std::size_t kPairs = 128;                       // that a round makes
constexpr std::size_t kFewest = 3;                        // occurrences of a pair
constexpr double kCrowded = 8;                            // as dense as on average may a motif be around another
constexpr double kBetter = 1.02;                          // than the better half

struct Placed {
  std::uint32_t begin, end, motif;
  auto operator<=>(const Placed&) const = default;
};

// Of the first `count` motifs; what is too frequent has no particular neighbour.
std::vector<Placed> placed(const std::vector<Motif>& motifs, std::size_t count, const Sample& sample, const Repeats& repeats, unsigned threads) {
  std::vector<std::vector<Match>> found(count);
  Share share(count);
  on_threads(share.threads(threads), [&] {
    for (std::size_t i; share.take(i);) found[i] = matches_of(motifs[i], sample, repeats, kMatches / 16);
  });
  std::vector<Placed> all;
  for (std::size_t i = 0; i < count; ++i)
    if (all.size() + found[i].size() <= kMatches)
      for (const Match& match : found[i]) all.push_back({match.begin, match.end, static_cast<std::uint32_t>(i)});
  std::sort(all.begin(), all.end());
  return all;
}

using Distances = std::vector<std::uint32_t>; // how often at each distance

// By pair: row first × kJoined + second; empty where the two never meet.
std::vector<Distances> distances_of(const std::vector<Placed>& matches, const Sample& sample, std::uint32_t max_gap) {
  constexpr std::size_t kAhead = 64; // matches
  std::vector<Distances> distances(kJoined * kJoined);
  std::vector<std::size_t> met(kJoined, ~std::size_t{0}); // by which match it was met last
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const Placed& one = matches[i];
    for (std::size_t k = i + 1; k < matches.size() && k <= i + kAhead && matches[k].begin <= one.end + max_gap; ++k) {
      const Placed& other = matches[k];
      if (other.begin < one.end || met[other.motif] == i) continue; // only the next one of a kind
      if (sample.room[one.begin] < std::min<std::size_t>(other.end - one.begin, Sample::kFar)) continue;
      met[other.motif] = i;
      Distances& row = distances[one.motif * kJoined + other.motif];
      if (row.empty()) row.resize(max_gap + 1);
      ++row[other.begin - one.end];
    }
  }
  return distances;
}

std::optional<Motif> joined(const Motif& a, const Motif& b, const Distances& distances, std::uint64_t bytes, const Background& background) {
  std::uint64_t total = 0;
  for (const std::uint32_t count : distances) total += count;
  if (total < kFewest || static_cast<double>(total) * 2 < static_cast<double>(std::max(a.count, b.count))) return std::nullopt;
  if (a.pattern.max_length() + b.pattern.max_length() + distances.size() > kMaxLength / 4) return std::nullopt;
  const double apart = background.log2_probability(a.pattern) + background.log2_probability(b.pattern) + std::log2(static_cast<double>(bytes));
  std::size_t best_first = 0, best_last = 0;
  double best = 0;
  for (std::size_t first = 0; first < distances.size(); ++first) {
    std::uint64_t count = 0;
    for (std::size_t last = first; last < distances.size(); ++last) {
      count += distances[last];
      if (distances[first] == 0 || distances[last] == 0 || count < kFewest) continue;
      const double lift = std::log2(static_cast<double>(count) / static_cast<double>(last - first + 1)) - apart;
      const double score = static_cast<double>(count) * worth(lift);
      if (score <= best) continue;
      best = score;
      best_first = first;
      best_last = last;
    }
  }
  if (best < kBetter * std::max(a.score, b.score)) return std::nullopt;
  std::uint64_t count = 0;
  for (std::size_t i = best_first; i <= best_last; ++i) count += distances[i];
  // Two that are frequent in the same place are neighbours without belonging together.
  const double near = kCrowded * static_cast<double>(b.count) * static_cast<double>(best_last - best_first + 1) / static_cast<double>(bytes);
  if (static_cast<double>(count) < 2 * static_cast<double>(a.count) * std::min(1.0, near)) return std::nullopt;
  Pattern pattern = a.pattern;
  if (best_last > 0)
    pattern.steps.push_back({.set = ByteSet::all(), .min = static_cast<std::uint16_t>(best_first), .max = static_cast<std::uint16_t>(best_last)});
  pattern.steps.insert(pattern.steps.end(), b.pattern.steps.begin(), b.pattern.steps.end());
  return weighed(std::move(pattern), count, bytes, background);
}

} // namespace

std::vector<Motif> join_over_gaps(std::vector<Motif> motifs, const Sample& sample, const Background& background, const Repeats& repeats,
                                  std::uint32_t max_gap, unsigned threads) {
  const auto by_score = [](const Motif& a, const Motif& b) { return a.score != b.score ? a.score > b.score : a.pattern < b.pattern; };
  for (unsigned round = 0; round < 2; ++round) {
    const std::vector<Placed> matches = placed(motifs, std::min(motifs.size(), kJoined), sample, repeats, threads);
    std::vector<Motif> pairs;
    const std::vector<Distances> distances = distances_of(matches, sample, max_gap);
    for (std::size_t i = 0; i < distances.size(); ++i) {
      if (distances[i].empty()) continue;
      std::optional<Motif> made = joined(motifs[i / kJoined], motifs[i % kJoined], distances[i], sample.positive, background);
      if (made) pairs.push_back(std::move(*made));
    }
    if (pairs.empty()) break;
    std::sort(pairs.begin(), pairs.end(), by_score);
    pairs.resize(std::min(pairs.size(), kPairs));
    Share share(pairs.size());
    on_threads(share.threads(threads), [&] {
      for (std::size_t i; share.take(i);)
        pairs[i].places = spread(matches_of(pairs[i], sample, repeats, kMatches));
    });
    motifs.insert(motifs.end(), pairs.begin(), pairs.end());
    std::sort(motifs.begin(), motifs.end(), by_score);
    motifs.erase(std::unique(motifs.begin(), motifs.end(), [](const Motif& a, const Motif& b) { return a.pattern == b.pattern; }), motifs.end());
  }
  return motifs;
}

} // namespace packscope::patterns
