// Depth-first resolution; see resolve.h.
//
// Three rounds: the trees of the forest whose roots are plain objects (by all threads); deltas whose base
// another pack has; and what no root leads to: descendants of broken entries, missing bases, cycles.
#include "pack/resolve.h"

#include "base/on_threads.h"
#include "pack/delta.h"
#include "pack/forest.h"
#include "pack/hash.h"
#include "pack/sha1_lanes.h"
#include "pack/stream.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <new>

namespace packscope::pack {

namespace {

// Uninitialised bytes that keep their allocation, with room around them for the hash's header and padding; behind them
// also for the fast loops of inflater and deltas.
struct Buffer {
  static constexpr std::size_t kBehind = deflate::Inflater::kSlack;
  static_assert(kBehind >= kHashBehind && kBehind >= kDeltaSlack);
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t size = 0, capacity = 0;

  std::span<std::uint8_t> make(std::size_t wanted) {
    if (capacity < kHashBefore + wanted + kBehind || bytes == nullptr) {
      bytes.reset();
      size = 0;
      constexpr std::size_t kRoom = std::size_t{1} << 16; // so that a few large objects don't cost a quarter more
      capacity = kHashBefore + wanted + std::min(wanted / 4, kRoom) + kBehind;
      bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    }
    size = wanted;
    return {data(), size};
  }
  std::uint8_t* data() const { return bytes == nullptr ? nullptr : bytes.get() + kHashBefore; }
  Bytes view() const { return {data(), size}; }
};

// Free buffers for the next object; large ones are given back to the system.
class BufferPool {
public:
  Buffer take() {
    if (free_.empty()) return {};
    Buffer buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }
  void give(Buffer buffer) {
    constexpr std::size_t kMost = 16, kLargest = std::size_t{1} << 20;
    if (buffer.bytes != nullptr && free_.size() < kMost && buffer.capacity <= kLargest)
      free_.push_back(std::move(buffer));
  }

private:
  std::vector<Buffer> free_;
};

enum class State : std::uint8_t { open, claimed, done, failed, unwanted };

struct Shared {
  const PackFile& pack;
  const ResolveOptions& options;
  const ResolveVisitor& visitor;
  const Forest forest;
  std::vector<std::atomic<State>> states;
  std::atomic<std::uint32_t> next_root{0};
  std::atomic<bool> body_taken{false}; // by the thread that hashes the pack's body
  std::mutex large = {}; // held by the one thread whose tree has an object above its share of the memory

  bool wants(ObjectType type) const {
    return options.types.empty() || std::ranges::find(options.types, type) != options.types.end();
  }
  bool wants_root(std::uint32_t entry) const {
    if (options.types.empty()) return true;
    const Outcome<EntryHeader> header = pack.header(entry);
    return !header || wants(header->type);
  }
  bool asked(std::uint32_t entry) const { return options.only == nullptr || (*options.only)[entry]; }
  bool claim(std::uint32_t entry) {
    State expected = State::open;
    return states[entry].compare_exchange_strong(expected, State::claimed);
  }
  void fail(std::uint32_t entry, const Failure& failure) {
    states[entry] = State::failed;
    if (visitor.failure) visitor.failure(entry, failure);
  }
};

class Worker {
public:
  Worker(Shared& shared, std::uint64_t budget)
      : shared_(shared), budget_(budget), hasher_(shared.pack.hash()),
        use_lanes_(shared.options.hash && !shared.forest.waits_for_ids() && shared.pack.hash() == HashKind::sha1 &&
                   Sha1Lanes::available()) {
    if (use_lanes_ && shared.visitor.body && !shared.body_taken.exchange(true))
      lanes_.add_beside(shared.pack.body(), &body_, kNoTicket);
  }

  // Shows what still waits for its id. Call when the last tree is done.
  void finish() {
    if (use_lanes_) hash(0, true);
  }

