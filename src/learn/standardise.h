// Features brought to mean 0 and deviation 1, by figures of the training samples that are stored with the weights.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

namespace packscope::learn {

// Clipped to ±8 deviations: a feature that was nearly constant must not shout when it moves.
inline float standardise(float value, float mean, float scale) { return std::clamp((value - mean) * scale, -8.0f, 8.0f); }

struct Standard {
  std::vector<float> mean, scale; // one a feature; scale: 1 / deviation

  // A feature that never changed in training gets scale 0: the network never learned what another value means.
  static Standard of(std::span<const float> rows, std::size_t width);
  void apply(std::span<float> rows) const { // in place
    const std::size_t width = mean.size();
    for (std::size_t at = 0; at + width <= rows.size() && width != 0; at += width)
      for (std::size_t i = 0; i < width; ++i) rows[at + i] = standardise(rows[at + i], mean[i], scale[i]);
  }
};

} // namespace packscope::learn
