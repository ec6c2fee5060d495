// What begins and ends alike is cut off; of the lines between, Myers' greedy search for the shortest script ("An O(ND)
// difference algorithm and its variations", 1986), up to a number of changes: from there on all of them are one edit.
#include "syntax/difference.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>

namespace packscope::syntax {
namespace {

constexpr int kMostChanges = 200; // lines removed or added
constexpr std::size_t kMostLines = 20000;

// Matching runs of lines.
struct Run {
  int old_line, new_line, count;
};

class Search {
public:
  // Of the lines from `head` on, without the last `tail` ones.
  Search(const Lines& from, const Lines& to, std::size_t head, std::size_t tail)
      : from_(from), to_(to), head_(head), n_(static_cast<int>(from.size() - head - tail)), m_(static_cast<int>(to.size() - head - tail)) {}

  // The longest common subsequence's runs, from the last to the first; false where it takes more changes than are tried.
  bool run(std::vector<Run>& runs) {
    int changes = 0;
    while (!reach(changes))
      if (++changes > kMostChanges) return false;
    for (int x = n_, k = n_ - m_; changes >= 0; --changes) {
      const Step step = step_to(changes, k);
      if (x > step.x) runs.push_back({step.x, step.x - k, x - step.x});
      k += step.down ? 1 : -1;
      x = step.down ? step.x : step.x - 1;
    }
    return true;
  }

private:
  // How a diagonal (line of `from` less line of `to`) is entered with one change more: a line of `to` is added, or one of `from`
  // removed, whichever leads further.
  struct Step {
    int x; // -1: it can't be
    bool down;
  };
  Step step_to(int changes, int k) const {
    if (changes == 0) return {0, true};
    const std::vector<int>& before = reach_[static_cast<std::size_t>(changes - 1)];
    const auto at = [&](int diagonal) { return std::abs(diagonal) < changes ? before[static_cast<std::size_t>(diagonal + changes - 1)] : -1; };
    const auto inside = [&](int x) { return x >= 0 && x <= n_ && x >= k && x - k <= m_; };
    const int down = at(k + 1), right = at(k - 1) < 0 ? -1 : at(k - 1) + 1;
    if (inside(down) && (down >= right || !inside(right))) return {down, true};
    return inside(right) ? Step{right, false} : Step{-1, false};
  }
  // The furthest lines of `from` on each diagonal; true at the end of both.
  bool reach(int changes) {
    std::vector<int>& now = reach_.emplace_back(static_cast<std::size_t>(2 * changes + 1), -1);
    for (int k = -changes; k <= changes; k += 2) {
      int x = step_to(changes, k).x;
      if (x < 0) continue;
      while (x < n_ && x - k < m_ && from_.same(head_ + static_cast<std::size_t>(x), to_, head_ + static_cast<std::size_t>(x - k))) ++x;
      now[static_cast<std::size_t>(k + changes)] = x;
      if (x == n_ && x - k == m_) return true;
    }
    return false;
  }

  const Lines &from_, &to_;
  const std::size_t head_;
  const int n_, m_;
  std::vector<std::vector<int>> reach_; // by changes, then diagonal
};

} // namespace

Lines::Lines(std::string_view text) : text_(text) {
  sketch_.fill(UINT32_MAX);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::size_t hash = std::hash<std::string_view>()(text.substr(at, end - at));
    begins_.push_back(static_cast<std::uint32_t>(at));
    hashes_.push_back(static_cast<std::uint32_t>(hash));
    std::uint32_t& least = sketch_[(hash >> 32) % kSketch];
    least = std::min(least, static_cast<std::uint32_t>(hash));
    at = end;
  }
  begins_.push_back(static_cast<std::uint32_t>(text.size()));
}

unsigned Lines::alike(const Lines& other) const {
  unsigned same = 0;
  for (unsigned i = 0; i < kSketch; ++i) same += sketch_[i] == other.sketch_[i];
  return same;
}

std::vector<Edit> difference(const Lines& from, const Lines& to) {
  const std::size_t both = std::min(from.size(), to.size());
  std::size_t head = 0, tail = 0;
  while (head < both && from.same(head, to, head)) ++head;
  while (tail < both - head && from.same(from.size() - tail - 1, to, to.size() - tail - 1)) ++tail;
  std::vector<Edit> edits;
  std::size_t old_done = head, new_done = head;
  const auto up_to = [&](std::size_t old_line, std::size_t new_line) {
    if (old_line > old_done || new_line > new_done) edits.push_back({from.at(old_done), from.at(old_line), to.at(new_done), to.at(new_line)});
  };
  const std::size_t old_end = from.size() - tail, new_end = to.size() - tail;
  std::vector<Run> runs;
  if (old_end > head && new_end > head && old_end - head <= kMostLines && new_end - head <= kMostLines && Search(from, to, head, tail).run(runs))
    for (std::size_t i = runs.size(); i-- > 0;) {
      const std::size_t old_line = head + static_cast<std::size_t>(runs[i].old_line), new_line = head + static_cast<std::size_t>(runs[i].new_line);
      up_to(old_line, new_line);
      old_done = old_line + static_cast<std::size_t>(runs[i].count);
      new_done = new_line + static_cast<std::size_t>(runs[i].count);
    }
  up_to(old_end, new_end);
  return edits;
}

} // namespace packscope::syntax
