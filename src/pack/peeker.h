// Entries of packs by where they begin, without their order: what one thread needs for it. Private to the room; see Store::peek().
//
// What an entry's number would tell is not asked: where the next one begins (a stream says itself where it ends) and
// whether a base's offset is an entry's (git doesn't ask either; what is no entry hardly inflates). Whatever is unusual
// is left to Store::read(), which names it.
#pragma once

#include "pack/object_cache.h"
#include "pack/pack_file.h"

#include <span>

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
};

} // namespace packscope::pack
