// Which (object id, path) pairs were seen: 16 bytes a pair instead of the path itself.
//
// 128 bits of id and path hash: two of ten million pairs collide by chance with probability 10^-25.
#pragma once

#include "pack/object.h"

#include <vector>

namespace packscope::pack {

class PairSet {
public:
  // True if the pair is new.
  bool insert(const ObjectId& id, std::string_view path) {
    Key key = {load_le<std::uint64_t>(id.bytes.data()) ^ mix(path, 0x9e3779b97f4a7c15u),
               load_le<std::uint64_t>(id.bytes.data() + 8) ^ mix(path, 0xc2b2ae3d27d4eb4fu)};
    if (key == Key{}) key.low = 1; // all zeros mark a free slot
    if (used_ * 2 >= slots_.size()) grow();
    Key& slot = slot_of(key);
    if (slot == key) return false;
    slot = key;
    ++used_;
    return true;
  }

private:
  struct Key {
    std::uint64_t low = 0, high = 0;
    bool operator==(const Key&) const = default;
  };

  static std::uint64_t mix(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = seed ^ text.size();
    const auto add = [&hash](std::uint64_t word) {
      hash = (hash ^ word) * 0xff51afd7ed558ccdu; // odd multiplier of MurmurHash3's finaliser
      hash ^= hash >> 32;
    };
    for (; text.size() >= 8; text.remove_prefix(8)) add(load_le<std::uint64_t>(as_bytes(text).data()));
    std::uint64_t rest = 0;
    for (const char byte : text) rest = rest << 8 | static_cast<std::uint8_t>(byte);
    add(rest);
    add(seed);
    return hash;
  }
  Key& slot_of(const Key& key) {
    std::size_t at = (key.low + key.high) & (slots_.size() - 1);
    while (slots_[at] != Key{} && slots_[at] != key) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }
  void grow() {
    std::vector<Key> old(slots_.empty() ? 1024 : slots_.size() * 2);
    old.swap(slots_);
    for (const Key& key : old)
      if (key != Key{}) slot_of(key) = key;
  }

  std::vector<Key> slots_; // a power of two, at most half full
  std::size_t used_ = 0;
};

} // namespace packscope::pack
