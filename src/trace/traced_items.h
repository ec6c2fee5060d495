// Which objects of a repository are traced, under which names and numbers; and tracing them on several threads, in order.
#pragma once

#include "base/progress.h"
#include "trace/blob_trace.h"

#include <functional>
#include <optional>
#include <vector>

namespace packscope::trace {

// One object to trace, and the names of the blob.
struct TracedItem {
  pack::Location at;
  bool traced = true;
  std::optional<syntax::Language> language;
  std::vector<pack::BlobPath> paths;
};

struct TracedItems {
  std::vector<TracedItem> items;
  ObjectNumbers numbers;  // of all objects in items: `first_number` and up, in their order
};

struct ItemRules {
  bool each_path = false;        // an item a path; else a blob once, with all its paths
  bool whole = false;            // also all other entries of the packs
  std::int64_t first_number = 1;
};
// The blobs of the scope in its order, then what their deltas rest on (`traced` is false there).
TracedItems traced_items(pack::Repository& repository, const pack::Scope& scope, const ItemRules& rules,
                         const std::function<void(const Error&)>& error);

struct TraceWork {
  pack::Store::Options store;  // cache_bytes of all threads together
  std::uint64_t memory = 0;    // of all threads, for tables and lists beside the store's cache
  unsigned threads = 1;
  ProgressMode progress = ProgressMode::automatic;
};
// The first `count` items, one after the other on this thread.
Result<void> trace_items(const pack::Source& source, const TracedItems& items, std::size_t count, const TraceWork& work,
                         const std::function<void(std::size_t, BlobTrace)>& take);

} // namespace packscope::trace
