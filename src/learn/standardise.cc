// Two passes in double and in order: the same figures everywhere.
#include "learn/standardise.h"

#include <cmath>

namespace packscope::learn {

Standard Standard::of(std::span<const float> rows, std::size_t width) {
  const std::size_t count = width == 0 ? 0 : rows.size() / width;
  std::vector<double> mean(width, 0.0), square(width, 0.0);
  for (std::size_t i = 0; i < count * width; ++i) mean[i % width] += static_cast<double>(rows[i]);
  for (double& value : mean) value /= static_cast<double>(std::max<std::size_t>(count, 1));
  for (std::size_t i = 0; i < count * width; ++i) {
    const double away = static_cast<double>(rows[i]) - mean[i % width];
    square[i % width] += away * away;
  }
  Standard standard;
  for (std::size_t i = 0; i < width; ++i) {
    const double deviation = std::sqrt(square[i] / static_cast<double>(std::max<std::size_t>(count, 1)));
    standard.mean.push_back(static_cast<float>(mean[i]));
    standard.scale.push_back(deviation > 1e-6 ? static_cast<float>(1.0 / deviation) : 0.0f);
  }
  return standard;
}

} // namespace packscope::learn
