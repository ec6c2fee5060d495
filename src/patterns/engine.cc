// Databases of a few dozen expressions, and files scanned in blocks that overlap by the longest match; see engine.h.
#include "patterns/engine.h"

#include "base/hyperscan.h"
#include "base/on_threads.h"
#include "patterns/print.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace packscope::patterns {

using namespace hyperscan;

namespace {

constexpr std::size_t kGroup = 32;                         // patterns of a database
constexpr std::size_t kBlock = std::size_t{256} << 10;     // bytes of a scan: kGroup ends a byte are 32 MiB at worst

struct FreeDatabase {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
struct FreeScratch {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};

struct Group {
  std::vector<std::uint32_t> patterns; // the engine's ids are indexes into it
  std::unique_ptr<hs_database_t, FreeDatabase> database = nullptr;
  std::size_t longest = 0; // match
};

// Expressions that the engine refuses are left out; too large a group is halved.
void compile(std::vector<std::uint32_t> members, std::span<const Pattern> patterns, unsigned flags, std::vector<Group>& groups) {
  while (!members.empty()) {
    std::vector<std::string> expressions;
    std::vector<const char*> texts;
    std::vector<unsigned> all_flags(members.size(), flags), ids;
    for (const std::uint32_t member : members) expressions.push_back(regex_of(patterns[member]));
    for (const std::string& expression : expressions) {
      ids.push_back(static_cast<unsigned>(texts.size()));
      texts.push_back(expression.c_str());
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(texts.data(), all_flags.data(), ids.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                         nullptr, &database, &error) == HS_SUCCESS) {
      std::size_t longest = 0;
      for (const std::uint32_t member : members) longest = std::max(longest, patterns[member].max_length());
      groups.push_back({.patterns = std::move(members), .database = std::unique_ptr<hs_database_t, FreeDatabase>(database), .longest = longest});
      return;
    }
    const int refused = error != nullptr ? error->expression : -1;
    hs_free_compile_error(error);
    if (refused >= 0 && static_cast<std::size_t>(refused) < members.size()) {
      members.erase(members.begin() + refused);
    } else if (members.size() == 1) {
      return;
    } else {
      compile({members.begin() + static_cast<std::ptrdiff_t>(members.size() / 2), members.end()}, patterns, flags, groups);
      members.resize(members.size() / 2);
    }
  }
}

// One file, one group: the engine's ends, block by block, given to `take` (pattern of the group, ends in order).
class Scan {
public:
  Scan(const Group& group, hs_scratch_t* scratch) : group_(group), scratch_(scratch), ends_(group.patterns.size()) {}

  template <class Take>
  hs_error_t run(Bytes data, Progress& progress, const Take& take) {
    for (std::size_t at = 0; at < data.size(); at += kBlock) {
      const std::size_t size = std::min(kBlock, data.size() - at);
      begin_ = at - std::min(at, group_.longest - 1);
      for (std::vector<std::uint32_t>& ends : ends_) ends.clear();
      const match_event_handler on_match = [](unsigned id, unsigned long long, unsigned long long end, unsigned, void* context) {
        static_cast<Scan*>(context)->ends_[id].push_back(static_cast<std::uint32_t>(end));
        return 0;
      };
      std::string_view block = as_text(data.subspan(begin_, at + size - begin_));
      if (at + size == data.size()) block = with_readable_end(block, last_block_);
      const hs_error_t code =
          hs_scan(group_.database.get(), block.data(), static_cast<unsigned>(block.size()), 0, scratch_, on_match, this);
      if (code != HS_SUCCESS) return code;
      for (std::size_t i = 0; i < ends_.size(); ++i) {
        std::vector<std::uint32_t>& ends = ends_[i];
        std::sort(ends.begin(), ends.end());
        for (const std::uint32_t end : ends)
          if (begin_ + end > at && !take(i, begin_ + end)) break; // others ended in the block before
      }
      progress.advance(size);
    }
    return HS_SUCCESS;
  }

private:
  const Group& group_;
  hs_scratch_t* scratch_;
  std::vector<std::vector<std::uint32_t>> ends_;
  std::size_t begin_ = 0;       // of what is scanned
  std::string last_block_ = {}; // where it is a copy
};

// Takes the ends of one pattern in one file in order, and counts matches one behind the other.
class Counter {
public:
  Counter(const Pattern& pattern, Bytes data)
      : matcher_(pattern), data_(data), min_(pattern.min_length()), max_(pattern.max_length()) {}

  void end(std::size_t end) {
    if (awaited_ != 0 && end >= awaited_) {
      if (end == awaited_) count();
      else confirmed_ = false;
      awaited_ = 0;
    }
    if (awaited_ != 0 || !confirmed_ || end < done_ + min_ || end == done_) return;
    // The leftmost match behind the last one begins no earlier than a match can be long before the first end.
    for (std::size_t at = std::max(done_, end - std::min(end, max_)); at + min_ <= end; ++at) {
      const std::size_t match = matcher_.match_at(data_, at);
      if (match == Matcher::kNone) continue;
      begin_ = at;
      awaited_ = match;
      if (match == end) count(), awaited_ = 0;
      else if (match < end) confirmed_ = false;
      return;
    }
  }

