// Repositories into the graph, on all threads; see build_graph.h.
//
// Threads read repositories, this one writes what they found in the order of the repositories, so that the graph and
// the error lines do not depend on who was faster. Readers stay a few repositories ahead at most, and of a large one they
// hand over a part at a time: memory grows neither with their number nor with their size.
#include "tools/build_graph.h"

#include "base/memory.h"
#include "base/on_threads.h"
#include "base/text.h"
#include "tools/graph_fingerprint.h"
#include "tools/graph_manifests.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <thread>

namespace packscope::tools {

namespace {

using Found = deps::RepositoryFacts;

// What the threads share: who reads which repository, and what is read and not yet written.
class Readers {
public:
  using Early = std::function<void(Found)>; // takes all parts of a repository but the last
  Readers(const std::vector<const pack::Source*>& sources, unsigned threads,
          std::function<Found(std::size_t, const Early&)> read)
      : sources_(sources), ahead_(threads * 4), read_(std::move(read)) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Readers() {
    {
      const std::lock_guard guard(lock_);
      next_ = sources_.size(); // nobody begins another
      stopped_ = true;
    }
    changed_.notify_all();
  }

  // The next part of the repository; the last has no more.
  Found take(std::size_t number) {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [&] { return done_.contains(number); });
    Found found = std::move(done_.extract(number).mapped());
    if (!found.more) written_ = number + 1;
    guard.unlock();
    changed_.notify_all();
    return found;
  }

private:
  void work() {
    begin_thread_memory();
    for (;;) {
      std::size_t number;
      {
        std::unique_lock guard(lock_);
        changed_.wait(guard, [this] { return next_ >= sources_.size() || next_ < written_ + ahead_; });
        if (next_ >= sources_.size()) return;
        number = next_++;
      }
      Found found;
      bool begun = false;
      try {
        found = read_(number, [&](Found part) {
          begun = true;
          hand(number, std::move(part));
        });
      } catch (const std::exception& error) { // no memory: the other repositories may do with less
        found = {.name = sources_[number]->name,
                 .path = sources_[number]->path,
                 .url = {},
                 .fingerprint = {},
                 .errors = sources_[number]->path + ": " + error.what() + "\n",
                 .manifests = {},
                 .continues = begun};
      }
      hand(number, std::move(found));
    }
  }

  // Waits until the part before was taken.
  void hand(std::size_t number, Found part) {
    {
      std::unique_lock guard(lock_);
      changed_.wait(guard, [&] { return stopped_ || !done_.contains(number); });
      if (!stopped_) done_.emplace(number, std::move(part));
    }
    changed_.notify_all();
  }

  const std::vector<const pack::Source*>& sources_;
  const std::size_t ahead_;
  const std::function<Found(std::size_t, const Early&)> read_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::size_t next_ = 0, written_ = 0;
  bool stopped_ = false; // nobody takes any more
  std::map<std::size_t, Found> done_;
  std::vector<std::jthread> threads_; // last: ended before the rest goes
};

// Of all sources, by all threads.
std::vector<std::string> fingerprints_of(const std::vector<pack::Source>& sources, const GraphOptions& options,
                                         unsigned threads) {
  std::vector<std::string> prints(sources.size());
  Share share(sources.size());
  on_threads(share.threads(threads), [&] {
    for (std::size_t number; share.take(number);)
      try {
        prints[number] = fingerprint_of(sources[number], options);
      } catch (const std::exception&) { // no memory: none is like no other, and the repository is read
        prints[number].clear();
      }
  });
  return prints;
}

std::string key_of(const std::string& name, const std::string& path) { return name + '\0' + path; }

void report_lines(const std::string& lines, Report& report) {
  for (std::size_t begin = 0, end; (end = lines.find('\n', begin)) != lines.npos; begin = end + 1)
    report.error({.what = lines.substr(begin, end - begin)});
}

// Manifests that could not be read, wherever they stand, in order of repositories and paths.
void report_manifests(deps::GraphStore& graph, Report& report) {
  Statement rows = graph.database().prepare(
      "select r.path, m.object, h.path, case when m.known then m.error else h.error end as line "
      "from manifest m join holds h on h.manifest = m.id "
      "join repository r on r.id = h.repository where line is not null order by r.name, r.path, h.path, m.object");
  while (rows.step())
    report.error(
        {.what = "object " + rows.text(1) + ", path '" + rows.text(2) + "': " + rows.text(3), .file = rows.text(0)});
}

} // namespace

