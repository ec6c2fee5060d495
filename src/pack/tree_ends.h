// Where the entries of trees end, of the trees on the path of a depth-first walk: a delta's tree takes most of its ends over
// from its base, and need not be searched for them. Private to the room.
//
// Ends that are not known cost time only. So what is kept is bounded, in one array, whatever the depth.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace packscope::pack {

class TreeEnds { // one per thread
public:
  // What follows is the tree at `depth`, whose base is the last one at the depth before; 0: it has none.
  void begin(std::size_t depth) {
    if (depth < first_.size()) ends_.resize(first_[depth]);
    first_.resize(depth + 1, ends_.size());
    base_ = first_[depth == 0 ? 0 : depth - 1];
    base_end_ = ends_.size();
  }

  // Bytes [here, here + equal) of the tree are [there, there + equal) of its base: how many of them are known to be whole
  // entries. `there` rises from call to call.
  std::size_t take(std::size_t here, std::size_t there, std::size_t equal) {
    const auto base = [this](std::size_t at) { return ends_.begin() + static_cast<std::ptrdiff_t>(at); };
    base_ = static_cast<std::size_t>(std::upper_bound(base(base_), base(base_end_), there) - ends_.begin());
    const std::size_t last = static_cast<std::size_t>(std::upper_bound(base(base_), base(base_end_), there + equal) - ends_.begin());
    if (last == base_) return 0;
    const std::size_t whole = ends_[last - 1] - there, count = std::min(last - base_, room()), old = ends_.size();
    ends_.resize(old + count);
    const std::uint32_t moved = static_cast<std::uint32_t>(here - there); // modulo 2^32
    std::transform(base(base_), base(base_ + count), base(old), [moved](std::uint32_t end) { return end + moved; });
    base_ = last;
    return whole;
  }
  void add(std::size_t end) {
    if (room() > 0 && end <= UINT32_MAX) ends_.push_back(static_cast<std::uint32_t>(end));
  }

private:
  static constexpr std::size_t kMost = std::size_t{1} << 20;
  std::size_t room() const { return kMost - ends_.size(); }

  std::vector<std::uint32_t> ends_; // of the trees on the path, one after the other; of each, rising
  std::vector<std::size_t> first_;  // by depth: into ends_
  std::size_t base_ = 0, base_end_ = 0; // what is left of the base's
};

} // namespace packscope::pack
