// Counting; see census.h.
#include "tools/census.h"

#include "base/on_threads.h"
#include "deflate/block.h"
#include "deflate/zlib_stream.h"
#include "pack/resolve.h"

#include <libdeflate.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

namespace packscope::tools {

namespace {

using pack::Failure;
using pack::Fault;
using pack::Location;

constexpr std::uint32_t kAskStore = UINT32_MAX; // a row's depth is not known from its pack alone

class Counter {
public:
  Counter(pack::Store& store, std::uint32_t number, const CensusOptions& wanted, const ReadOptions& options,
          Report& report)
      : store_(store), number_(number), wanted_(wanted), options_(options), report_(report),
        loose_(number == pack::kLoose),
        count_(loose_ ? store.loose_count() : static_cast<std::uint32_t>(pack().entries().size())) {}

  Census run() {
    census_.pack = loose_ ? "loose" : std::filesystem::path(pack().path()).filename().string();
    census_.number = number_;
    census_.objects = count_;
    census_.rows.resize(count_);
    {
      Progress progress("stat " + census_.pack, count_, "objects", options_.progress());
      progress_ = &progress;
      if (!wanted_.decode && !wanted_.verify)
        types_from_headers();
      else if (loose_)
        read_loose();
      else
        resolve();
      if (wanted_.verify && !loose_) verify_files();
      count_all();
    }
    if (wanted_.sizes || wanted_.decode || wanted_.verify) find_largest();
    report_failures();
    return std::move(census_);
  }

private:
  const pack::PackFile& pack() const { return store_.packs()[number_]; }
  Location at(std::uint32_t entry) const { return {number_, entry}; }

  // From any thread.
  void fail(std::uint32_t entry, const Failure& failure) {
    const std::lock_guard guard(lock_);
    failures_.push_back({entry, failure});
  }

  void verify_files() {
    if (const Result<void> good = pack().verify_trailer(body_hash_); !good) error(good.error());
    if (pack().index() == nullptr) return;
    if (const Result<void> good = pack().index()->verify(); !good) error(good.error());
  }

  void types_from_headers() {
    for (std::uint32_t entry = 0; entry < count_; ++entry, progress_->advance()) {
      const pack::Outcome<pack::ObjectType> type = store_.type_of(at(entry));
      if (!type) {
        fail(entry, type.error());
        continue;
      }
      census_.rows[entry].type = *type;
      census_.rows[entry].depth = kAskStore;
      if (!wanted_.sizes) continue;
      const pack::Outcome<std::uint64_t> size = store_.size_of(at(entry));
      if (size)
        census_.rows[entry].size = *size;
      else
        fail(entry, size.error());
    }
  }

  void resolve() {
    pack::ResolveOptions how;
    how.threads = options_.threads;
    how.memory = options_.memory / 4;
    how.hash = wanted_.verify;
    how.external = [this](const pack::ObjectId& id) -> pack::ObjectPtr {
      Result<pack::ObjectPtr> object = store_.read(id);
      return object ? *object : nullptr;
    };
    const pack::ResolveVisitor visitor = {
        .object =
            [this](const pack::ResolvedEntry& object) {
              // Below an external base there may be more deltas, in other packs.
              census_.rows[object.entry] = {object.type, object.external ? kAskStore : object.depth, object.data.size()};
              if (wanted_.verify) verify(object);
              progress_->advance();
            },
        .failure = [this](std::uint32_t entry, const Failure& failure) { fail(entry, failure); },
        .body = wanted_.verify ? [this](const pack::ObjectId& hash) { body_hash_ = hash; } : std::function<void(const pack::ObjectId&)>()};
    // Without an index this is the pass that makes the ids too.
    if (!store_.compute_ids(number_, how, visitor)) pack::resolve_pack(pack(), how, visitor);
  }

