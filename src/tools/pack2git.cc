// packscope pack2git: every git-like url in any text of the scope.
//
// Over all objects each pack is resolved once, depth first, and an object is scanned while its bytes are still in the
// processor's cache, by as many threads as there are; what they find is sorted by pack offset afterwards (url_spill.h). That scope
// reads blobs, commits and tags, and no trees: "path" is null there and "via" follows from the content. The other
// scopes read the blobs that their trees name, path by path.
#include "tools/commands.h"
#include "tools/url_spill.h"

#include "base/text.h"
#include "pack/resolve.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace packscope::tools {

namespace {

using deps::UrlScanner;
using deps::Via;
using pack::Location;

struct Place { // of a blob that a tree names
  const std::string* path;
  std::optional<pack::ObjectId> first_commit = {}, last_commit = {}; // --history
};
class Pack2Git {
public:
  explicit Pack2Git(const ReadOptions& options) : options_(options) { report_.quiet = options.quiet; }

  int run() {
    for_each_repository(options_, report_, [this](pack::Repository& repository) {
      const pack::ScopeKind kind = options_.scope().kind;
      const bool all = kind == pack::ScopeKind::all_objects ||
                       (kind == pack::ScopeKind::automatic && !repository.source().repository);
      if (all)
        all_objects(repository);
      else
        by_paths(repository);
    });
    if (!options_.json) table();
    output_.finish(report_);
    return report_.exit_code();
  }

private:
  // A worker nobody uses at the moment; its scanner and tables stay with it.
  std::unique_ptr<UrlWorker> take() {
    {
      const std::lock_guard guard(lock_);
      if (!idle_.empty()) {
        std::unique_ptr<UrlWorker> worker = std::move(idle_.back());
        idle_.pop_back();
        return worker;
      }
    }
    Result<UrlScanner> scanner = UrlScanner::create();
    if (!scanner) {
      report_.error(scanner.error());
      return nullptr;
    }
    return std::make_unique<UrlWorker>(std::move(*scanner));
  }
  void give(std::unique_ptr<UrlWorker> worker) {
    const std::lock_guard guard(lock_);
    idle_.push_back(std::move(worker));
  }

  // What one thread's urls and hits may take.
  std::uint64_t share() const { return std::max<std::uint64_t>(1 << 20, options_.memory / 4 / options_.threads); }

  void all_objects(pack::Repository& repository) {
    pack::Store& store = repository.store();
    for (std::uint32_t number = 0; number < store.packs().size(); ++number) whole_pack(repository, number);
    Progress progress("pack2git loose", store.loose_count(), "objects", options_.progress());
    for (std::uint32_t index = 0; index < store.loose_count(); ++index, progress.advance()) {
      const Location at = {pack::kLoose, index};
      if (is_copy(store, at)) continue;
      object(repository, at, store.id_of(at), nullptr);
    }
  }

  // The same object in a pack before this one, or in any pack before it lay loose.
  bool is_copy(const pack::Store& store, Location at) const {
    if (store.packs().size() + (store.loose_count() > 0) < 2) return false;
    const std::optional<pack::ObjectId> id = store.id_of(at);
    const std::optional<Location> first = id ? store.find(*id) : std::nullopt;
    return first && *first != at;
  }

  void whole_pack(pack::Repository& repository, std::uint32_t number) {
    pack::Store& store = repository.store();
    const pack::PackFile& pack = store.packs()[number];
    const std::string file = std::filesystem::path(pack.path()).filename().string();
    Progress progress("pack2git " + file, pack.entries().size(), "objects", options_.progress());
    pack::ResolveOptions how;
    how.threads = options_.threads;
    how.memory = options_.memory / 4;
    how.hash = !pack.knows_ids();
    how.external = [&](const pack::ObjectId& id) -> pack::ObjectPtr {
      Result<pack::ObjectPtr> object = store.read(id);
      return object ? *object : nullptr;
    };
    std::vector<std::pair<std::uint32_t, Error>> errors;
    UrlSpill spill(options_.json);
    pack::resolve_pack(pack, how,
                       {.object =
                            [&](const pack::ResolvedEntry& object) {
                              progress.advance();
                              if (object.type == pack::ObjectType::tree) return;
                              std::unique_ptr<UrlWorker> worker = take();
                              if (worker == nullptr) return;
                              const std::size_t before = worker->hits.size();
                              Result<void> done = worker->scan(object.entry, object.data, nullptr);
                              if (worker->hits.size() > before && how.hash && object.id)
                                worker->ids.emplace(object.entry, *object.id);
                              if (worker->bytes() > share())
                                if (const Result<void> spilled = spill.write(*worker); !spilled) done = spilled;
                              give(std::move(worker));
                              if (done) return;
                              const std::lock_guard guard(lock_);
                              errors.emplace_back(object.entry, Error{done.error().what, pack.path(),
                                                                      pack.entries()[object.entry].offset});
                            },
                        .failure =
                            [&](std::uint32_t entry, const pack::Failure& failure) {
                              progress.advance();
                              const std::lock_guard guard(lock_);
                              errors.emplace_back(entry, store.error({number, entry}, failure));
                            }});
    const auto by_entry = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::sort(errors.begin(), errors.end(), by_entry);
    for (const auto& [entry, error] : errors) report_.error(error);
    emit(repository, number, spill);
  }

