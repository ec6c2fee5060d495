// Resolved objects by location, the least recently used dropped first; bounded in bytes.
#pragma once

#include "pack/location.h"
#include "pack/object.h"

#include <list>
#include <unordered_map>

namespace packscope::pack {

struct LocationHash {
  std::size_t operator()(const Location& at) const {
    return ((std::size_t{at.pack} << 32) + at.entry) * 0x9e3779b97f4a7c15u; // 2^64 / golden ratio: spreads runs
  }
};

class ObjectCache {
public:
  explicit ObjectCache(std::uint64_t limit) : limit_(limit) {}

  ObjectPtr find(Location at) {
    const auto found = by_location_.find(at);
    if (found == by_location_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->object;
  }

  // An object that is larger than a quarter of the cache would only drive the others out.
  void put(Location at, const ObjectPtr& object) {
    const std::uint64_t cost = cost_of(*object);
    if (cost > limit_ / 4 || by_location_.contains(at)) return;
    recent_.push_front({at, object});
    by_location_[at] = recent_.begin();
    bytes_ += cost;
    while (bytes_ > limit_) {
      bytes_ -= cost_of(*recent_.back().object);
      by_location_.erase(recent_.back().at);
      recent_.pop_back();
    }
  }

private:
  struct Kept {
    Location at;
    ObjectPtr object;
  };
  // List node, hash node and shared object beside the bytes themselves.
  static std::uint64_t cost_of(const Object& object) { return object.data.capacity() + 192; }

  std::uint64_t limit_, bytes_ = 0;
  std::list<Kept> recent_;
  std::unordered_map<Location, std::list<Kept>::iterator, LocationHash> by_location_;
};

} // namespace packscope::pack