  void verify(const pack::ResolvedEntry& object) {
    const pack::PackEntry& entry = pack().entries()[object.entry];
    const std::uint64_t end = pack().end_of(object.entry);
    if (object.end != end) fail(object.entry, {Fault::entry_gap, object.end});
    if (pack().index() == nullptr) return; // its ids are what was computed
    if (object.id != pack().id_of(object.entry)) fail(object.entry, {Fault::id_mismatch, entry.offset});
    const std::optional<std::uint32_t> stated =
        pack().index()->crc32(entry.index_position);
    const Bytes bytes = pack().bytes().subspan(entry.offset, end - entry.offset);
    if (stated && *stated != libdeflate_crc32(0, bytes.data(), bytes.size()))
      fail(object.entry, {Fault::index_crc32, entry.offset});
  }

  void read_loose() {
    for (std::uint32_t entry = 0; entry < count_; ++entry, progress_->advance()) {
      const pack::Outcome<pack::ObjectPtr> object = store_.read(at(entry));
      if (!object) {
        fail(entry, object.error());
        continue;
      }
      census_.rows[entry] = {(*object)->type, 0, (*object)->data.size()};
      const std::optional<pack::ObjectId> id = store_.id_of(at(entry));
      if (wanted_.verify && id != hash_object((*object)->type, (*object)->data, id->kind))
        fail(entry, {Fault::id_mismatch, 0});
    }
  }

  void find_largest() {
    constexpr std::size_t kMost = 5;
    const auto larger = [this](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t of_a = census_.rows[a].size, of_b = census_.rows[b].size;
      return of_a != of_b ? of_a > of_b : a < b;
    };
    for (std::uint32_t entry = 0; entry < count_; ++entry) {
      if (!census_.rows[entry].type || census_.rows[entry].size == Census::kNoSize) continue;
      std::vector<std::uint32_t>& found = census_.largest;
      if (found.size() == kMost && !larger(entry, found.back())) continue;
      if (found.size() == kMost) found.pop_back();
      found.insert(std::ranges::upper_bound(found, entry, larger), entry);
    }
  }

  // What headers tell, of all entries whose rows are known. Some entries at a time by each thread, into sums of its own.
  void count_all() {
    Share share(count_, 4096);
    std::vector<std::uint32_t> ask; // whose depth the store knows: it remembers, and is one thread's
    on_threads(share.threads(loose_ ? 1 : options_.threads), [&] {
      Sums sums;
      for (std::size_t begin, end; share.take(begin, end);)
        for (std::size_t entry = begin; entry < end; ++entry) count(static_cast<std::uint32_t>(entry), sums);
      const std::lock_guard guard(lock_);
      add(sums);
      ask.insert(ask.end(), sums.ask.begin(), sums.ask.end());
    });
    std::ranges::sort(ask);
    Sums sums;
    for (const std::uint32_t entry : ask) {
      if (const pack::Outcome<std::uint32_t> depth = store_.depth_of(at(entry))) sums.count_depth(*depth);
      else if (census_.rows[entry].type) fail(entry, depth.error()); // else reported already
    }
    add(sums);
  }

  struct Sums {
    std::uint64_t deltas = 0, resolved_bytes = 0, packed_bytes = 0, inflated_bytes = 0;
    std::array<std::uint64_t, 5> by_type = {};
    std::array<std::uint64_t, 3> block_types = {};
    std::vector<std::uint64_t> depths;
    std::map<std::uint16_t, std::uint64_t> zlib_headers;
    std::vector<std::uint32_t> ask;

    void count_depth(std::uint32_t depth) {
      deltas += depth > 0;
      if (depths.size() <= depth) depths.resize(std::size_t{depth} + 1);
      ++depths[depth];
    }

    void count_stream(Bytes zlib, std::uint64_t inflated, std::uint64_t packed) {
      packed_bytes += packed;
      inflated_bytes += inflated;
      deflate::ZlibHeader header;
      if (deflate::read_zlib_header(zlib, header) != deflate::Fault::none) return;
      ++zlib_headers[header.cmf_flg];
      if (zlib.size() < 3) return;
      const unsigned type = zlib[2] >> 1 & 3; // after BFINAL; 3 is no type
      if (type < 3) ++block_types[type];
    }
  };

