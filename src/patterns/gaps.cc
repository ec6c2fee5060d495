// Distances between matches, counted by pair; see gaps.h.
#include "patterns/gaps.h"

#include "base/on_threads.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>

namespace packscope::patterns {

namespace {

constexpr std::size_t kJoined = 256;                      // motifs whose neighbours are looked at
constexpr std::size_t kMatches = std::size_t{2} << 20;    // of all of them
constexpr std::size_t kPairs = 128;                       // that a round makes
constexpr std::size_t kFewest = 3;                        // occurrences of a pair
constexpr double kBetter = 1.02;                          // than the better half

struct Placed {
  std::uint32_t begin, end, motif;
  auto operator<=>(const Placed&) const = default;
};

// Of the first `count` motifs; what is too frequent has no particular neighbour.
std::vector<Placed> placed(const std::vector<Motif>& motifs, std::size_t count, const Sample& sample, const Repeats& repeats, unsigned threads) {
  std::vector<std::vector<Match>> found(count);
  std::atomic<std::size_t> next{0};
  on_threads(threads, [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < count;) found[i] = matches_of(motifs[i], sample, repeats, kMatches / 16);
  });
  std::vector<Placed> all;
  for (std::size_t i = 0; i < count; ++i)
    if (all.size() + found[i].size() <= kMatches)
      for (const Match& match : found[i]) all.push_back({match.begin, match.end, static_cast<std::uint32_t>(i)});
  std::sort(all.begin(), all.end());
  return all;
}

using Distances = std::vector<std::uint32_t>; // how often at each distance

std::map<std::pair<std::uint32_t, std::uint32_t>, Distances> distances_of(const std::vector<Placed>& matches, const Sample& sample, std::uint32_t max_gap) {
  constexpr std::size_t kAhead = 64; // matches
  std::map<std::pair<std::uint32_t, std::uint32_t>, Distances> distances;
  std::vector<std::uint32_t> met;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const Placed& one = matches[i];
    met.clear();
    for (std::size_t k = i + 1; k < matches.size() && k <= i + kAhead && matches[k].begin <= one.end + max_gap; ++k) {
      const Placed& other = matches[k];
      if (other.begin < one.end || sample.room[one.begin] < std::min<std::size_t>(other.end - one.begin, Sample::kFar)) continue;
      if (std::find(met.begin(), met.end(), other.motif) != met.end()) continue; // only the next one of a kind
      met.push_back(other.motif);
      Distances& row = distances[{one.motif, other.motif}];
      row.resize(max_gap + 1);
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
  Pattern pattern = a.pattern;
  if (best_last > 0)
    pattern.steps.push_back({.set = ByteSet::all(), .min = static_cast<std::uint16_t>(best_first), .max = static_cast<std::uint16_t>(best_last)});
  pattern.steps.insert(pattern.steps.end(), b.pattern.steps.begin(), b.pattern.steps.end());
  std::uint64_t count = 0;
  for (std::size_t i = best_first; i <= best_last; ++i) count += distances[i];
  return weighed(std::move(pattern), count, bytes, background);
}

} // namespace

std::vector<Motif> join_over_gaps(std::vector<Motif> motifs, const Sample& sample, const Background& background, const Repeats& repeats,
                                  std::uint32_t max_gap, unsigned threads) {
  const auto by_score = [](const Motif& a, const Motif& b) { return a.score != b.score ? a.score > b.score : a.pattern < b.pattern; };
  for (unsigned round = 0; round < 2; ++round) {
    const std::vector<Placed> matches = placed(motifs, std::min(motifs.size(), kJoined), sample, repeats, threads);
    std::vector<Motif> pairs;
    for (const auto& [pair, distances] : distances_of(matches, sample, max_gap))
      if (std::optional<Motif> made = joined(motifs[pair.first], motifs[pair.second], distances, sample.positive, background))
        pairs.push_back(std::move(*made));
    if (pairs.empty()) break;
    std::sort(pairs.begin(), pairs.end(), by_score);
    pairs.resize(std::min(pairs.size(), kPairs));
    std::atomic<std::size_t> next{0};
    on_threads(threads, [&] {
      for (std::size_t i; (i = next.fetch_add(1)) < pairs.size();)
        pairs[i].places = spread(matches_of(pairs[i], sample, repeats, kMatches));
    });
    motifs.insert(motifs.end(), pairs.begin(), pairs.end());
    std::sort(motifs.begin(), motifs.end(), by_score);
    motifs.erase(std::unique(motifs.begin(), motifs.end(), [](const Motif& a, const Motif& b) { return a.pattern == b.pattern; }), motifs.end());
  }
  return motifs;
}

} // namespace packscope::patterns