  // Resolves a claimed entry and all above it. `external`: the base of a delta from elsewhere.
  void resolve_tree(std::uint32_t root, ObjectPtr external) {
    external_ = std::move(external);
    push(root, nullptr);
    while (!path_.empty()) {
      std::uint32_t child;
      if (!next_child(path_.back(), child)) {
        drop(path_.back());
        path_.pop_back();
        lowest_ = std::min(lowest_, path_.size());
      } else if (shared_.claim(child)) {
        if (!restore(path_.size() - 1))
          shared_.fail(child, {Fault::base, offset(child)});
        else
          push(child, &path_.back());
      }
    }
    if (!large_.owns_lock()) return;
    if (use_lanes_) hash(0);
    delta_ = {};
    large_.unlock();
  }

private:
  struct Frame {
    std::uint32_t entry;
    ObjectType type;
    bool has_data;
    Buffer data;
    std::uint64_t ticket; // of what waits for its hash; kNoTicket
    std::span<const std::uint32_t> children;
    std::span<const std::pair<ObjectId, std::uint32_t>> children_by_id;

    bool exhausted() const { return children.empty() && children_by_id.empty(); }
  };

  // Made, and not yet hashed. Its bytes are a frame's as long as that has them, then its own.
  struct Waiting {
    ResolvedEntry resolved;
    Buffer data = {};
    bool done = false;
  };
  static constexpr std::uint64_t kNoTicket = UINT64_MAX;

  std::uint64_t offset(std::uint32_t entry) const { return shared_.pack.entries()[entry].offset; }

  bool next_child(Frame& frame, std::uint32_t& child) const {
    if (!frame.children.empty()) {
      child = frame.children.front();
      frame.children = frame.children.subspan(1);
      if (!frame.children.empty()) shared_.pack.prefetch_header(frame.children.front());
      return true;
    }
    if (frame.children_by_id.empty()) return false;
    child = frame.children_by_id.front().second;
    frame.children_by_id = frame.children_by_id.subspan(1);
    return true;
  }

  // Large objects are made by one thread at a time, until its tree is done: else each thread would hold some. Whoever
  // has the turn waits for no one, as visitors don't wait for other threads' objects.
  void take_turn(std::uint64_t size) {
    if (size > budget_ && !large_.owns_lock()) large_ = std::unique_lock(shared_.large);
  }

  // Makes the object of `entry` from `base` (a delta) or from its own stream alone.
  Fault make(const EntryHeader& header, std::uint32_t entry, Bytes base, Buffer& out, Failure& failure,
             std::uint64_t& end) {
    try {
      return make_or_throw(header, entry, base, out, failure, end);
    } catch (const std::bad_alloc&) { // other threads may give some back: the next object is tried again
      delta_ = {};
      return failure.fault = Fault::memory;
    }
  }

  Fault make_or_throw(const EntryHeader& header, std::uint32_t entry, Bytes base, Buffer& out, Failure& failure,
                      std::uint64_t& end) {
    failure.offset = header.offset;
    if (header.size > shared_.pack.limits().max_object_size) return failure.fault = Fault::size_limit;
    const Bytes stream = shared_.pack.stream(header, entry);
    failure.stream = deflate::Fault::size;
    if (!could_inflate_to(stream.size(), header.size)) return failure.fault = Fault::stream;
    take_turn(header.size);
    Buffer& inflated = is_delta(header.type) ? delta_ : out;
    std::size_t consumed = 0;
    failure.stream = inflater_.zlib(stream, inflated.make(header.size), consumed, deflate::Inflater::kSlack);
    if (failure.stream != deflate::Fault::none) return failure.fault = Fault::stream;
    end = header.data_offset + consumed;
    if (!is_delta(header.type)) return Fault::none;
    const Outcome<std::uint64_t> size =
        delta_result_size(delta_.view(), shared_.pack.limits().max_object_size);
    if (!size) return failure.fault = size.error().fault;
    take_turn(*size);
    const bool own = external_ == nullptr || base.data() != external_->data.data();
    return failure.fault = apply_delta(base, delta_.view(), out.make(*size), own ? Buffer::kBehind : 0);
  }

