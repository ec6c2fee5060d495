// Rows sorted as they come, so that threads can share a row by ranges of its indexes.
#include "learn/row.h"

#include <algorithm>

namespace packscope::learn {

void Rows::add(const Row& row) {
  const std::ptrdiff_t before = static_cast<std::ptrdiff_t>(features.size());
  for (const Unit unit : row.units()) features.push_back({unit, 1.0f});
  features.insert(features.end(), row.valued().begin(), row.valued().end());
  const auto first = features.begin() + before;
  std::stable_sort(first, features.end(), [](const Feature& a, const Feature& b) { return a.index < b.index; });
  auto last = first;
  for (auto at = first; at != features.end(); ++at) {
    if (last != first && (last - 1)->index == at->index) (last - 1)->value += at->value;
    else *last++ = *at;
  }
  features.erase(last, features.end());
  begin.push_back(features.size());
}

std::vector<float> Rows::dense() const {
  std::vector<float> out(size() * width);
  for (std::size_t row = 0; row < size(); ++row)
    for (const Feature& feature : (*this)[row]) out[row * width + feature.index] = feature.value;
  return out;
}

Rows Rows::of(std::span<const float> dense, std::size_t width) {
  Rows rows{.width = width};
  for (std::size_t at = 0; at + width <= dense.size() && width != 0; at += width) {
    for (std::size_t i = 0; i < width; ++i)
      if (dense[at + i] != 0.0f) rows.features.push_back({static_cast<std::uint32_t>(i), dense[at + i]});
    rows.begin.push_back(rows.features.size());
  }
  return rows;
}

} // namespace packscope::learn
