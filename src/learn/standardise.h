// Features brought to mean 0 and deviation 1, by figures of the training samples that are stored with the weights.
#pragma once

#include <span>
#include <vector>

namespace packscope::learn {

struct Standard {
  std::vector<float> mean, scale; // one a feature; scale: 1 / deviation

  // A feature that never changed in training gets scale 0: the network never learned what another value means.
  static Standard of(std::span<const float> rows, std::size_t width);
  // In place. Clipped to ±8 deviations: a feature that was nearly constant must not shout when it moves.
  void apply(std::span<float> rows) const;
};

} // namespace packscope::learn
