// The steps of the search, one behind the other; see patterns.h.
#include "patterns/patterns.h"

#include "patterns/gaps.h"
#include "patterns/select.h"

#include <algorithm>
#include <cmath>

namespace packscope::patterns {

namespace {

// Bytes of the budget for each byte of the sample: text, room, suffix array, its inverse, common prefixes (11), and
// what grows beside them.
constexpr std::uint64_t kPerByte = 16;
constexpr std::size_t kMostSampled = std::size_t{1} << 30; // positions are 32 bits
constexpr std::size_t kSeeds = 1500;

template <class Condition>
void keep(std::vector<Motif>& motifs, const Condition& condition) {
  std::vector<Motif> kept;
  for (std::size_t i = 0; i < motifs.size(); ++i)
    if (condition(i)) kept.push_back(std::move(motifs[i]));
  motifs = std::move(kept);
}

std::vector<Pattern> patterns_of(const std::vector<Motif>& motifs) {
  std::vector<Pattern> patterns;
  for (const Motif& motif : motifs) patterns.push_back(motif.pattern);
  return patterns;
}

std::uint64_t size_of(std::span<const Input> inputs) {
  std::uint64_t size = 0;
  for (const Input& input : inputs) size += input.bytes.size();
  return size;
}

// Passes over the input that the engine makes: one for each group of its expressions.
std::uint64_t passes(std::size_t patterns) { return (patterns + 31) / 32; }

} // namespace

Result<Findings> find_patterns(std::span<const Input> inputs, std::span<const Input> against, const Options& options) {
  Findings findings{.bytes = size_of(inputs)};
  if (findings.bytes == 0) return findings;
  const Background background = Background::of(inputs, options.threads);
  std::vector<Motif> motifs;
  {
    Progress progress("pack2regex: searching", 4, "steps", options.progress);
    Sample sample = draw_sample(inputs, against, static_cast<std::size_t>(std::clamp<std::uint64_t>(options.memory / kPerByte, 4096, kMostSampled)));
    findings.sampled = sample.positive;
    progress.advance();
    const Result<Repeats> repeats = find_repeats(sample, background, kSeeds);
    if (!repeats) return std::unexpected(repeats.error());
    progress.advance();
    motifs = grow_all(sample, background, *repeats, {.max_gap = options.max_gap}, options.threads);
    progress.advance();
    motifs = join_over_gaps(std::move(motifs), sample, background, *repeats, options.max_gap, options.threads);
    keep(motifs, [&](std::size_t i) {
      return motifs[i].lift >= 2 && motifs[i].pattern.min_length() >= options.min_length &&
             motifs[i].pattern.bits() >= options.min_bits;
    });
    progress.advance();
    if (!against.empty()) {
      Progress scanning("pack2regex: negative examples", size_of(against) * passes(motifs.size()), "bytes", options.progress);
      const Result<std::vector<bool>> hits = match_anywhere(patterns_of(motifs), against, options.threads, scanning);
      if (!hits) return std::unexpected(hits.error());
      keep(motifs, [&](std::size_t i) { return !(*hits)[i]; });
    }
    // Twice as many as are wanted: some will not have the support.
    motifs = select(motifs, sample, *repeats, 2 * options.top);
  }

  Progress counting("pack2regex: counting", findings.bytes * passes(motifs.size()), "bytes", options.progress);
  const Result<std::vector<Counted>> counted = count_matches(patterns_of(motifs), inputs, options.threads, counting);
  if (!counted) return std::unexpected(counted.error());
  for (std::size_t i = 0; i < motifs.size(); ++i) {
    const Counted& one = (*counted)[i];
    if (!one.confirmed) ++findings.contradicted;
    if (!one.confirmed || one.support < options.min_support) continue;
    const double bits = std::log2(static_cast<double>(one.support) / static_cast<double>(findings.bytes)) -
                        background.log2_probability(motifs[i].pattern);
    findings.patterns.push_back({.pattern = std::move(motifs[i].pattern), .counted = one, .bits = bits, .score = static_cast<double>(one.support) * worth(bits)});
  }
  std::sort(findings.patterns.begin(), findings.patterns.end(), [](const Found& a, const Found& b) {
    return a.score != b.score ? a.score > b.score : a.pattern < b.pattern;
  });
  if (findings.patterns.size() > options.top) findings.patterns.resize(options.top);
  return findings;
}

} // namespace packscope::patterns
