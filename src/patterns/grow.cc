// Columns, chosen greedily on a part of the occurrences, then counted on all of them; see grow.h.
#include "patterns/grow.h"

#include "base/on_threads.h"
#include "patterns/byte_counts.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace packscope::patterns {

namespace {

constexpr std::uint32_t kAligned = 400; // occurrences that columns are chosen on

class Grower {
public:
  Grower(const Sample& sample, const Background& background, const Repeats& repeats, const Seed& seed, const GrowLimits& limits)
      : sample_(sample), background_(background), repeats_(repeats), seed_(seed), limits_(limits),
        columns_(2 * limits.reach + seed.length), lift_(seed.lift) {
    const std::uint8_t* const text = sample.text.data() + repeats.positions[seed.first];
    for (std::uint32_t i = 0; i < seed.length; ++i) columns_[limits.reach + i] = ByteSet::of(text[i]);
    const std::uint32_t count = seed.count(), tries = std::min(count, kAligned);
    for (std::uint32_t i = 0; i < tries; ++i)
      places_.push_back(static_cast<std::uint32_t>(repeats.positions[seed.first + std::uint64_t{count} * i / tries]));
  }

  // The whole, and what of it stands around the seed without a gap, which others may follow at varying distances.
  std::vector<Motif> run() {
    // What was dismissed may be worth something among the occurrences that remain.
    for (unsigned round = 0; round < 2; ++round)
      if (!choose_columns()) break;
    std::vector<Motif> motifs;
    for (const std::uint32_t max_gap : {limits_.max_gap, 0u}) {
      Pattern made = pattern(max_gap);
      if (!motifs.empty() && motifs[0].pattern == made) break;
      if (std::optional<Motif> motif = counted(std::move(made))) motifs.push_back(std::move(*motif));
    }
    return motifs;
  }

private:
  // The byte in a column, or -1 beyond the piece.
  int byte_at(std::uint32_t place, std::size_t column) const {
    if (column < limits_.reach) {
      const std::size_t before = limits_.reach - column;
      return sample_.reaches_back(place, before) ? sample_.text[place - before] : -1;
    }
    const std::size_t behind = column - limits_.reach;
    return behind < sample_.room[place] ? sample_.text[place + behind] : -1;
  }
  Column column_of(std::size_t column) const {
    Column result;
    for (const std::uint32_t place : places_) {
      const int byte = byte_at(place, column);
      if (byte < 0) continue;
      ++result.counts[static_cast<std::size_t>(byte)];
      ++result.seen;
    }
    return result;
  }
  std::optional<Choice> choice_at(std::size_t column) const {
    const Column found = column_of(column);
    if (found.seen * 2 < places_.size()) return std::nullopt;
    const bool beside = column + 2 >= limits_.reach && column < limits_.reach + seed_.length + 2;
    return best_set(found, static_cast<std::uint32_t>(places_.size()), lift_, beside, background_);
  }

  bool choose_columns() {
    std::vector<std::pair<double, std::size_t>> promising;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      if (columns_[column]) continue;
      if (const std::optional<Choice> choice = choice_at(column)) promising.emplace_back(choice->gain, column);
    }
    std::stable_sort(promising.begin(), promising.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    bool any = false;
    for (const auto& [gain, column] : promising) {
      const std::optional<Choice> choice = choice_at(column); // again: others were taken since
      if (!choice) continue;
      any = true;
      columns_[column] = choice->set;
      const double share = static_cast<double>(choice->hits) / static_cast<double>(places_.size());
      lift_ += std::log2(share / background_.probability(choice->set));
      std::erase_if(places_, [&](std::uint32_t place) {
        const int byte = byte_at(place, column);
        return byte < 0 || !choice->set.has(static_cast<std::uint8_t>(byte));
      });
    }
    return any;
  }

  // What lies beyond too long a gap is left out; `begin_`, `end_`: the columns that stay.
  Pattern pattern(std::uint32_t max_gap) {
    begin_ = limits_.reach;
    end_ = limits_.reach + seed_.length;
    for (std::size_t column = begin_, gap = 0; column-- > 0 && gap <= max_gap; ++gap)
      if (columns_[column]) begin_ = column, gap = std::size_t(-1);
    for (std::size_t column = end_, gap = 0; column < columns_.size() && gap <= max_gap; ++column, ++gap)
      if (columns_[column]) end_ = column + 1, gap = std::size_t(-1);
    Pattern pattern;
    for (std::size_t column = begin_; column < end_; ++column) {
      const ByteSet set = columns_[column].value_or(ByteSet::all());
      if (set.is_all() && pattern.steps.back().gap()) {
        ++pattern.steps.back().min;
        ++pattern.steps.back().max;
      } else {
        pattern.steps.push_back({.set = set});
      }
    }
    return pattern;
  }

