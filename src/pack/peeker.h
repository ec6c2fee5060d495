// Entries of packs by where they begin, without their order: what one thread needs for it. Private to the room; see Store::peek().
//
// What an entry's number would tell is not asked: where the next one begins (a stream says itself where it ends) and
// whether a base's offset is an entry's (git doesn't ask either; what is no entry hardly inflates). Whatever is unusual
// is left to Store::read(), which names it.
#pragma once

#include "pack/object_cache.h"
#include "pack/pack_file.h"

#include <array>
#include <span>
#include <utility>

namespace packscope::pack {

// Null: larger than `most`, or anything is wrong. `packs` are only read, and so may be by several threads.
class Peeker {
public:
  explicit Peeker(std::uint64_t cache_bytes) : cache(cache_bytes), look_(kMostLook) {}
  ObjectPtr read(std::span<const PackFile> packs, Spot entry, std::uint64_t most);

  ObjectCache cache;

private:
  static constexpr std::size_t kFirstLook = 2048, kMostLook = std::size_t{1} << 16; // at an entry, and at a longer one

  deflate::Inflater inflater_;
  ByteBuffer scratch_;
  ByteBuffer look_; // what was looked at; its pages come as they are touched

  // What lies between a delta and its base is made in two buffers and forgotten: memory that is touched for the first time costs more
  // than to make it again. But where it is asked for in turn, as versions of a file are, or passed a second time, it is kept.
  bool passed(Spot step) const { return passed_[place_of(step)] == mark_of(step); }
  bool keeps(Spot step) { // and remembers that it was passed
    return std::exchange(passed_[place_of(step)], mark_of(step)) == mark_of(step) || asked_after_ * 4 > asked_;
  }
  static std::size_t place_of(Spot at) { return SpotHash()(at) % kPassed; }
  static std::uint32_t mark_of(Spot at) { return static_cast<std::uint32_t>(SpotHash()(at) >> 24) | 1; }
  static constexpr std::size_t kMostStep = std::size_t{1} << 20; // that is made in a buffer
  std::array<ByteBuffer, 2> steps_;
  static constexpr std::size_t kPassed = 4096;
  std::array<std::uint32_t, kPassed> passed_ = {}; // by a hash of where a step begins, more of the hash; one that has gone costs time, no more
  std::uint64_t asked_ = 0, asked_after_ = 0;   // objects; those that were steps before
};

} // namespace packscope::pack
