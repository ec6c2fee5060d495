// By entry headers alone (pack/delta_roots.h) where no path is asked for; see root_streams.h.
#include "tools/root_streams.h"

#include "base/on_threads.h"
#include "learn/dataset.h"
#include "pack/delta_roots.h"

#include <algorithm>
#include <mutex>

namespace packscope::tools {
namespace {

using pack::Location;

// A number for every object of a store.
class SlotMap {
public:
  explicit SlotMap(const pack::Store& store) {
    for (const pack::PackFile& pack : store.packs()) slots_.emplace_back(pack.entries().size(), RootStreams::kNone);
    slots_.emplace_back(store.loose_count(), RootStreams::kNone);
  }
  std::uint32_t& operator[](Location at) {
    return slots_[at.pack == pack::kLoose ? slots_.size() - 1 : at.pack][at.entry];
  }

private:
  std::vector<std::vector<std::uint32_t>> slots_;
};

bool reads_trees(const pack::Repository& repository, const ReadOptions& options, bool paths) {
  const pack::ScopeKind kind = options.scope().kind;
  const bool all = kind == pack::ScopeKind::all_objects ||
                   (kind == pack::ScopeKind::automatic && !repository.source().repository);
  return paths || !all;
}

std::vector<pack::BlobPath> find_blobs(pack::Repository& repository, const ReadOptions& options, bool paths,
                                       const pack::DeltaRoots& roots, Report& report) {
  std::vector<pack::BlobPath> blobs;
  if (reads_trees(repository, options, paths)) {
    repository.for_each_blob(
        options.scope(),
        [&](const pack::BlobPath& blob) {
          if (!pack::is_link(blob.mode)) blobs.push_back(blob);
        },
        [&](const Error& error) { report.error(error); });
    return blobs;
  }
  // Every blob of every pack and every loose one, by headers alone; once, though several packs may hold it.
  const pack::Store& store = repository.store();
  const bool several = store.packs().size() > 1 || store.loose_count() > 0;
  if (several) store.compute_ids(); // nothing to do where all have an index
  const auto add = [&](Location at) {
    const pack::Outcome<pack::ObjectType> type = roots.type_of(at);
    if (!type) return report.error(store.error(at, type.error()));
    if (*type != pack::ObjectType::blob) return;
    if (several)
      if (const std::optional<pack::ObjectId> id = store.id_of(at); id && store.find(*id) != at) return;
    blobs.push_back({.id = {}, .at = at, .path = {}});
  };
  for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
    for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) add({pack, entry});
  for (std::uint32_t entry = 0; entry < store.loose_count(); ++entry) add({pack::kLoose, entry});
  return blobs;
}

Result<void> ask_one(pack::Store& store, Location at, std::size_t number, const AskStream& ask, std::mutex& lock) {
  learn::Source source;
  std::vector<std::uint8_t> made;
  std::uint64_t offset = 0;
  if (at.pack != pack::kLoose) { // as Store::stream() would, without its lookups
    const pack::PackFile& pack = store.packs()[at.pack];
    const pack::Outcome<pack::EntryHeader> header = pack.header(at.entry);
    if (!header) return std::unexpected(store.error(at, header.error()));
    source = {.zlib = pack.stream(*header, at.entry), .inflated_size = header->size};
    offset = header->data_offset;
  } else { // its stream begins with "blob 123\0": seen as a pack would hold it
    const std::lock_guard guard(lock);
    const pack::Outcome<pack::ObjectPtr> object = store.read(at);
    if (!object) return std::unexpected(store.error(at, object.error()));
    made = learn::compress((*object)->data);
    source = {.zlib = made, .inflated_size = (*object)->data.size()};
  }
  source.packed_size = source.zlib.size();
  const deflate::Fault fault = ask(number, source);
  if (fault == deflate::Fault::none) return {};
  return fail(std::string(deflate::describe(fault)), store.file_of(at), offset);
}

} // namespace

RootStreams find_root_streams(pack::Repository& repository, const ReadOptions& options, bool paths, Report& report) {
  pack::Store& store = repository.store();
  const pack::DeltaRoots roots = pack::DeltaRoots::of(store);
  RootStreams found;
  found.blobs = find_blobs(repository, options, paths, roots, report);
  found.stream.assign(found.blobs.size(), RootStreams::kNone);
  SlotMap slots(store);
  for (std::size_t i = 0; i < found.blobs.size(); ++i) {
    const pack::Outcome<Location> root = roots.of(found.blobs[i].at);
    if (!root) {
      report.error(store.error(found.blobs[i].at, root.error()));
      continue;
    }
    std::uint32_t& slot = slots[*root];
    if (slot == RootStreams::kNone) {
      slot = static_cast<std::uint32_t>(found.streams.size());
      found.streams.push_back(*root);
    }
    found.stream[i] = slot;
  }
  return found;
}

std::vector<bool> ask_streams(pack::Repository& repository, std::span<const Location> streams, const ReadOptions& options,
                              Report& report, const std::function<AskStream()>& asker) {
  pack::Store& store = repository.store();
  std::vector<bool> whole(streams.size(), true);
  std::vector<std::pair<std::size_t, Error>> errors;
  std::mutex lock; // of errors, and of the store where it reads
  Share share(streams.size(), 512);
  Progress progress("predict " + repository.source().name, streams.size(), "streams", options.progress());
  const auto work = [&] {
    const AskStream ask = asker();
    for (std::size_t begin, end; share.take(begin, end);) {
      for (std::size_t i = begin; i < end; ++i)
        if (const Result<void> one = ask_one(store, streams[i], i, ask, lock); !one) {
          const std::lock_guard guard(lock);
          errors.emplace_back(i, one.error());
        }
      progress.advance(end - begin);
    }
  };
  on_threads(share.threads(options.threads), work);
  std::ranges::sort(errors, {}, &std::pair<std::size_t, Error>::first);
  for (const auto& [at, error] : errors) {
    whole[at] = false;
    report.error(error);
  }
  return whole;
}

} // namespace packscope::tools
