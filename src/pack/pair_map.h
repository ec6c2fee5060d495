// A number for each (object id, path) pair that was seen: 20 bytes a pair instead of the path itself.
//
// 128 bits of id and path hash: two of ten million pairs collide by chance with probability 10^-25.
#pragma once

#include "pack/object.h"

#include <array>
#include <vector>

namespace packscope::pack {

class PairMap {
public:
  // The pair's number, 0 if it is new. Valid until the next call.
  std::uint32_t& operator()(const ObjectId& id, std::string_view path) {
    Key key = {load_le<std::uint64_t>(id.bytes.data()) ^ mix(path, 0x9e3779b97f4a7c15u),
               load_le<std::uint64_t>(id.bytes.data() + 8) ^ mix(path, 0xc2b2ae3d27d4eb4fu)};
    if (key == Key{}) key[0] = 1; // all zeros mark a free slot
    if (used_ * 2 >= keys_.size()) grow();
    const std::size_t slot = slot_of(key);
    used_ += keys_[slot] != key;
    keys_[slot] = key;
    return numbers_[slot];
  }

  std::size_t size() const { return used_; }

private:
  using Key = std::array<std::uint64_t, 2>;

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
  std::size_t slot_of(const Key& key) const {
    std::size_t at = (key[0] + key[1]) & (keys_.size() - 1);
    while (keys_[at] != Key{} && keys_[at] != key) at = (at + 1) & (keys_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Key> keys(keys_.empty() ? 1024 : keys_.size() * 2);
    std::vector<std::uint32_t> numbers(keys.size());
    keys.swap(keys_);
    numbers.swap(numbers_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == Key{}) continue;
      const std::size_t slot = slot_of(keys[i]);
      keys_[slot] = keys[i];
      numbers_[slot] = numbers[i];
    }
  }

  std::vector<Key> keys_; // a power of two, at most half full
  std::vector<std::uint32_t> numbers_;
  std::size_t used_ = 0;
};

} // namespace packscope::pack