  std::optional<Motif> counted(Pattern pattern) const {
    std::vector<Match> places;
    const std::uint32_t before = static_cast<std::uint32_t>(limits_.reach - begin_), length = static_cast<std::uint32_t>(end_ - begin_);
    for (std::uint32_t i = seed_.first; i <= seed_.last; ++i) {
      const std::uint32_t place = static_cast<std::uint32_t>(repeats_.positions[i]);
      bool holds = true;
      for (std::size_t column = begin_; column < end_ && holds; ++column) {
        const int byte = byte_at(place, column);
        holds = byte >= 0 && (!columns_[column] || columns_[column]->has(static_cast<std::uint8_t>(byte)));
      }
      if (holds) places.push_back({place - before, place - before + length});
    }
    if (places.size() < 2) return std::nullopt;
    Motif motif = weighed(std::move(pattern), places.size(), sample_.positive, background_);
    motif.places = spread(std::move(places));
    motif.origin = {.first = seed_.first, .last = seed_.last, .before = before};
    return motif;
  }

  const Sample& sample_;
  const Background& background_;
  const Repeats& repeats_;
  const Seed& seed_;
  const GrowLimits& limits_;
  std::vector<std::optional<ByteSet>> columns_; // the seed begins at limits_.reach
  double lift_;
  std::vector<std::uint32_t> places_;
  std::size_t begin_ = 0, end_ = 0;
};

} // namespace

std::vector<Match> spread(std::vector<Match> matches) {
  if (matches.size() > Motif::kPlaces)
    for (std::size_t i = 0; i < Motif::kPlaces; ++i) matches[i] = matches[i * matches.size() / Motif::kPlaces];
  matches.resize(std::min(matches.size(), Motif::kPlaces));
  return matches;
}

std::vector<Match> matches_of(const Motif& motif, const Sample& sample, const Repeats& repeats, std::size_t most) {
  std::vector<Match> matches;
  if (motif.count > most) return matches;
  const Matcher matcher(motif.pattern);
  const auto add = [&](std::size_t begin, std::size_t end) {
    if (sample.room[begin] == Sample::kFar || end - begin <= sample.room[begin])
      matches.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  };
  if (!motif.origin) {
    matcher.for_each(sample.bytes(), [&](std::size_t begin, std::size_t end) {
      add(begin, end);
      return matches.size() <= most;
    });
    return matches;
  }
  for (std::uint32_t i = motif.origin->first; i <= motif.origin->last; ++i) {
    const std::size_t at = static_cast<std::size_t>(repeats.positions[i]);
    if (!sample.reaches_back(at, motif.origin->before)) continue;
    const std::size_t begin = at - motif.origin->before, end = matcher.match_at(sample.bytes(), begin);
    if (end != Matcher::kNone) add(begin, end);
  }
  std::sort(matches.begin(), matches.end());
  return matches;
}

Motif weighed(Pattern pattern, std::uint64_t count, std::uint64_t bytes, const Background& background) {
  Motif motif{.pattern = std::move(pattern), .count = count};
  motif.lift = std::log2(static_cast<double>(count) / static_cast<double>(bytes)) - background.log2_probability(motif.pattern);
  motif.score = static_cast<double>(count) * worth(motif.lift);
  return motif;
}

std::vector<Motif> grow(const Sample& sample, const Background& background, const Repeats& repeats, const Seed& seed,
                        const GrowLimits& limits) {
  return Grower(sample, background, repeats, seed, limits).run();
}

std::vector<Motif> grow_all(const Sample& sample, const Background& background, const Repeats& repeats,
                            const GrowLimits& limits, unsigned threads) {
  std::vector<std::vector<Motif>> grown(repeats.seeds.size());
  Share share(grown.size());
  on_threads(share.threads(threads), [&] {
    for (std::size_t i; share.take(i);)
      grown[i] = grow(sample, background, repeats, repeats.seeds[i], limits);
  });
  std::map<Pattern, Motif> distinct;
  for (std::vector<Motif>& made : grown)
    for (Motif& motif : made) distinct.try_emplace(motif.pattern, motif);
  std::vector<Motif> motifs;
  for (auto& [pattern, motif] : distinct) motifs.push_back(std::move(motif));
  std::stable_sort(motifs.begin(), motifs.end(), [](const Motif& a, const Motif& b) { return a.score > b.score; });
  return motifs;
}

} // namespace packscope::patterns