Result<void> read_repositories(const GraphOptions& options, deps::GraphStore* before,
                               const std::function<Result<deps::GraphStore*>()>& writable, Report& report) {
  const pack::Sources sources = pack::find_sources(options.read.paths);
  for (const Error& error : sources.errors) report.error(error);
  deps::KnownManifests known;
  std::unordered_map<std::string, deps::GraphStore::Before> old;
  if (before != nullptr) old = before->all_before();
  const unsigned threads =
      std::max(1u, std::min<unsigned>(options.read.threads, static_cast<unsigned>(sources.found.size())));
  GraphOptions each = options; // what one thread may use
  each.read.threads = 1;
  each.read.memory = options.read.memory / threads;
  each.read.no_progress = true;

  deps::GraphStore* graph = nullptr;
  const auto change = [&]() -> Result<void> {
    if (graph != nullptr) return {};
    const Result<deps::GraphStore*> opened = writable();
    if (!opened) return std::unexpected(opened.error());
    graph = *opened;
    return {};
  };
  std::vector<std::string> prints = fingerprints_of(sources.found, each, threads);
  std::unordered_map<std::string, std::size_t> names; // how many have it: then the path tells them apart
  for (const pack::Source& source : sources.found) ++names[source.name];
  for (std::size_t number = 0; number < prints.size(); ++number) // its ident changes with others' coming and going
    if (!prints[number].empty() && names[sources.found[number].name] > 1) prints[number] += "+";
  std::vector<const pack::Source*> todo;
  for (std::size_t number = 0; number < sources.found.size(); ++number) {
    const pack::Source& source = sources.found[number];
    const auto was = old.find(key_of(source.name, source.path));
    if (was == old.end() || prints[number].empty() || was->second.fingerprint != prints[number])
      todo.push_back(&source);
  }
  if (before != nullptr && !todo.empty()) before->load_known(known);
  std::uint64_t records = 0;
  std::size_t changed = 0;
  {
    Progress progress("build_graph", sources.found.size(), "repositories", options.read.progress());
    Readers readers(todo, threads, [&](std::size_t number, const Readers::Early& early) {
      const auto tell_apart = [&](Found& facts) {
        if (names.at(facts.name) > 1) facts.unique = facts.path;
      };
      Found facts = read_manifests_of(*todo[number], each, known, [&](Found part) {
        tell_apart(part);
        early(std::move(part));
      });
      tell_apart(facts);
      facts.fingerprint = prints[static_cast<std::size_t>(todo[number] - sources.found.data())];
      return facts;
    });
    for (const pack::Source& source : sources.found) {
      const auto was = old.find(key_of(source.name, source.path));
      if (changed < todo.size() && todo[changed] == &source) {
        if (const Result<void> good = change(); !good) return good;
        Found found = readers.take(changed);
        for (; found.more; found = readers.take(changed)) {
          graph->put(found);
          records += found.manifests.size();
        }
        ++changed;
        report_lines(found.errors, report);
        for (std::size_t begin = 0, end; (end = found.lacking.find('\n', begin)) != std::string::npos; begin = end + 1)
          report.note(printable(found.lacking.substr(begin, end - begin)));
        note_missing(source.path, found.lacks, report);
        graph->put(found);
        records += found.manifests.size();
      } else if (was != old.end()) {
        report_lines(was->second.errors, report);
      }
      if (was != old.end()) old.erase(was);
      progress.advance(1, human_count(records) + " records");
    }
  }
  if (!old.empty() || (graph == nullptr && before == nullptr)) {
    if (const Result<void> good = change(); !good) return good;
    graph->remove_others(
        [&](const std::string& name, const std::string& path) { return !old.contains(key_of(name, path)); });
  }
  if (graph != nullptr)
    if (const Result<void> done = graph->finish(); !done) return done;
  report_manifests(graph != nullptr ? *graph : *before, report);
  report.note(human_count(sources.found.size()) + (sources.found.size() == 1 ? " repository, " : " repositories, ") + human_count(changed) + " read; " +
              human_count(records) + (records == 1 ? " manifest, " : " manifests, ") + human_count(known.shared()) + " of them known before");
  return {};
}

} // namespace packscope::tools
