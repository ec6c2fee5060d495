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

// The index of a feature of value 1. (rung.cc asserts that no rung has more features than it can number.)
using Unit = std::uint16_t;

// Collects features in room that the caller has; allocates nothing. A feature may come several times: they add up.
// Most features are there or not: those are kept as indexes alone, as adding up rows of weights is half of the work that
// multiplying them is.
class Row {
public:
  // `folded`: for a classifier, whose weights rung.h's fold() has laid out anew; the rung gives that layout's indexes.
  Row(std::span<Unit> units, std::span<Feature> valued, bool folded = false)
      : units_(units.data()), units_end_(units.data() + units.size()), units_next_(units.data()), valued_(valued.data()),
        valued_end_(valued.data() + valued.size()), valued_next_(valued.data()), folded_(folded) {}

  // Beyond the room nothing is kept; Rung::most_units and most_valued fit.
  void add(std::size_t index) {
    if (units_next_ != units_end_) *units_next_++ = static_cast<Unit>(index);
  }
  void add(std::span<const Unit> indexes) {
    const std::size_t room = static_cast<std::size_t>(units_end_ - units_next_);
    const std::size_t count = indexes.size() < room ? indexes.size() : room;
    __builtin_memcpy(units_next_, indexes.data(), count * sizeof(Unit));
    units_next_ += count;
  }
  void add(std::size_t index, float value) {
    if (valued_next_ != valued_end_) *valued_next_++ = {static_cast<std::uint32_t>(index), value};
  }
  std::span<Feature> valued_from(std::size_t first) { return {valued_ + first, valued_next_}; } // to be changed in place
  bool folded() const { return folded_; }
  std::span<const Unit> units() const { return {units_, units_next_}; }
  std::span<const Feature> valued() const { return {valued_, valued_next_}; }

private:
  Unit *units_, *units_end_, *units_next_;
  Feature *valued_, *valued_end_, *valued_next_;
  bool folded_;
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
  void add(const Row& row); // any order; what comes twice is added up
  std::vector<float> dense() const;       // size() rows of `width` numbers
  static Rows of(std::span<const float> dense, std::size_t width);
};

} // namespace packscope::learn
