// Some texts at a time on each thread, outlines in the plan's order; what comes again is kept until its last use.
#include "compile/outline.h"

#include "base/ordered_work.h"
#include "base/processor_time.h"
#include "compile/outline_plan.h"
#include "compile/outline_reader.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace packscope::compile {
namespace {

// Texts that a thread reads at once: neighbours, which share their bases, and versions of a file up to so many, for the first of them is
// parsed as a whole. Fewer where threads are many: each may be some such runs ahead.
constexpr std::size_t kTogether = 16, kFewVersions = 64, kMostVersions = 512;
using Read = std::expected<Outline, Unread>;

class Outlining {
public:
  Outlining(const OutlinePlan& plan, const OutlineOptions& options, OutlineCounts& counts, const OnOutline& take,
            const OnError& error, OutlineReader& reader)
      : plan_(plan), options_(options), counts_(counts), take_(take), error_(error), reader_(reader) {}

  // The outline of the item `index`, which is the first of its text; all before it were taken.
  void take(std::uint32_t index, Read read) {
    repeats(index);
    next_ = index + 1;
    counts_.parsed += 1;
    if (!read) return report(index, read.error());
    counts_.text_bytes += read->size;
    give(index, *read);
    if (plan_.uses[index] == 0) return;
    const std::uint64_t weight = read->weight();
    if (kept_bytes_ + weight > options_.memory) return; // parsed again when it comes again
    kept_bytes_ += weight;
    kept_.emplace(index, Kept{std::move(*read), weight, plan_.uses[index]});
  }
  // What stands before `end` and was seen before.
  void repeats(std::uint32_t end) {
    for (; next_ < end; ++next_) {
      const std::uint32_t first = plan_.first[next_];
      if (broken_.contains(first)) continue; // was told
      if (const auto kept = kept_.find(first); kept != kept_.end()) {
        give(next_, kept->second.outline);
        if (--kept->second.uses > 0) continue;
        kept_bytes_ -= kept->second.weight;
        kept_.erase(kept);
      } else if (const Read again = read_again(next_)) {
        give(next_, *again);
      }
    }
  }

private:
  struct Kept {
    Outline outline;
    std::uint64_t weight;
    std::uint32_t uses;
  };

  void give(std::uint32_t index, const Outline& outline) {
    ++counts_.outlines;
    counts_.declarations += outline.declarations.size();
    counts_.repaired += outline.repaired;
    take_(plan_.items[index], outline);
  }
  void report(std::uint32_t index, const Unread& unread) {
    broken_.insert(index);
    if (told_.insert(unread.error.text()).second || !unread.depends) return error_(unread.error);
    error_(*unread.depends);
  }
  Read read_again(std::uint32_t index) {
    ++counts_.parsed;
    const OutlineItem* const item = &plan_.items[index];
    return std::move(reader_.read({&item, 1}).front());
  }

  const OutlinePlan& plan_;
  const OutlineOptions& options_;
  OutlineCounts& counts_;
  const OnOutline& take_;
  const OnError& error_;
  OutlineReader& reader_; // of this thread
  std::uint32_t next_ = 0;                // item that is not yet given out
  std::uint64_t kept_bytes_ = 0;
  std::unordered_map<std::uint32_t, Kept> kept_;
  std::unordered_set<std::uint32_t> broken_;
  std::unordered_set<std::string> told_;
};

std::vector<std::size_t> chunk_ends(const OutlinePlan& plan, unsigned threads) {
  const std::size_t versions = std::clamp(kMostVersions / std::max(1u, threads), kFewVersions, kMostVersions);
  std::vector<std::size_t> ends;
  for (std::size_t begin = 0, i = 1; i <= plan.parsed.size(); ++i) {
    const bool same_file = i < plan.parsed.size() && plan.items[plan.parsed[i]].blob.path == plan.items[plan.parsed[i - 1]].blob.path;
    if (i < plan.parsed.size() && i - begin < (same_file ? versions : kTogether)) continue;
    ends.push_back(begin = i);
  }
  return ends;
}

} // namespace

OutlineCounts outline(pack::Repository& repository, const OutlineOptions& options, const OnOutline& take,
                      const OnError& error) {
  OutlineCounts counts;
  syntax::Grammars grammars;
  const OutlinePlan plan = plan_outlines(repository, options.scope, grammars, counts, error);
  const std::vector<std::size_t> ends = chunk_ends(plan, options.threads);
  const auto chunk = [&](std::size_t i) {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::span(plan.parsed).subspan(begin, ends[i] - begin);
  };
  const unsigned threads = std::max(1u, static_cast<unsigned>(std::min<std::size_t>(options.threads, ends.size())));
  std::atomic<std::int64_t> parsing = 0; // nanoseconds
  const std::chrono::nanoseconds children_before = children_time();
  {
    OutlineReader here(repository, grammars, options.texts, parsing);
    Outlining outlining(plan, options, counts, take, error, here);
    Progress progress("outline " + repository.source().name, plan.parsed.size(), "texts", options.progress);
    using Work = std::function<std::vector<Read>(std::size_t)>;
    const auto read = [&](OutlineReader& reader, std::size_t i) {
      std::vector<const OutlineItem*> items;
      for (const std::uint32_t index : chunk(i)) items.push_back(&plan.items[index]);
      return reader.read(items);
    };
    const auto make_worker = [&]() -> Result<Work> {
      if (threads == 1) return [&](std::size_t i) { return read(here, i); };
      struct Own {
        pack::Repository repository;
        OutlineReader reader;
        Own(pack::Repository opened, syntax::Grammars& grammars, bool texts, std::atomic<std::int64_t>& parsing)
            : repository(std::move(opened)), reader(repository, grammars, texts, parsing) {}
      };
      pack::Store::Options store = options.store;
      store.cache_bytes /= threads;
      Result<pack::Repository> opened = pack::Repository::open(repository.source(), store);
      if (!opened) return std::unexpected(opened.error());
      const auto own = std::make_shared<Own>(std::move(*opened), grammars, options.texts, parsing);
      return [&read, own](std::size_t i) { return read(own->reader, i); };
    };
    const Result<void> done = ordered_work<std::vector<Read>>(ends.size(), threads, make_worker, [&](std::size_t i, std::vector<Read> reads) {
      for (std::size_t k = 0; k < reads.size(); ++k) outlining.take(chunk(i)[k], std::move(reads[k]));
      progress.advance(reads.size());
    });
    if (!done) error(done.error());
    else outlining.repeats(static_cast<std::uint32_t>(plan.items.size()));
  } // waits for what parsed apart: its time is known now
  counts.parsing = std::chrono::nanoseconds(parsing) + children_time() - children_before;
  return counts;
}

} // namespace packscope::compile