  void finish(std::size_t file, Counted& total) {
    total.confirmed &= confirmed_ && awaited_ == 0;
    if (support_ == 0) return;
    total.support += support_;
    total.bytes_covered += covered_;
    ++total.files;
    if (file >= total.example_file) return;
    total.example_file = file;
    total.example_offset = first_;
  }

private:
  void count() {
    if (support_++ == 0) first_ = begin_;
    covered_ += awaited_ - begin_;
    done_ = awaited_;
  }

  const Matcher matcher_;
  const Bytes data_;
  const std::size_t min_, max_;
  std::size_t done_ = 0;                 // end of the last match counted
  std::size_t begin_ = 0, awaited_ = 0;  // a match that the engine has yet to report
  std::uint64_t support_ = 0, covered_ = 0, first_ = 0;
  bool confirmed_ = true;
};

// Calls `file` (group, file, scan) for every pair of both, on several threads.
template <class File>
Result<void> scan_all(std::span<const Pattern> patterns, std::span<const Input> inputs, unsigned threads, unsigned flags,
                      std::vector<bool>& compiled, const File& file) {
  if (const Result<void> loaded = kHyperscan.load(); !loaded) return fail("regex engine: " + loaded.error().text());
  std::vector<std::vector<Group>> parts((patterns.size() + kGroup - 1) / kGroup);
  Share to_compile(parts.size());
  on_threads(to_compile.threads(threads), [&] {
    for (std::size_t i; to_compile.take(i);) {
      std::vector<std::uint32_t> members;
      for (std::size_t k = i * kGroup; k < std::min(patterns.size(), (i + 1) * kGroup); ++k) members.push_back(static_cast<std::uint32_t>(k));
      compile(std::move(members), patterns, flags, parts[i]);
    }
  });
  std::vector<const Group*> groups;
  for (const std::vector<Group>& part : parts)
    for (const Group& group : part) groups.push_back(&group);
  compiled.assign(patterns.size(), false);
  for (const Group* group : groups)
    for (const std::uint32_t member : group->patterns) compiled[member] = true;

  std::atomic<hs_error_t> failure{HS_SUCCESS};
  Share to_scan(groups.size() * inputs.size());
  on_threads(to_scan.threads(threads), [&] {
    hs_scratch_t* raw = nullptr;
    for (const Group* group : groups)
      if (const hs_error_t code = hs_alloc_scratch(group->database.get(), &raw); code != HS_SUCCESS) failure = code;
    const std::unique_ptr<hs_scratch_t, FreeScratch> scratch(raw);
    for (std::size_t i; failure == HS_SUCCESS && to_scan.take(i);) {
      const Group& group = *groups[i % groups.size()];
      Scan scan(group, scratch.get());
      if (const hs_error_t code = file(group, i / groups.size(), scan); code != HS_SUCCESS) failure = code;
    }
  });
  if (failure != HS_SUCCESS) return fail("regex engine: error " + std::to_string(failure));
  return {};
}

} // namespace

Result<std::vector<Counted>> count_matches(std::span<const Pattern> patterns, std::span<const Input> inputs,
                                           unsigned threads, Progress& progress) {
  std::vector<Counted> counted(patterns.size());
  std::vector<bool> compiled;
  std::mutex lock;
  const Result<void> scanned = scan_all(patterns, inputs, threads, 0, compiled, [&](const Group& group, std::size_t file, Scan& scan) {
    std::vector<Counter> counters;
    for (const std::uint32_t member : group.patterns) counters.emplace_back(patterns[member], inputs[file].bytes);
    const hs_error_t code = scan.run(inputs[file].bytes, progress, [&](std::size_t i, std::size_t end) {
      counters[i].end(end);
      return true;
    });
    const std::lock_guard guard(lock);
    for (std::size_t i = 0; i < counters.size(); ++i) counters[i].finish(file, counted[group.patterns[i]]);
    return code;
  });
  if (!scanned) return std::unexpected(scanned.error());
  for (std::size_t i = 0; i < patterns.size(); ++i) counted[i].confirmed &= compiled[i];
  return counted;
}

Result<std::vector<bool>> match_anywhere(std::span<const Pattern> patterns, std::span<const Input> inputs,
                                         unsigned threads, Progress& progress) {
  std::vector<bool> found(patterns.size()), compiled;
  std::mutex lock;
  const Result<void> scanned = scan_all(patterns, inputs, threads, HS_FLAG_SINGLEMATCH, compiled, [&](const Group& group, std::size_t file, Scan& scan) {
    return scan.run(inputs[file].bytes, progress, [&](std::size_t i, std::size_t) {
      const std::lock_guard guard(lock);
      found[group.patterns[i]] = true;
      return false;
    });
  });
  if (!scanned) return std::unexpected(scanned.error());
  for (std::size_t i = 0; i < patterns.size(); ++i) found[i] = found[i] || !compiled[i];
  return found;
}

} // namespace packscope::patterns
