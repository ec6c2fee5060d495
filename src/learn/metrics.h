// How good predictions are, and against what: an accuracy means nothing without n and the majority class beside it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace packscope::learn {

// Counts of (true class, predicted class), and of confidences, from which all figures follow.
class Confusion {
public:
  explicit Confusion(std::size_t classes);

  void add(std::uint32_t truth, std::uint32_t predicted, float confidence);

  std::uint64_t n() const { return n_; }
  std::size_t classes() const { return classes_; }
  std::uint64_t at(std::size_t truth, std::size_t predicted) const { return counts_[truth * classes_ + predicted]; }
  std::uint64_t truth(std::size_t label) const;     // how many are of the class
  std::uint64_t predicted(std::size_t label) const; // how many were said to be

  // Shares in 0..1; 0 where there are no samples.
  double accuracy() const;
  double majority() const; // share of the commonest true class: what saying it always would reach
  double f1(std::size_t label) const; // 2 TP / (2 TP + FP + FN); 0 where the class is never right
  double macro_f1() const; // mean F1 over classes that occur, as truth or as prediction
  // Expected calibration error (Guo et al. 2017), 15 bins of equal width: mean |accuracy - confidence|, by bin size.
  double calibration_error() const;
  // Accuracy of the most confident `share` of the samples: what is left to do is known to be the rest. By thousandths of
  // confidence; of the last thousandth that is needed, its mean.
  double confident_accuracy(double share) const;

private:
  static constexpr std::size_t kSteps = 1000;
  static constexpr std::size_t kBins = 15;
  struct Bin {
    std::uint64_t n = 0, right = 0;
    double confidence = 0;
  };
  std::size_t classes_;
  std::uint64_t n_ = 0;
  std::vector<std::uint64_t> counts_; // [truth][predicted]
  Bin bins_[kBins];
  struct Step {
    std::uint32_t n = 0, right = 0;
  };
  std::vector<Step> steps_ = std::vector<Step>(kSteps + 1); // by thousandths of confidence
};

// Index of the first greatest value.
std::uint32_t best(std::span<const float> values);

} // namespace packscope::learn
