// A pattern: literals, classes and bounded gaps in a row; and what of it a match is.
//
// A match is what a regex engine finds that looks for the next one behind the last: the leftmost, and of those the
// shortest (gaps are lazy). So Python's re.finditer, PCRE and any engine that reports every end count at least as many.
#pragma once

#include "base/bytes.h"
#include "patterns/byte_set.h"

#include <functional>
#include <vector>

namespace packscope::patterns {

// One byte of a set, or a gap: `min` to `max` bytes of any value.
struct Step {
  ByteSet set;
  std::uint16_t min = 1, max = 1; // 1, 1 unless the set holds all bytes

  bool gap() const { return set.is_all(); }
  auto operator<=>(const Step&) const = default;
};

// Begins and ends with a set, never with a gap; no two gaps stand side by side.
struct Pattern {
  std::vector<Step> steps;

  std::size_t min_length() const;
  std::size_t max_length() const;
  bool fixed() const { return min_length() == max_length(); }
  double bits() const; // -log2 of the chance that it matches at a place of evenly random bytes
  auto operator<=>(const Pattern&) const = default;
};

inline constexpr std::size_t kMaxLength = 1000; // of a match

class Matcher {
public:
  explicit Matcher(const Pattern& pattern);

  static constexpr std::size_t kNone = ~std::size_t{0};
  // The end of the shortest match that begins at `begin`, or kNone.
  std::size_t match_at(Bytes data, std::size_t begin) const;

  // Matches that don't overlap, leftmost first; `visit` (begin, end) returns false to stop.
  void for_each(Bytes data, const std::function<bool(std::size_t, std::size_t)>& visit) const;

private:
  // Bytes at fixed distances, behind a gap whose length may vary.
  struct Part {
    std::size_t gap_min = 0, gap_max = 0;
    std::vector<std::pair<std::uint32_t, ByteSet>> bytes; // where in the part; places that take any byte are left out
    std::size_t length = 0;
  };
  static bool holds(const Part& part, Bytes data, std::size_t at);
  std::size_t next_candidate(Bytes data, std::size_t from) const;

  std::vector<Part> parts_;
  std::vector<std::uint8_t> anchor_; // the longest run of literals in the first part
  std::size_t anchor_at_ = 0;
};

} // namespace packscope::patterns
