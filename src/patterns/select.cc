// Lazy greedy choice (Minoux, 1978) over the cover of the sample; see select.h.
#include "patterns/select.h"

#include "patterns/cover.h"

#include <queue>

namespace packscope::patterns {

namespace {

double added(const Motif& motif, const Cover& cover) { // bits a match
  if (motif.places.empty()) return 0;
  double known = 0;
  for (const Match& place : motif.places) known += cover.known(place.begin, place.end);
  return worth(motif.lift) - known / static_cast<double>(motif.places.size());
}

} // namespace

std::vector<Motif> select(const std::vector<Motif>& motifs, const Sample& sample, const Repeats& repeats, std::size_t limit) {
  struct Turn {
    double score;
    std::size_t index, chosen; // how many were chosen when it was weighed
    bool operator<(const Turn& other) const { return score != other.score ? score < other.score : index > other.index; }
  };
  std::priority_queue<Turn> turns;
  for (std::size_t i = 0; i < motifs.size(); ++i) turns.push({motifs[i].score, i, 0});
  Cover cover(sample.positive);
  std::vector<Motif> chosen;
  while (!turns.empty() && chosen.size() < limit) {
    const Turn turn = turns.top();
    turns.pop();
    const Motif& motif = motifs[turn.index];
    if (turn.chosen < chosen.size()) {
      const double bits = added(motif, cover);
      if (is_news(static_cast<double>(motif.count), bits, worth(motif.lift), sample.positive))
        turns.push({static_cast<double>(motif.count) * bits, turn.index, chosen.size()});
      continue;
    }
    chosen.push_back(motif);
    for (const Match& match : matches_of(motif, sample, repeats, sample.positive)) cover.raise(match.begin, match.end, worth(motif.lift));
  }
  return chosen;
}

} // namespace packscope::patterns
