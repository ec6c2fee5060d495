// Blobs in pieces to all threads; each sorts what it found.
#include "lattice/builder.h"

#include "base/on_threads.h"
#include "deflate/inflate.h"
#include "lattice/identity.h"
#include "lattice/merge.h"
#include "learn/facts.h"
#include "pack/delta_roots.h"
#include "pack/leaf_names.h"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace packscope::lattice {
namespace {

using pack::Location;

// A blob's leaf name is the last kind of label; those of coarse clues are without end and tell nothing.
bool names_too(Dimension dimension) {
  return dimension == Dimension::object || (dimension >= Dimension::raw64 && dimension <= Dimension::symbols16);
}

struct Blob {
  Location at;
  syntax::Language language;
};

} // namespace

// Which facts a text's declarations make true.
class FactReader {
public:
  // Empty: no grammar, too large, or nothing that parses.
  std::vector<std::string_view> read(Bytes zlib, std::uint64_t size, syntax::Language language) {
    constexpr std::uint64_t kLargest = std::uint64_t{1} << 20;
    const Result<const TSLanguage*> grammar = grammars_.get(language);
    if (size > kLargest || !grammar || *grammar == nullptr) return {};
    text_.resize(size);
    std::size_t consumed = 0;
    if (inflater_.zlib(zlib, text_, consumed) != deflate::Fault::none) return {};
    if (!parser_.parse(language, text_, parsed_, {.tokens = false, .declarations = true})) return {};
    std::vector<std::string_view> facts;
    for (const std::string_view fact : learn::kFacts)
      if (std::ranges::any_of(parsed_.declarations, [&](const syntax::Declaration& one) { return learn::tells(fact, syntax::name(one.kind), one.node); }))
        facts.push_back(fact);
    return facts;
  }

private:
  syntax::Grammars grammars_;
  syntax::Parser parser_{grammars_};
  syntax::Parsed parsed_;
  deflate::Inflater inflater_;
  std::vector<std::uint8_t> text_;
};

struct Builder::Worker {
  Worker(const std::string& folder, std::uint64_t memory) : sorter(folder, memory) {}

  Sorter sorter;
  Evidence total;
  std::unique_ptr<FactReader> facts; // with --ast
  std::string text; // of a label

  std::uint32_t label(LabelKind kind, std::string_view name) {
    text = static_cast<char>(kind);
    text += name.substr(0, kMostLabel - 1);
    return sorter.label(text);
  }

  Result<void> add(const pack::Store& store, const pack::DeltaRoots& roots, const Blob& blob, std::string_view leaf, Element repository,
                   const std::function<void(Location, pack::Failure)>& failed) {
    const std::optional<pack::ObjectId> id = store.id_of(blob.at);
    if (!id) return {};
    if (const Result<void> done = sorter.make_room(); !done) return done;
    const Element object = element_of(id->raw());
    const std::string_view manifest = manifest_kind(leaf);
    const std::uint32_t language = label(LabelKind::language, syntax::name(blob.language)), named = label(LabelKind::name, leaf),
                        kind = manifest.empty() ? 0 : label(LabelKind::manifest, manifest);
    total.add(lattice::label(LabelKind::language, syntax::name(blob.language)), repository, object);
    std::vector<std::uint32_t> facts_told;
    const auto vote = [&](Dimension dimension, std::uint64_t key) {
      sorter.add(key, language, repository, object);
      for (const std::uint32_t fact : facts_told) sorter.add(key, fact, repository, object);
      if (!manifest.empty()) sorter.add(key, kind, repository, object);
      if (names_too(dimension)) sorter.add(key, named, repository, object);
    };
    vote(Dimension::object, object_key(Dimension::object, id->raw()));
    if (blob.at.pack == pack::kLoose) return {}; // its stream begins with "blob 123": no pack's does
    const pack::PackFile& pack = store.packs()[blob.at.pack];
    const pack::Outcome<pack::EntryHeader> header = pack.header(blob.at.entry);
    if (!header) return failed(blob.at, header.error()), Result<void>();
    if (pack::is_delta(header->type)) {
      if (const pack::Outcome<Location> root = roots.of(blob.at)) {
        if (const std::optional<pack::ObjectId> base = store.id_of(*root)) vote(Dimension::delta, object_key(Dimension::delta, base->raw()));
      } else {
        failed(blob.at, root.error());
      }
      return {};
    }
    if (facts)
      for (const std::string_view fact : facts->read(pack.stream(*header, blob.at.entry), header->size, blob.language))
        facts_told.push_back(label(LabelKind::ast, fact));
    Clues clues;
    const deflate::Fault fault = header->size == 0 ? deflate::Fault::none : read_clues(pack.stream(*header, blob.at.entry), clues);
    if (fault != deflate::Fault::none) failed(blob.at, {pack::Fault::stream, header->offset, fault});
    for (unsigned i = static_cast<unsigned>(Dimension::raw64); i < static_cast<unsigned>(Dimension::profile); ++i)
      if (const Dimension dimension = static_cast<Dimension>(i); clues.has(dimension)) vote(dimension, clues.of(dimension));
    for (unsigned i = 0; i < clues.inner_count; ++i) vote(Dimension::inner, clues.inner[i]);
    if (clues.dynamic())
      for (unsigned group = 0; group < kGroups; ++group) vote(Dimension::profile, profile_key(group, clues.profile[group]));
    return {};
  }
};

