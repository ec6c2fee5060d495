// Lazy greedy choice (Minoux, 1978) over the cover of the sample; see select.h.
#include "patterns/select.h"

#include "base/on_threads.h"
#include "patterns/cover.h"

#include <atomic>
#include <queue>

namespace packscope::patterns {

namespace {

constexpr std::size_t kPlaces = 64; // matches of each on which it is weighed
constexpr double kNews = 0.2;       // of its worth that a pattern must add
constexpr double kNewsBits = 2;

struct Candidate {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
};

// Matches spread evenly: of all those found, every nth, where n doubles as they become too many.
Candidate places_of(const Pattern& pattern, Bytes sample) {
  Candidate candidate;
  std::size_t every = 1, seen = 0;
  Matcher(pattern).for_each(sample, [&](std::size_t begin, std::size_t end) {
    if (seen++ % every != 0) return true;
    candidate.places.emplace_back(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
    if (candidate.places.size() < 2 * kPlaces) return true;
    for (std::size_t i = 0; i < kPlaces; ++i) candidate.places[i] = candidate.places[2 * i];
    candidate.places.resize(kPlaces);
    every *= 2;
    return true;
  });
  return candidate;
}

double added(const Motif& motif, const Candidate& candidate, const Cover& cover) { // bits a match
  if (candidate.places.empty()) return 0;
  double known = 0;
  for (const auto& [begin, end] : candidate.places) known += cover.mean(begin, end);
  return worth(motif.lift) - known / static_cast<double>(candidate.places.size());
}

} // namespace

std::vector<Motif> select(const std::vector<Motif>& motifs, Bytes sample, std::size_t limit, unsigned threads) {
  std::vector<Candidate> candidates(motifs.size());
  std::atomic<std::size_t> next{0};
  on_threads(threads, [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < motifs.size();) candidates[i] = places_of(motifs[i].pattern, sample);
  });

  struct Turn {
    double score;
    std::size_t index, chosen; // how many were chosen when it was weighed
    bool operator<(const Turn& other) const { return score != other.score ? score < other.score : index > other.index; }
  };
  std::priority_queue<Turn> turns;
  for (std::size_t i = 0; i < motifs.size(); ++i) turns.push({motifs[i].score, i, 0});
  Cover cover(sample.size());
  std::vector<Motif> chosen;
  while (!turns.empty() && chosen.size() < limit) {
    const Turn turn = turns.top();
    turns.pop();
    const Motif& motif = motifs[turn.index];
    if (turn.chosen < chosen.size()) {
      const double bits = added(motif, candidates[turn.index], cover);
      if (bits >= std::max(kNewsBits, kNews * worth(motif.lift)))
        turns.push({static_cast<double>(motif.count) * bits, turn.index, chosen.size()});
      continue;
    }
    chosen.push_back(motif);
    Matcher(motif.pattern).for_each(sample, [&](std::size_t begin, std::size_t end) {
      cover.raise(begin, end, worth(motif.lift));
      return true;
    });
  }
  return chosen;
}

} // namespace packscope::patterns