  void add(const Sums& sums) {
    census_.deltas += sums.deltas, census_.resolved_bytes += sums.resolved_bytes;
    census_.packed_bytes += sums.packed_bytes, census_.inflated_bytes += sums.inflated_bytes;
    for (std::size_t i = 0; i < sums.by_type.size(); ++i) census_.by_type[i] += sums.by_type[i];
    for (std::size_t i = 0; i < sums.block_types.size(); ++i) census_.block_types[i] += sums.block_types[i];
    if (census_.depths.size() < sums.depths.size()) census_.depths.resize(sums.depths.size());
    for (std::size_t depth = 0; depth < sums.depths.size(); ++depth) census_.depths[depth] += sums.depths[depth];
    if (!sums.depths.empty()) census_.max_depth = std::max<std::uint64_t>(census_.max_depth, sums.depths.size() - 1);
    for (const auto& [header, count] : sums.zlib_headers) census_.zlib_headers[header] += count;
  }

  void count(std::uint32_t entry, Sums& sums) {
    const Census::Row& row = census_.rows[entry];
    if (row.type) {
      ++sums.by_type[static_cast<std::size_t>(*row.type)];
      if (row.size != Census::kNoSize) sums.resolved_bytes += row.size;
    }
    if (row.type && row.depth != kAskStore) sums.count_depth(row.depth);
    else sums.ask.push_back(entry);
    if (loose_) {
      const pack::Outcome<pack::Stream> stream = store_.stream(at(entry));
      if (stream) sums.count_stream(stream->zlib, stream->inflated_size, stream->zlib.size()); // else reported already
      return;
    }
    constexpr std::uint32_t kAhead = 16;
    pack().prefetch_header(entry + kAhead);
    if (const pack::Outcome<pack::EntryHeader> header = pack().header(entry))
      sums.count_stream(pack().stream(*header, entry), header->size, packed_size(store_, at(entry)));
  }

  // In entry order, an entry's faults in the order in which they are met; a broken base once, at its own
  // entry.
  void report_failures() {
    std::stable_sort(failures_.begin(), failures_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const Census::Row& row : census_.rows) census_.verified += wanted_.verify && row.type;
    for (std::size_t i = 0; i < failures_.size(); ++i) {
      auto [entry, failure] = failures_[i];
      const bool first = i == 0 || failures_[i - 1].first != entry;
      census_.verified -= wanted_.verify && first && census_.rows[entry].type;
      if (failure.at && *failure.at != at(entry)) failure = {Fault::base, store_.offset_of(at(entry))};
      error(store_.error(at(entry), failure));
    }
    if (!loose_) census_.errors += pack().damage().size(); // reported when the store was opened
  }

  void error(const Error& error) {
    ++census_.errors;
    report_.error(error);
  }

  pack::Store& store_;
  const std::uint32_t number_;
  const CensusOptions& wanted_;
  const ReadOptions& options_;
  Report& report_;
  const bool loose_;
  const std::uint32_t count_;
  Census census_;
  Progress* progress_ = nullptr;
  pack::ObjectId body_hash_; // with `verify`, of a pack that was resolved
  std::mutex lock_;
  std::vector<std::pair<std::uint32_t, Failure>> failures_;
};

} // namespace

std::uint64_t packed_size(const pack::Store& store, pack::Location at) {
  if (at.pack != pack::kLoose) {
    const pack::PackFile& pack = store.packs()[at.pack];
    return pack.end_of(at.entry) - pack.entries()[at.entry].offset;
  }
  const pack::Outcome<pack::Stream> stream = store.stream(at);
  return stream ? stream->zlib.size() : 0;
}

Census take_census(pack::Store& store, std::uint32_t number, const CensusOptions& census,
                   const ReadOptions& options, Report& report) {
  return Counter(store, number, census, options, report).run();
}

} // namespace packscope::tools
