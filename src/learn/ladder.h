// The ladder of one task: every rung's answers to the same samples, and how right they are, by split and by type of block.
//
// The idea: samples stream through, each answered by all rungs as `predict` would answer it (learn/classifier.h), and only
// counts stay; besides a spread of samples whose streams are kept, for what is dear: counting instructions, asking peers.
#pragma once

#include "learn/cascade.h"
#include "learn/dataset.h"
#include "learn/ladder_cost.h"
#include "learn/metrics.h"
#include "learn/spread.h"

#include <functional>

namespace packscope::learn {

// Share of a quantity's variance that is explained: 1 - mean square of the error / variance.
class Explained {
public:
  void add(double truth, double said);
  std::optional<double> r2() const; // null: fewer than two values, or all the same

private:
  std::uint64_t n_ = 0;
  double sum_ = 0, squares_ = 0, errors_ = 0;
};

// One rung's figures.
class Standing {
public:
  Standing(std::string rung, const Task& task);

  struct Said {
    std::uint32_t label = 0;
    float confidence = 0;
    double expected = 0; // of the question "functions": log2(1 + count), each class weighed by its probability
  };
  // `said`: one a question.
  void add(Side side, deflate::BlockType block, std::span<const std::uint32_t> truth, std::span<const Said> said);

  const std::string& rung() const { return rung_; }
  const Confusion& at(Side side, std::optional<deflate::BlockType> block, std::size_t question = 0) const;
  std::optional<double> r2(Side side, std::optional<deflate::BlockType> block) const; // of "functions", where it is asked

  Cost cost = {};
  // The cascade's alone: how many samples each of its rungs answered, by side (Side's order), and the rungs' names.
  std::vector<std::string> climbed = {};
  std::array<std::vector<std::uint64_t>, 3> answered = {};

private:
  static constexpr std::size_t kCells = 3 * 4; // sides times (all, stored, fixed, dynamic)
  static std::size_t cell(Side side, std::optional<deflate::BlockType> block) {
    return static_cast<std::size_t>(side) * 4 + (block ? 1 + static_cast<std::size_t>(*block) : 0);
  }
  std::string rung_;
  std::size_t questions_;
  std::optional<std::size_t> counted_;  // the question "functions"
  std::vector<Confusion> confusions_;   // [cell][question]
  std::array<Explained, kCells> explained_ = {};
};

// A source of its own.
struct KeptSample {
  std::vector<std::uint8_t> zlib;
  Source rest;                              // without zlib and block
  std::optional<deflate::BlockHeader> header;
  deflate::BlockType block = deflate::BlockType::stored;
  std::vector<std::uint32_t> truth;         // one a question
  std::vector<Side> sides;                  // one a model, and one more: the peers'

  Source source() const;
};

struct LadderOptions {
  double confidence = 0.95;
  bool whole_text = false; // the cascade ends in it
  unsigned threads = 1;
  std::size_t kept = 40; // samples
};

class Ladder {
public:
  // `models`: of the task; low rungs first. The cascade is one more rung where the task is language and two of its rungs
  // (or more) are there.
  Ladder(const Task& task, std::vector<Model> models, LadderOptions options);
  ~Ladder();

  const std::vector<Classifier>& classifiers() const { return classifiers_; }
  // Copies what it needs. `sides`: one a model, and one more for the kept sample. Side::all: on no side that is known.
  void add(const Source& source, deflate::BlockType block, std::span<const std::uint32_t> truth, std::span<const Side> sides);
  // After the last sample: answers those that wait.
  void finish();
  void measure(CostBy by, std::size_t objects, perf::StepLimits limits, const std::function<void()>& after_each = {});

  std::vector<Standing>& standings() { return standings_; }
  const std::vector<KeptSample>& kept() const { return kept_; } // after finish()

private:
  struct Batch;
  void answer_batch();
  void tally();

  const Task& task_;
  const LadderOptions options_;
  std::size_t source_bytes_ = 0; // that the deepest rung reads
  std::vector<Classifier> classifiers_;
  std::vector<std::size_t> cascade_; // indices of classifiers_
  std::vector<Standing> standings_;  // one a classifier, then the cascade
  std::unique_ptr<Batch> batch_;
  Spread<KeptSample> spread_;
  std::vector<KeptSample> kept_;
};

// Whatever answers for a whole stream: asked for each of `samples`; nullopt is no answer, and counts nowhere.
Standing ask_peer(std::string rung, const Task& task, std::span<const KeptSample> samples, unsigned threads,
                  const std::function<std::optional<Standing::Said>(const KeptSample&)>& ask);

} // namespace packscope::learn