Builder::Builder(BuildOptions options) : options_(std::move(options)) {
  const unsigned threads = std::max(1u, options_.threads);
  // Half for the sort; the rest is for reading trees and commits, and what else there is.
  for (unsigned i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(options_.folder, options_.memory / 2 / threads));
    if (options_.ast) workers_.back()->facts = std::make_unique<FactReader>();
  }
}
Builder::~Builder() = default;

Result<void> Builder::add(pack::Repository& repository, const OnError& error) {
  pack::Store& store = repository.store();
  store.compute_ids();
  const std::uint64_t memory = options_.memory / 4;
  const std::optional<pack::ObjectId> identity = identity_of(store, options_.threads, memory);
  if (!identity) return {};
  const Element voter = element_of(identity->raw());
  const pack::LeafNames names = pack::LeafNames::of(store, options_.threads, memory, error);
  const pack::DeltaRoots roots = pack::DeltaRoots::of(store);

  syntax::HeaderVote vote;
  std::vector<Blob> blobs;
  std::uint32_t languages = 0;
  const auto each = [&](const auto& visit) {
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) visit(Location{pack, entry});
    for (std::uint32_t entry = 0; entry < store.loose_count(); ++entry) visit(Location{pack::kLoose, entry});
  };
  std::vector<Location> named;
  each([&](Location at) {
    const std::string_view leaf = names.of(at);
    if (leaf.empty()) return;
    const pack::Outcome<pack::ObjectType> type = roots.type_of(at);
    if (!type) return error(store.error(at, type.error()));
    if (*type != pack::ObjectType::blob) return;
    vote.count(leaf);
    named.push_back(at);
  });
  for (const Location at : named) {
    blobs.push_back({at, vote.language_of(names.of(at))});
    languages |= 1u << static_cast<unsigned>(blobs.back().language);
  }

  std::vector<std::pair<Location, pack::Failure>> failures;
  std::optional<Error> stopped;
  std::mutex lock; // of both
  Share share(blobs.size(), 1024);
  std::atomic<unsigned> worker = 0;
  on_threads(share.threads(static_cast<unsigned>(workers_.size())), [&] {
    Worker& own = *workers_[worker++];
    const auto failed = [&](Location at, pack::Failure failure) {
      const std::lock_guard guard(lock);
      failures.emplace_back(at, failure);
    };
    for (std::size_t begin, end; share.take(begin, end);) {
      for (std::size_t i = begin; i < end; ++i)
        if (const Result<void> done = own.add(store, roots, blobs[i], names.of(blobs[i].at), voter, failed); !done) {
          const std::lock_guard guard(lock);
          if (!stopped) stopped = done.error();
          return share.stop();
        }
      if (options_.progress) options_.progress(end - begin);
    }
  });
  if (stopped) return std::unexpected(*stopped);
  std::ranges::sort(failures, {}, &std::pair<Location, pack::Failure>::first);
  for (const auto& [at, failure] : failures) error(store.error(at, failure));

  Worker& first = *workers_[0];
  if (const Result<void> done = first.sorter.make_room(); !done) return done;
  for (unsigned i = 0; i < syntax::kLanguages; ++i)
    if (languages >> i & 1)
      first.sorter.add(object_key(Dimension::repository, identity->raw()),
                       first.label(LabelKind::language, syntax::name(static_cast<syntax::Language>(i))), voter, voter);
  return {};
}

Result<CursorPtr> Builder::finish() {
  class One : public Cursor { // a record
  public:
    One(std::uint64_t key, const Evidence& evidence) : key_(key) { evidence.encode(value_); }
    Result<bool> next(Record& record) override {
      if (value_.empty() || done_) return false;
      record = {key_, as_bytes(value_)};
      return done_ = true;
    }
    std::uint64_t key_;
    std::string value_;
    bool done_ = false;
  };
  std::vector<CursorPtr> parts;
  Evidence total;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    Result<std::vector<CursorPtr>> sorted = worker->sorter.finish();
    if (!sorted) return std::unexpected(sorted.error());
    for (CursorPtr& one : *sorted) parts.push_back(std::move(one));
    total.join(worker->total);
  }
  parts.push_back(std::make_unique<One>(key_of(Dimension::total, 0), total));
  return merge(std::move(parts));
}

} // namespace packscope::lattice