  // In pack order.
  void emit(pack::Repository& repository, std::uint32_t number, UrlSpill& spill) {
    pack::Store& store = repository.store();
    std::optional<std::uint32_t> last;
    std::optional<pack::ObjectId> id;
    bool copy = false;
    const Result<void> merged = spill.merge(idle_, [&](const FoundHit& hit) {
      if (last != hit.entry) {
        last = hit.entry;
        id = hit.id ? hit.id : store.id_of({number, hit.entry});
        copy = is_copy(store, {number, hit.entry});
      }
      if (!copy) record(repository.source(), hit.text, hit.via, id, nullptr);
    });
    if (!merged) report_.error(merged.error());
    // Urls of one repository are mostly not those of the next.
    idle_.clear();
  }

  void by_paths(pack::Repository& repository) {
    Progress progress("pack2git " + printable(repository.source().name), 0, "objects", options_.progress());
    const pack::Scope scope = options_.scope();
    const auto one = [&](const pack::BlobPath& blob) {
      progress.advance();
      const Place place = Place{.path = &blob.path, .first_commit = blob.first_commit, .last_commit = blob.last_commit};
      object(repository, blob.at, blob.id, &place);
    };
    const auto error = [&](const Error& met) { report_.error(met); };
    if (scope.kind == pack::ScopeKind::history) {
      repository.for_each_blob(scope, one, error);
    } else { // the trees of several tips come one after the other: by path they are one list
      std::vector<pack::BlobPath> blobs;
      repository.for_each_blob(scope, [&](const pack::BlobPath& blob) { blobs.push_back(blob); }, error);
      std::ranges::stable_sort(blobs, {}, &pack::BlobPath::path);
      std::ranges::for_each(blobs, one);
    }
    idle_.clear();
  }

  void object(pack::Repository& repository, Location at, const std::optional<pack::ObjectId>& id, const Place* place) {
    pack::Store& store = repository.store();
    const pack::Outcome<pack::ObjectPtr> data = store.read(at);
    if (!data) return report_.error(store.error(at, data.error()));
    if ((*data)->type == pack::ObjectType::tree) return;
    std::unique_ptr<UrlWorker> worker = take();
    if (worker == nullptr) return;
    if (const Result<void> scanned = worker->scan(0, (*data)->data, place == nullptr ? nullptr : place->path); !scanned)
      report_.error({scanned.error().what, std::string(store.file_of(at)), store.offset_of(at)});
    for (const UrlHit& hit : worker->hits)
      record(repository.source(), worker->known[hit.url]->text(options_.json), static_cast<Via>(hit.via), id, place);
    worker->hits.clear();
    if (worker->bytes() > share()) worker->forget();
    give(std::move(worker));
  }

  // `text`: as KnownUrl::text().
  void record(const pack::Source& source, std::string_view text, Via via, const std::optional<pack::ObjectId>& id,
              const Place* place) {
    if (!options_.json) return count(text);
    if (begun_ != source.path) { // {"repo":"x"  without its end
      begun_ = source.path;
      begin_record(json_, source);
      const std::string line = json_.end_object().take_line();
      begin_ = line.substr(0, line.size() - 2);
    }
    output_.write(begin_);
    output_.write(text);
    output_.write(",\"via\":\"");
    output_.write(deps::name(via));
    output_.write(id ? "\",\"object\":\"" + id->hex() + "\"" : std::string("\",\"object\":null"));
    if (place == nullptr) return output_.write(",\"path\":null}\n");
    json_.begin_object().path_field("path", *place->path);
    if (place->first_commit) json_.field("first_commit", place->first_commit->hex());
    if (place->last_commit) json_.field("last_commit", place->last_commit->hex());
    json_.end_object();
    const std::string end = json_.take_line();
    output_.write("," + end.substr(1));
  }

  // Where there are more than memory holds, those that were met first.
  void count(std::string_view url) {
    constexpr std::uint64_t kEach = 96; // beside the text
    auto found = counts_.find(url);
    if (found == counts_.end()) {
      if (counted_bytes_ > options_.memory / 4) {
        if (!std::exchange(full_, true))
          report_.error({.what = "more different urls than --memory holds; the rest is left out (--json prints all)"});
        return;
      }
      counted_bytes_ += kEach + url.size();
      found = counts_.emplace(url, 0).first;
    }
    ++found->second;
  }

  // For people: each repository once, the most named first.
  void table() {
    std::vector<std::pair<std::uint64_t, std::string_view>> rows;
    for (const auto& [url, count] : counts_) rows.emplace_back(count, url);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [count, url] : rows) {
      const std::string number = human_count(count);
      output_.write(std::string(number.size() < 10 ? 10 - number.size() : 0, ' ') + number + "  " + printable(url) +
                    "\n");
    }
  }

  const ReadOptions& options_;
  Report report_;
  Output output_;
  JsonWriter json_;
  std::string begun_, begin_; // the source of the last record, and how its records begin
  std::mutex lock_;
  std::vector<std::unique_ptr<UrlWorker>> idle_;
  std::map<std::string, std::uint64_t, std::less<>> counts_; // records a normal form
  std::uint64_t counted_bytes_ = 0;
  bool full_ = false;
};

} // namespace

std::function<int()> configure_pack2git(CLI::App& app) {
  auto options = std::make_shared<ReadOptions>();
  add_read_options(app, *options);
  return [options] { return Pack2Git(*options).run(); };
}

} // namespace packscope::tools
