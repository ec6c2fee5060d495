// Numbers are given before the tracing begins, so that threads agree.
#include "trace/traced_items.h"

#include "base/ordered_work.h"

#include <algorithm>

namespace packscope::trace {
namespace {

using Items = std::vector<TracedItem>;

Items scope_items(pack::Repository& repository, const pack::Scope& scope, bool each_path,
                  const std::function<void(const Error&)>& error) {
  Items items;
  std::unordered_map<pack::Location, std::size_t, LocationHash> known;
  syntax::HeaderVote vote;
  repository.for_each_blob(
      scope,
      [&](const pack::BlobPath& blob) {
        std::size_t at = items.size();
        if (!each_path) at = known.try_emplace(blob.at, at).first->second;
        if (at == items.size()) items.push_back({.at = blob.at, .language = {}, .paths = {}});
        if (blob.path.empty()) return;
        vote.count(blob.path);
        items[at].paths.push_back(blob);
      },
      error);
  for (TracedItem& item : items)
    if (!item.paths.empty())
      item.language = pack::is_link(item.paths[0].mode) ? syntax::Language::other
                                                        : vote.language_of(item.paths[0].path);
  return items;
}

// Appends what the items' deltas rest on, and for a whole pack all its other entries, in pack order.
void append_sources(pack::Store& store, const ItemRules& rules, TracedItems& all) {
  Items& items = all.items;
  std::unordered_map<pack::Location, bool, LocationHash> seen;
  for (const TracedItem& item : items) seen.emplace(item.at, true);
  std::vector<pack::Location> more;
  for (std::size_t i = 0; i < items.size(); ++i)
    for (pack::Location at = items[i].at;;) {
      const pack::Outcome<std::optional<pack::Location>> base = store.base_of(at);
      if (!base || !*base || !seen.emplace(**base, true).second) break; // what is broken is reported when traced
      more.push_back(at = **base);
    }
  if (rules.whole)
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry)
        if (seen.emplace(pack::Location{pack, entry}, true).second) more.push_back({pack, entry});
  std::sort(more.begin(), more.end());
  for (const pack::Location at : more) items.push_back({.at = at, .traced = false, .language = {}, .paths = {}});
  std::int64_t number = rules.first_number;
  for (const TracedItem& item : items) all.numbers.emplace(item.at, number++);
}

} // namespace

TracedItems traced_items(pack::Repository& repository, const pack::Scope& scope, const ItemRules& rules,
                         const std::function<void(const Error&)>& error) {
  TracedItems all = {scope_items(repository, scope, rules.each_path, error), {}};
  append_sources(repository.store(), rules, all);
  return all;
}

Result<void> trace_items(const pack::Source& source, const TracedItems& all, std::size_t count, const TraceWork& work,
                         const std::function<void(std::size_t, BlobTrace)>& take) {
  Progress progress("tracing " + source.name, count, "objects", work.progress);
  const unsigned threads = std::max(1u, std::min<unsigned>(work.threads, static_cast<unsigned>(count / 16 + 1)));
  std::mutex alone;
  const MemoryRules memory = {work.memory, work.memory / threads, &alone};
  // Each thread reads through a handle of its own; the store's cache is shared out too.
  pack::Store::Options store = work.store;
  store.cache_bytes /= threads;
  const auto make_worker = [&]() -> Result<std::function<BlobTrace(std::size_t)>> {
    Result<pack::Repository> own = pack::Repository::open(source, store);
    if (!own) return std::unexpected(own.error());
    auto tracer = std::make_shared<BlobTracer>(std::move(*own), all.numbers, memory);
    return [tracer, &all](std::size_t i) {
      const TracedItem& item = all.items[i];
      return tracer->trace(item.at, item.traced, item.language);
    };
  };
  return ordered_work<BlobTrace>(count, threads, make_worker, [&](std::size_t i, BlobTrace trace) {
    take(i, std::move(trace));
    progress.advance();
  });
}

} // namespace packscope::trace
