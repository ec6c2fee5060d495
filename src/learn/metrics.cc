// Figures from counts.
#include "learn/metrics.h"

#include <algorithm>
#include <cmath>

namespace packscope::learn {
namespace {
double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}
} // namespace

Confusion::Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes) {}

void Confusion::add(std::uint32_t truth, std::uint32_t predicted, float confidence) {
  ++n_;
  ++counts_[truth * classes_ + predicted];
  const double clamped = std::clamp(static_cast<double>(confidence), 0.0, 1.0);
  Bin& bin = bins_[std::min(static_cast<std::size_t>(clamped * kBins), kBins - 1)];
  ++bin.n;
  bin.right += truth == predicted;
  bin.confidence += clamped;
  Step& step = steps_[static_cast<std::size_t>(clamped * static_cast<double>(kSteps))];
  ++step.n;
  step.right += truth == predicted;
}

std::uint64_t Confusion::truth(std::size_t label) const {
  std::uint64_t sum = 0;
  for (std::size_t predicted = 0; predicted < classes_; ++predicted) sum += at(label, predicted);
  return sum;
}

std::uint64_t Confusion::predicted(std::size_t label) const {
  std::uint64_t sum = 0;
  for (std::size_t truth = 0; truth < classes_; ++truth) sum += at(truth, label);
  return sum;
}

double Confusion::accuracy() const {
  std::uint64_t right = 0;
  for (std::size_t label = 0; label < classes_; ++label) right += at(label, label);
  return share(right, n_);
}

double Confusion::majority() const {
  std::uint64_t greatest = 0;
  for (std::size_t label = 0; label < classes_; ++label) greatest = std::max(greatest, truth(label));
  return share(greatest, n_);
}

double Confusion::f1(std::size_t label) const {
  return share(2 * at(label, label), truth(label) + predicted(label)); // TP + FN and TP + FP
}

double Confusion::macro_f1() const {
  double sum = 0;
  std::uint64_t seen = 0;
  for (std::size_t label = 0; label < classes_; ++label) {
    if (truth(label) + predicted(label) == 0) continue;
    sum += f1(label);
    ++seen;
  }
  return seen == 0 ? 0.0 : sum / static_cast<double>(seen);
}

double Confusion::calibration_error() const {
  double sum = 0;
  for (const Bin& bin : bins_) sum += std::abs(static_cast<double>(bin.right) - bin.confidence);
  return n_ == 0 ? 0.0 : sum / static_cast<double>(n_);
}

double Confusion::confident_accuracy(double part) const {
  const double wanted = part * static_cast<double>(n_);
  double taken = 0, right = 0;
  for (std::size_t i = steps_.size(); i-- > 0 && taken < wanted;) {
    if (steps_[i].n == 0) continue;
    const double count = std::min(static_cast<double>(steps_[i].n), wanted - taken);
    taken += count;
    right += count * share(steps_[i].right, steps_[i].n);
  }
  return taken == 0 ? 0.0 : right / taken;
}

std::uint32_t best(std::span<const float> values) {
  return static_cast<std::uint32_t>(std::ranges::max_element(values) - values.begin());
}

} // namespace packscope::learn