  // Resolves `entry`, shows it, and puts it on the path if it has children. `parent` is the top of the path.
  void push(std::uint32_t entry, Frame* parent) {
    const Outcome<EntryHeader> header = shared_.pack.header(entry);
    if (!header) return shared_.fail(entry, header.error());
    Frame frame = {entry, header->type, true, pool_.take(), kNoTicket, shared_.forest.children(entry), {}};
    ResolvedEntry resolved = {.entry = entry,
                              .base_entry = parent != nullptr ? parent->entry : ResolvedEntry::kNoEntry,
                              .depth = static_cast<std::uint32_t>(path_.size() + (external_ != nullptr)),
                              .external = external_ != nullptr};
    Failure failure;
    const Bytes base = parent != nullptr ? parent->data.view() : external_ ? Bytes(external_->data) : Bytes();
    if (make(*header, entry, base, frame.data, failure, resolved.end) != Fault::none) {
      pool_.give(std::move(frame.data));
      return shared_.fail(entry, failure);
    }
    if (is_delta(header->type)) frame.type = parent != nullptr ? parent->type : external_->type;
    resolved.type = frame.type;
    resolved.data = frame.data.view();
    if (shared_.options.hash) shared_.pack.prefetch_id(entry); // whoever asked for the hash compares it
    if (!frame.children.empty()) shared_.pack.prefetch_header(frame.children.front());
    if (use_lanes_) {
      frame.ticket = first_ticket_ + waiting_.size();
      waiting_.push_back({resolved});
      lanes_.add({frame.type, frame.data.data(), frame.data.size, &waiting_.back().resolved.id.emplace(), frame.ticket});
    } else {
      show(resolved, base, frame);
    }
    shared_.states[entry] = State::done;
    held_ += frame.data.size;
    if (frame.exhausted()) {
      drop(frame);
    } else {
      // The last child was just taken: a chain never holds more than two objects.
      if (parent != nullptr && parent->exhausted()) drop(*parent);
      path_.push_back(std::move(frame));
      shed(path_.size() - 1);
    }
    if (use_lanes_) hash_when_due();
  }

  // While it is still in the cache. What the lanes keep for the next time is bounded.
  void hash_when_due() {
    constexpr std::uint64_t kBytes = std::uint64_t{1} << 20, kKept = 12 * kBytes;
    constexpr std::size_t kMany = 512, kMost = 16 * kMany;
    if (lanes_.bytes() < due_bytes_ && waiting_.size() < due_) return;
    hash(waiting_.size() < kMost ? std::min(kKept, budget_ / 4) : 0);
    due_bytes_ = lanes_.bytes() + kBytes;
    due_ = waiting_.size() + kMany;
  }

  // Shows what is hashed, in whatever order that is.
  void hash(std::uint64_t keep, bool to_the_end = false) {
    hashed_.clear();
    lanes_.run(keep, hashed_, to_the_end);
    for (const std::uint64_t ticket : hashed_) {
      if (ticket == kNoTicket) {
        shared_.visitor.body(body_);
        continue;
      }
      Waiting& one = waiting_[ticket - first_ticket_];
      if (shared_.visitor.object) shared_.visitor.object(one.resolved);
      pool_.give(std::move(one.data));
      one.done = true;
    }
    for (; !waiting_.empty() && waiting_.front().done; ++first_ticket_) waiting_.pop_front();
  }

  void show(ResolvedEntry& resolved, Bytes base, Frame& frame) {
    resolved.base = base;
    if (shared_.options.hash || shared_.forest.waits_for_ids()) {
      resolved.id = hasher_.object(frame.type, resolved.data);
      frame.children_by_id = shared_.forest.children(*resolved.id);
    }
    if (shared_.visitor.object) shared_.visitor.object(resolved);
  }

  void drop(Frame& frame) {
    if (!frame.has_data) return;
    frame.has_data = false;
    held_ -= frame.data.size;
    const bool waits =
        frame.ticket != kNoTicket && frame.ticket >= first_ticket_ && !waiting_[frame.ticket - first_ticket_].done;
    if (waits)
      waiting_[frame.ticket - first_ticket_].data = std::move(frame.data);
    else
      pool_.give(std::move(frame.data));
    frame.ticket = kNoTicket;
    frame.data = {};
  }

