// What begins and ends alike is cut off; of the lines between, Myers' greedy search for the shortest script ("An O(ND)
// difference algorithm and its variations", 1986), up to a number of changes: from there on all of them are one edit.
#include "syntax/difference.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace packscope::syntax {
namespace {

constexpr int kMostChanges = 200; // lines removed or added
constexpr std::size_t kMostLines = 20000;

struct Line {
  std::string_view text;
  std::size_t hash;
  bool operator==(const Line& other) const { return hash == other.hash && text == other.text; }
};

// How many bytes both begin with, and both end with: eight at a time.
std::size_t common_head(std::string_view a, std::string_view b) {
  const std::size_t both = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (both - at >= 8 && std::memcmp(a.data() + at, b.data() + at, 8) == 0) at += 8;
  while (at < both && a[at] == b[at]) ++at;
  return at;
}
std::size_t common_tail(std::string_view a, std::string_view b) {
  const std::size_t both = std::min(a.size(), b.size());
  const char *const a_end = a.data() + a.size(), *const b_end = b.data() + b.size();
  std::size_t at = 0;
  while (both - at >= 8 && std::memcmp(a_end - at - 8, b_end - at - 8, 8) == 0) at += 8;
  while (at < both && a_end[-1 - static_cast<std::ptrdiff_t>(at)] == b_end[-1 - static_cast<std::ptrdiff_t>(at)]) ++at;
  return at;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty() && lines.size() <= kMostLines) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back({text.substr(0, end), std::hash<std::string_view>()(text.substr(0, end))});
    text.remove_prefix(end);
  }
  return lines;
}

// Matching runs of lines.
struct Run {
  int old_line, new_line, count;
};

class Search {
public:
  Search(const std::vector<Line>& from, const std::vector<Line>& to)
      : from_(from), to_(to), n_(static_cast<int>(from.size())), m_(static_cast<int>(to.size())) {}

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
      while (x < n_ && x - k < m_ && from_[static_cast<std::size_t>(x)] == to_[static_cast<std::size_t>(x - k)]) ++x;
      now[static_cast<std::size_t>(k + changes)] = x;
      if (x == n_ && x - k == m_) return true;
    }
    return false;
  }

  const std::vector<Line>&from_, &to_;
  const int n_, m_;
  std::vector<std::vector<int>> reach_; // by changes, then diagonal
};

} // namespace

std::vector<Edit> difference(std::string_view old_text, std::string_view new_text) {
  const std::size_t head = common_head(old_text, new_text);
  if (head == old_text.size() && head == new_text.size()) return {};
  const std::size_t tail = common_tail(old_text.substr(head), new_text.substr(head));
  const std::string_view old_middle = old_text.substr(head, old_text.size() - tail - head), new_middle = new_text.substr(head, new_text.size() - tail - head);
  const auto edit = [head](std::size_t old_begin, std::size_t old_end, std::size_t new_begin, std::size_t new_end) {
    return Edit{static_cast<std::uint32_t>(head + old_begin), static_cast<std::uint32_t>(head + old_end),
                static_cast<std::uint32_t>(head + new_begin), static_cast<std::uint32_t>(head + new_end)};
  };
  const std::vector<Line> from = lines_of(old_middle), to = lines_of(new_middle);
  std::vector<Run> runs;
  if (from.empty() || to.empty() || from.size() > kMostLines || to.size() > kMostLines || !Search(from, to).run(runs)) return {edit(0, old_middle.size(), 0, new_middle.size())};
  const auto begins = [](const std::vector<Line>& lines, std::string_view text) {
    std::vector<std::size_t> at;
    for (const Line& line : lines) at.push_back(static_cast<std::size_t>(line.text.data() - text.data()));
    at.push_back(text.size());
    return at;
  };
  const std::vector<std::size_t> old_at = begins(from, old_middle), new_at = begins(to, new_middle);
  std::vector<Edit> edits;
  std::size_t old_done = 0, new_done = 0; // lines
  const auto up_to = [&](std::size_t old_line, std::size_t new_line) {
    if (old_line > old_done || new_line > new_done) edits.push_back(edit(old_at[old_done], old_at[old_line], new_at[new_done], new_at[new_line]));
  };
  for (std::size_t i = runs.size(); i-- > 0;) {
    const std::size_t old_line = static_cast<std::size_t>(runs[i].old_line), new_line = static_cast<std::size_t>(runs[i].new_line), count = static_cast<std::size_t>(runs[i].count);
    up_to(old_line, new_line);
    old_done = old_line + count;
    new_done = new_line + count;
  }
  up_to(from.size(), to.size());
  return edits;
}

} // namespace packscope::syntax
