// Resolved objects by where they begin, the least recently used dropped first; bounded in bytes.
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

// Where an entry begins: known also where its number is not.
struct Spot {
  std::uint32_t pack;   // or kLoose
  std::uint64_t offset; // in the pack; of a loose object: its index
  bool operator==(const Spot&) const = default;
};
struct SpotHash {
  std::size_t operator()(const Spot& at) const {
    return ((std::uint64_t{at.pack} << 40) + at.offset) * 0x9e3779b97f4a7c15u >> 8;
  }
};

class ObjectCache {
public:
  explicit ObjectCache(std::uint64_t limit) : limit_(limit) {}

  ObjectPtr find(Spot at) {
    const auto found = by_spot_.find(at);
    if (found == by_spot_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->object;
  }

  // An object that is larger than a quarter of the cache would only drive the others out.
  void put(Spot at, const ObjectPtr& object) {
    const std::uint64_t cost = cost_of(*object);
    if (cost > limit_ / 4 || by_spot_.contains(at)) return;
    recent_.push_front({at, object});
    by_spot_[at] = recent_.begin();
    bytes_ += cost;
    while (bytes_ > limit_) {
      bytes_ -= cost_of(*recent_.back().object);
      by_spot_.erase(recent_.back().at);
      recent_.pop_back();
    }
  }

private:
  struct Kept {
    Spot at;
    ObjectPtr object;
  };
  // List node, hash node and shared object beside the bytes themselves.
  static std::uint64_t cost_of(const Object& object) { return object.data.capacity() + 192; }

  std::uint64_t limit_, bytes_ = 0;
  std::list<Kept> recent_;
  std::unordered_map<Spot, std::list<Kept>::iterator, SpotHash> by_spot_;
};

} // namespace packscope::pack