  // Drops the lowest frames, but not `keep` and those above it, until the budget holds.
  void shed(std::size_t keep) {
    for (; held_ > budget_ && lowest_ < keep; ++lowest_) drop(path_[lowest_]);
  }

  // Makes the bytes of a dropped frame again, from the nearest frame below that still has its own. The frames
  // passed on the way keep theirs as far as the budget goes: the walk comes back to them next, and without
  // that a long chain of large objects would be made again from its root once a frame.
  bool restore(std::size_t frame) {
    if (path_[frame].has_data) return true;
    std::size_t from = frame;
    while (from > 0 && !path_[from].has_data) --from;
    if (path_[from].has_data) ++from;
    lowest_ = std::min(lowest_, from);
    for (std::size_t i = from; i <= frame; ++i) {
      const Outcome<EntryHeader> header = shared_.pack.header(path_[i].entry);
      const Bytes base = i > 0 ? path_[i - 1].data.view() : external_ ? Bytes(external_->data) : Bytes();
      Buffer made = pool_.take();
      Failure failure;
      std::uint64_t end;
      // Cannot fail where it went well before, but for a file that somebody is writing to.
      if (!header || make(*header, path_[i].entry, base, made, failure, end) != Fault::none) return false;
      held_ += made.size;
      path_[i].data = std::move(made);
      path_[i].has_data = true;
      if (i > 0 && path_[i - 1].exhausted()) drop(path_[i - 1]);
      shed(i);
    }
    return true;
  }

