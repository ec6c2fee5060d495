// Matching by hand; see pattern.h. The parts between gaps of varying length are checked as wholes: from the places
// where one may end follow those where the next may begin, so that no input makes it try a place twice.
#include "patterns/pattern.h"

#include <bitset>
#include <cmath>
#include <cstring>

namespace packscope::patterns {

std::size_t Pattern::min_length() const {
  std::size_t length = 0;
  for (const Step& step : steps) length += step.min;
  return length;
}

std::size_t Pattern::max_length() const {
  std::size_t length = 0;
  for (const Step& step : steps) length += step.max;
  return length;
}

double Pattern::bits() const {
  double sum = 0;
  for (const Step& step : steps) sum += 8 - std::log2(step.set.size()) - std::log2(step.max - step.min + 1);
  return sum;
}

Matcher::Matcher(const Pattern& pattern) : parts_(1) {
  for (const Step& step : pattern.steps) {
    if (step.min != step.max) {
      parts_.push_back({.gap_min = step.min, .gap_max = step.max});
      continue;
    }
    if (!step.gap()) parts_.back().bytes.emplace_back(static_cast<std::uint32_t>(parts_.back().length), step.set);
    parts_.back().length += step.min;
  }
  std::vector<std::uint8_t> literals;
  std::size_t next = 0;
  for (const auto& [at, set] : parts_[0].bytes) {
    if (!set.is_one() || at != next) literals.clear();
    next = at + 1;
    if (!set.is_one()) continue;
    literals.push_back(set.first());
    if (literals.size() <= anchor_.size()) continue;
    anchor_ = literals;
    anchor_at_ = next - literals.size();
  }
}

bool Matcher::holds(const Part& part, Bytes data, std::size_t at) {
  if (at > data.size() || data.size() - at < part.length) return false;
  for (const auto& [place, set] : part.bytes)
    if (!set.has(data[at + place])) return false;
  return true;
}

std::size_t Matcher::match_at(Bytes data, std::size_t begin) const {
  if (!holds(parts_[0], data, begin)) return kNone;
  if (parts_.size() == 1) return begin + parts_[0].length;
  using Places = std::bitset<kMaxLength + 1>; // relative to `begin`
  Places ends;
  ends.set(parts_[0].length);
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    Places next;
    std::size_t tried = 0; // places below it were tried
    for (std::size_t end = ends._Find_first(); end < ends.size(); end = ends._Find_next(end)) {
      for (std::size_t at = std::max(end + part.gap_min, tried); at <= end + part.gap_max; ++at)
        if (at + part.length <= kMaxLength && holds(part, data, begin + at)) next.set(at + part.length);
      tried = std::max(tried, end + part.gap_max + 1);
    }
    if (next.none()) return kNone;
    ends = next;
  }
  return begin + ends._Find_first();
}

std::size_t Matcher::next_candidate(Bytes data, std::size_t from) const {
  if (anchor_.empty()) {
    const ByteSet& first = parts_[0].bytes.front().second;
    while (from < data.size() && !first.has(data[from])) ++from;
    return from < data.size() ? from : kNone;
  }
  if (from > data.size() || data.size() - from < anchor_at_ + anchor_.size()) return kNone;
  const std::uint8_t* const begin = data.data() + from + anchor_at_;
  const std::size_t left = data.size() - from - anchor_at_;
  const void* found = anchor_.size() == 1 ? std::memchr(begin, anchor_[0], left)
                                          : memmem(begin, left, anchor_.data(), anchor_.size());
  return found == nullptr ? kNone
                          : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - data.data()) - anchor_at_;
}

void Matcher::for_each(Bytes data, const std::function<bool(std::size_t, std::size_t)>& visit) const {
  for (std::size_t at = 0; (at = next_candidate(data, at)) != kNone;) {
    const std::size_t end = match_at(data, at);
    if (end != kNone && !visit(at, end)) return;
    at = end != kNone ? end : at + 1;
  }
}

} // namespace packscope::patterns
