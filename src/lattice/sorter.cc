// Sort, spill, merge.
#include "lattice/sorter.h"

#include "lattice/merge.h"
#include "lattice/run_file.h"

#include <algorithm>
#include <numeric>

namespace packscope::lattice {
namespace {

constexpr std::size_t kMostLabels = 65535; // of one run
constexpr std::size_t kFan = 16;           // runs of a level that are merged into one of the next

} // namespace

// Tuples in order, as records.
class SortedTuples : public Cursor {
public:
  explicit SortedTuples(const Sorter& sorter) : sorter_(sorter) {}
  Result<bool> next(Record& record) override {
    const std::vector<Sorter::Tuple>& tuples = sorter_.tuples_;
    if (at_ == tuples.size()) return false;
    record.key = tuples[at_].key;
    value_.clear();
    std::size_t end = at_ + 1;
    while (end < tuples.size() && tuples[end].key == record.key) ++end;
    Evidence evidence;
    for (; at_ < end; ++at_)
      evidence.add(sorter_.labels_[tuples[at_].label()], tuples[at_].repository(), tuples[at_].object);
    evidence.encode(value_);
    record.value = as_bytes(value_);
    return true;
  }

private:
  const Sorter& sorter_;
  std::size_t at_ = 0;
  std::string value_;
};

Sorter::Sorter(std::string folder, std::uint64_t memory)
    : folder_(std::move(folder)), most_(std::max<std::size_t>(memory / sizeof(Tuple), 4096)) {}
Sorter::~Sorter() = default;
Sorter::Sorter(Sorter&&) noexcept = default;

std::uint32_t Sorter::label(std::string_view text) {
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  labels_.emplace_back(text);
  return numbers_[labels_.back()] = static_cast<std::uint32_t>(labels_.size() - 1);
}

Result<void> Sorter::make_room() {
  if (tuples_.size() + kTuples > most_ || labels_.size() + kLabels > kMostLabels) return spill();
  // Grown here and by halves: a vector's own doubling would pass the budget.
  if (tuples_.capacity() < tuples_.size() + kTuples) tuples_.reserve(std::min(most_, tuples_.size() * 3 / 2 + kTuples));
  return {};
}

CursorPtr Sorter::sorted() {
  // Labels get numbers in the order of their bytes.
  std::vector<std::uint32_t> order(labels_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [this](std::uint32_t number) { return std::string_view(labels_[number]); });
  std::vector<std::uint16_t> rank(labels_.size());
  std::vector<std::string> labels(labels_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = static_cast<std::uint16_t>(i);
    labels[i] = std::move(labels_[order[i]]);
  }
  labels_ = std::move(labels);
  numbers_.clear();
  for (Tuple& tuple : tuples_) tuple.voter = tuple.repository() << 16 | rank[tuple.label()];
  std::ranges::sort(tuples_, {}, &Tuple::order);
  return std::make_unique<SortedTuples>(*this);
}

Result<void> Sorter::spill() {
  if (!tuples_.empty()) {
    const CursorPtr records = sorted();
    if (const Result<void> done = write_run(*records, 0); !done) return done;
  }
  tuples_.clear();
  labels_.clear();
  numbers_.clear();
  for (;;) {
    const unsigned level = runs_.empty() ? 0 : runs_.back().level;
    if (runs_.size() < kFan || runs_[runs_.size() - kFan].level != level) return {};
    if (const Result<void> done = merge_runs(runs_.size() - kFan); !done) return done;
  }
}

Result<void> Sorter::write_run(Cursor& records, unsigned level) {
  Result<std::unique_ptr<RunFile>> file = RunFile::create(folder_);
  if (!file) return std::unexpected(file.error());
  for (Record record;;) {
    const Result<bool> more = records.next(record);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    if (const Result<void> done = (*file)->add(record); !done) return done;
  }
  if (const Result<void> done = (*file)->flush(); !done) return done;
  runs_.push_back({std::move(*file), level});
  return {};
}

Result<void> Sorter::merge_runs(std::size_t first) {
  std::vector<CursorPtr> parts;
  for (std::size_t i = first; i < runs_.size(); ++i) parts.push_back(runs_[i].file->records());
  const CursorPtr all = merge(std::move(parts));
  if (const Result<void> done = write_run(*all, runs_[first].level + 1); !done) return done;
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(first), runs_.end() - 1);
  return {};
}

Result<std::vector<CursorPtr>> Sorter::finish() {
  std::vector<CursorPtr> parts;
  for (const Run& run : runs_) parts.push_back(run.file->records());
  parts.push_back(sorted());
  return parts;
}

} // namespace packscope::lattice