  Shared& shared_;
  const std::uint64_t budget_;
  std::uint64_t held_ = 0; // bytes in frames
  std::size_t lowest_ = 0; // no frame below this one has bytes
  std::vector<Frame> path_;
  Buffer delta_;
  BufferPool pool_;
  ObjectPtr external_;
  deflate::Inflater inflater_;
  Hasher hasher_;
  const bool use_lanes_; // ids are wanted, and several at a time can be had
  Sha1Lanes lanes_;
  ObjectId body_; // the hash, if this worker makes it
  std::deque<Waiting> waiting_; // by ticket
  std::uint64_t first_ticket_ = 0, due_bytes_ = 0;
  std::size_t due_ = 0;
  std::vector<std::uint64_t> hashed_;
  std::unique_lock<std::mutex> large_;
};

// The roots that most work hangs on, the heaviest first: begun last, one of them would keep one thread busy long after
// the others are done. What a version costs is near what the first one does.
std::vector<std::uint32_t> heavy_roots(const Shared& shared, unsigned threads) {
  if (threads < 2) return {};
  const std::uint32_t count = static_cast<std::uint32_t>(shared.states.size());
  std::vector<std::uint32_t> members(count); // of the tree above; a base that lies behind its delta may count short
  for (std::uint32_t entry = 0; entry < count; ++entry) members[entry] = shared.asked(entry);
  for (std::uint32_t entry = count; entry-- > 0;)
    if (const std::uint32_t base = shared.forest.base(entry); base < count) members[base] += members[entry];
  constexpr std::uint32_t kFew = 16; // a smaller tree is no trouble
  constexpr std::uint64_t kEach = 512; // beside the bytes
  std::vector<std::pair<std::uint64_t, std::uint32_t>> weights;
  for (std::uint32_t entry = 0; entry < count; ++entry)
    if (shared.forest.base(entry) == Forest::kRoot && members[entry] >= kFew)
      if (const Outcome<EntryHeader> header = shared.pack.header(entry))
        weights.push_back({members[entry] * (std::min(header->size, shared.pack.limits().max_object_size) + kEach), entry});
  std::ranges::sort(weights, std::greater());
  const std::size_t most = std::size_t{threads} * 64;
  if (weights.size() > most) weights.resize(most);
  std::vector<std::uint32_t> roots;
  for (const auto& [weight, entry] : weights) roots.push_back(entry);
  return roots;
}

// Round one: every thread takes the next heavy root, then the next few entries and resolves the roots among them.
void resolve_roots(Shared& shared) {
  const unsigned threads = std::max(1u, shared.options.threads);
  const std::vector<std::uint32_t> heavy = heavy_roots(shared, threads);
  std::atomic<std::size_t> next_heavy = 0;
  on_threads(threads, [&] {
    constexpr std::uint32_t kSlice = 256;
    Worker worker(shared, shared.options.memory / threads);
    const auto resolve_root = [&](std::uint32_t entry) {
      if (shared.forest.base(entry) == Forest::kRoot && shared.wants_root(entry) && shared.claim(entry))
        worker.resolve_tree(entry, nullptr);
    };
    for (std::size_t i; (i = next_heavy++) < heavy.size();) resolve_root(heavy[i]);
    const std::uint32_t count = static_cast<std::uint32_t>(shared.states.size());
    for (;;) {
      const std::uint32_t first = shared.next_root.fetch_add(kSlice);
      if (first >= count) return worker.finish();
      for (std::uint32_t entry = first; entry < std::min(count, first + kSlice); ++entry) resolve_root(entry);
    }
  });
}

// Round two: the base is in another pack, or loose.
void resolve_external(Shared& shared) {
  if (!shared.options.external) return;
  Worker worker(shared, shared.options.memory);
  for (std::uint32_t entry = 0; entry < shared.states.size(); ++entry) {
    if (shared.forest.base(entry) != Forest::kElsewhere || shared.states[entry] != State::open) continue;
    const Outcome<EntryHeader> header = shared.pack.header(entry);
    ObjectPtr base = header ? shared.options.external(header->base_id) : nullptr;
    if (base == nullptr) continue;
    if (!shared.wants(base->type))
      shared.states[entry] = State::unwanted;
    else if (shared.claim(entry))
      worker.resolve_tree(entry, std::move(base));
  }
  worker.finish();
}

// Round three: no root led here. Follows bases until something known is met or the path bites its tail.
void explain_rest(Shared& shared) {
  const std::vector<PackEntry>& entries = shared.pack.entries();
  std::vector<std::uint32_t> path;
  for (std::uint32_t start = 0; start < entries.size(); ++start) {
    path.clear();
    std::uint32_t entry = start;
    while (entry < entries.size() && shared.states[entry] == State::open) {
      shared.states[entry] = State::claimed; // on this path
      path.push_back(entry);
      entry = shared.forest.base(entry);
    }
    // Only what is of another type leaves a root open.
    if (entry == Forest::kRoot || (entry < entries.size() && shared.states[entry] == State::unwanted)) {
      for (const std::uint32_t one : path) shared.states[one] = State::unwanted;
      continue;
    }
    bool in_cycle = entry < entries.size() && shared.states[entry] == State::claimed;
    const std::uint32_t tail = entry;
    for (std::size_t i = path.size(); i-- > 0;) {
      Fault fault = Fault::base;
      if (in_cycle)
        fault = Fault::delta_cycle;
      else if (tail == Forest::kElsewhere && i + 1 == path.size())
        fault = Fault::ref_delta_base;
      if (path[i] == tail) in_cycle = false; // what is below on the path leads into the cycle
      shared.fail(path[i], {fault, entries[path[i]].offset});
    }
  }
}

} // namespace

void resolve_pack(const PackFile& pack, const ResolveOptions& options, const ResolveVisitor& visitor) {
  Shared shared = {pack, options, visitor, Forest(pack, std::max(1u, options.threads)),
                   std::vector<std::atomic<State>>(pack.entries().size())};
  for (const auto& [entry, failure] : shared.forest.broken())
    if (shared.asked(entry)) shared.fail(entry, failure);
  if (options.only != nullptr)
    for (std::uint32_t entry = 0; entry < shared.states.size(); ++entry)
      if (!shared.asked(entry)) shared.states[entry] = State::unwanted;
  resolve_roots(shared);
  resolve_external(shared);
  explain_rest(shared);
  if (!options.hash || !visitor.body || shared.body_taken) return;
  Hasher hasher(pack.hash());
  hasher.update(pack.body());
  visitor.body(hasher.finish());
}

} // namespace packscope::pack
