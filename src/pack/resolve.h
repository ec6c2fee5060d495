// Resolves every object of a pack once: depth first over the delta forest.
//
// The idea: turn the chains around. Following each delta down to its base resolves popular bases thousands of times;
// going from each base up to its children inflates every entry once, with the parent's bytes still in the
// processor's cache. Nothing recurses: the path from the root is a stack of frames. What the frames hold is bounded:
// a parent is freed with its last child, and above the budget the lowest frames drop their bytes and make them
// again when the walk comes back to them. Objects above a thread's share of the budget are made by one thread at a
// time, so that what all hold stays near the budget and the largest object.
//
// With `hash`, objects are hashed some at a time (sha1_lanes.h), and shown when their id is known.
#pragma once

#include "pack/pack_file.h"

namespace packscope::pack {

// An object that a thin pack lacks, from wherever the caller has it; null: nowhere.
using ExternalBase = std::function<ObjectPtr(const ObjectId&)>;

struct ResolvedEntry {
  static constexpr std::uint32_t kNoEntry = UINT32_MAX;
  std::uint32_t entry = 0;
  std::uint32_t base_entry = kNoEntry; // what a delta stands on, which the same thread has just resolved; kNoEntry: nothing here
  ObjectType type = ObjectType::blob;
  Bytes data = {};               // during the call
  Bytes base = {};               // of a delta, without ResolveOptions::hash: what it was made from; during the call
  std::optional<ObjectId> id = {}; // the computed hash, with ResolveOptions::hash
  std::uint32_t depth = 0;       // deltas down to the whole object, or to the external one
  bool external = false;         // stands on an object that another pack has
  std::uint64_t end = 0;         // offset in the pack of the first byte after the entry's stream
};

struct ResolveOptions {
  unsigned threads = 1;
  std::uint64_t memory = std::uint64_t{64} << 20; // for held parents, all threads together; two objects always fit
  bool hash = false;
  // Objects of other types are not inflated, and come to neither function (a broken one may come to failure()).
  std::vector<ObjectType> types = {}; // empty: all
  ExternalBase external = {}; // called by one thread at a time
  // By entry: which are made, and come to either function. Must hold the base of each, as far down as the pack has it.
  // Null: all. Must outlive the call.
  const std::vector<bool>* only = nullptr;
};

// Called by any of the threads; without `hash` a parent is visited before its children. Every entry comes exactly once,
// to one of the two. Where a base is broken, its descendants fail with Fault::base at their own offsets.
// Must not wait for another thread's visit.
struct ResolveVisitor {
  std::function<void(const ResolvedEntry&)> object;
  std::function<void(std::uint32_t entry, const Failure&)> failure;
  // If given, with `hash`: the hash of all before the pack's trailer, made beside those of the objects. Once.
  std::function<void(const ObjectId&)> body = {};
};

void resolve_pack(const PackFile& pack, const ResolveOptions& options, const ResolveVisitor& visitor);

} // namespace packscope::pack
