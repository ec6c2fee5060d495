// A sample that is spread evenly over however many there are, of which nobody knows beforehand: those with the least hash of
// their content. Which are taken does not depend on their order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace packscope::learn {

template <class T>
class Spread {
public:
  explicit Spread(std::size_t most) : most_(most) {}

  // `make()` is only asked for where the sample is (for now) among those kept.
  template <class Make>
  void offer(std::uint64_t hash, const Make& make) {
    if (most_ == 0 || (kept_.size() == most_ && hash >= kept_.front().first)) return;
    if (kept_.size() == most_) {
      std::ranges::pop_heap(kept_, {}, &std::pair<std::uint64_t, T>::first);
      kept_.pop_back();
    }
    kept_.emplace_back(hash, make());
    std::ranges::push_heap(kept_, {}, &std::pair<std::uint64_t, T>::first);
  }

  // By hash: any beginning of it is spread evenly too.
  std::vector<T> take() {
    std::ranges::sort(kept_, {}, &std::pair<std::uint64_t, T>::first);
    std::vector<T> samples;
    for (auto& [hash, sample] : kept_) samples.push_back(std::move(sample));
    kept_.clear();
    return samples;
  }

private:
  std::size_t most_;
  std::vector<std::pair<std::uint64_t, T>> kept_; // a heap, the greatest hash first
};

} // namespace packscope::learn
