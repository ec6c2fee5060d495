// A sample as a rung reads it: the features that are not 0, each as its index and its value.
//
// The idea: most of what could be seen in a stream is not there. Of 316 code lengths a hundred are used, of 256 literals a
// position has one; so a row is short, a network's first layer costs a row of weights a feature, and a rung may have
// thousands of features without costing more.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace packscope::learn {

struct Feature {
  std::uint32_t index;
  float value;
  bool operator==(const Feature&) const = default;
};

// Collects features in room that the caller has; allocates nothing. A feature may come several times: they add up.
class Row {
public:
  explicit Row(std::span<Feature> room) : room_(room.data()), end_(room.data() + room.size()), next_(room.data()) {}

  // Beyond the room nothing is kept; Rung::most features fit.
  void add(std::size_t index, float value = 1.0f) {
    if (next_ != end_) *next_++ = {static_cast<std::uint32_t>(index), value};
  }
  std::span<const Feature> features() const { return {room_, next_}; }

private:
  Feature* room_;
  Feature* end_;
  Feature* next_;
};

// Many samples: row i is features[begin[i], begin[i + 1]), sorted by index, an index once.
struct Rows {
  std::size_t width = 0; // every index is below
  std::vector<std::uint64_t> begin = {0};
  std::vector<Feature> features = {};

  std::size_t size() const { return begin.size() - 1; }
  std::span<const Feature> operator[](std::size_t row) const {
    return std::span(features).subspan(begin[row], begin[row + 1] - begin[row]);
  }
  void add(std::span<const Feature> row); // any order; what comes twice is added up
  std::vector<float> dense() const;       // size() rows of `width` numbers
  static Rows of(std::span<const float> dense, std::size_t width);
};

} // namespace packscope::learn
