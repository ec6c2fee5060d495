// What a lattice says of a blob: a language, how sure that is, and the clues it rests on.
//
// The idea: each clue that the lattice knows is an expert. What it says of a language is by how much more often it stands
// for it than a blob at large does, counted in repositories and in objects; experts are added up as logarithms, each weighted
// by its dimension and by how many repositories made it (weights.h: fitted on repositories that were not in the lattice, so
// that a softmax of the sum is a probability). An object that the lattice holds needs no experts: it is looked up and done.
#pragma once

#include "lattice/clue.h"
#include "lattice/votes.h"

#include <memory>

namespace packscope::lattice {

inline constexpr std::uint32_t kAllDimensions = ~std::uint32_t{0};

struct Support {
  Dimension dimension;
  std::uint64_t objects, repositories; // distinct ones that vote for the label
};

struct Answer {
  bool known = false; // else the lattice has no evidence at all
  syntax::Language label = syntax::Language::other;
  float confidence = 0;
  bool damaged = false; // the lattice: what could be read of it answers
  unsigned count = 0;
  std::array<Support, kDimensions> support; // the first `count`: clues that speak for the label, exact to coarse
  std::span<const Support> evidence() const { return {support.data(), count}; }
};

class Explainer {
public:
  // `dimensions`: a bit each; others are not asked. The Lattice outlives it. An Error: the lattice is damaged.
  static Result<Explainer> of(const Lattice& lattice, std::uint32_t dimensions = kAllDimensions);

  // Whether the lattice has votes of a repository, by its identity.
  bool knows(Bytes identity) const;

  // By its id alone: known only if the lattice holds it. `own`: the repository that is asked about, or 0.
  Answer by_id(Dimension dimension, Bytes id, Element own) const;
  // By the clues of its stream. A thread keeps what it heard, up to 4 MiB: a repository's blobs share most clues.
  Answer by_clues(const Clues& clues, Element own) const;

  // For measurements and for fitting the weights: what each clue says, before it is weighted.
  struct Expert {
    Dimension dimension;
    unsigned bucket; // of weights.h
    std::array<float, kLanes> repositories, objects; // lifts: logarithms
    std::array<float, kLanes> raw;                   // repositories as counted
  };
  const std::array<float, kLanes>& prior() const; // of repositories: logarithms
  static constexpr unsigned kExperts = kDimensions + kInner + kGroups;
  unsigned experts(const Clues& clues, Element own, std::array<Expert, kExperts>& out) const;

private:
  struct Tables;
  class Memo;
  explicit Explainer(const Lattice& lattice) : lattice_(&lattice) {}
  bool asks(Dimension dimension) const { return dimensions_ >> static_cast<unsigned>(dimension) & 1; }
  bool ask(std::uint64_t key, Element own, LanguageVotes& votes, bool& damaged) const;
  // Calls hear(dimension, key) for the clues in turn, but for profiles; it says whether the lattice knows the clue.
  template <class Hear> void each(const Clues& clues, const Hear& hear) const;
  void lift(const LanguageVotes& votes, Expert& expert) const;

  const Lattice* lattice_;
  std::uint32_t dimensions_ = kAllDimensions;
  std::shared_ptr<const Tables> tables_;
};

} // namespace packscope::lattice
