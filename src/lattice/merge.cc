// A heap of cursors; see merge.h.
#include "lattice/merge.h"

#include "lattice/dimension.h"
#include "lattice/evidence.h"

#include <algorithm>

namespace packscope::lattice {
namespace {

Error not_evidence(std::uint64_t key) {
  return {.what = "lattice: damaged: the evidence of a clue of dimension " + std::string(name(dimension_of(key)))};
}

class Merge : public Cursor {
public:
  explicit Merge(std::vector<CursorPtr> parts) {
    for (CursorPtr& part : parts) parts_.push_back({std::move(part), {}});
  }

  Result<bool> next(Record& record) override {
    if (!begun_) {
      begun_ = true;
      for (std::size_t i = 0; i < parts_.size(); ++i)
        if (const Result<void> done = advance(i); !done) return std::unexpected(done.error());
    }
    for (const std::size_t used : used_)
      if (const Result<void> done = advance(used); !done) return std::unexpected(done.error());
    used_.clear();
    if (heap_.empty()) return false;
    const std::uint64_t key = parts_[heap_.front()].record.key;
    while (!heap_.empty() && parts_[heap_.front()].record.key == key) {
      std::ranges::pop_heap(heap_, after_);
      used_.push_back(heap_.back());
      heap_.pop_back();
    }
    if (used_.size() == 1) return record = parts_[used_[0]].record, true;
    Evidence all;
    for (const std::size_t used : used_) {
      std::optional<Evidence> evidence = Evidence::decode(parts_[used].record.value);
      if (!evidence) return std::unexpected(not_evidence(key));
      if (used == used_[0]) all = std::move(*evidence);
      else all.join(*evidence);
    }
    joined_.clear();
    all.encode(joined_);
    record = {key, as_bytes(joined_)};
    return true;
  }

private:
  struct Part {
    CursorPtr cursor;
    Record record;
  };
  Result<void> advance(std::size_t part) {
    const Result<bool> more = parts_[part].cursor->next(parts_[part].record);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    heap_.push_back(part);
    std::ranges::push_heap(heap_, after_);
    return {};
  }

  std::vector<Part> parts_;
  struct After {
    const std::vector<Part>* parts;
    bool operator()(std::size_t a, std::size_t b) const { return (*parts)[a].record.key > (*parts)[b].record.key; }
  } after_{&parts_};
  std::vector<std::size_t> heap_, used_; // used_: whose record was given last, and must advance
  std::string joined_;
  bool begun_ = false;
};

class Prune : public Cursor {
public:
  Prune(CursorPtr all, std::uint32_t repositories) : all_(std::move(all)), repositories_(repositories) {}
  Result<bool> next(Record& record) override {
    for (;;) {
      const Result<bool> more = all_->next(record);
      if (!more || !*more) return more;
      const Dimension dimension = dimension_of(record.key);
      if (dimension < kFirstClue || dimension == Dimension::profile) return true;
      const std::optional<Evidence> evidence = Evidence::decode(record.value);
      if (!evidence) return std::unexpected(not_evidence(record.key));
      if (evidence->repositories() >= repositories_) return true;
    }
  }

private:
  CursorPtr all_;
  std::uint32_t repositories_;
};

} // namespace

CursorPtr merge(std::vector<CursorPtr> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  return std::make_unique<Merge>(std::move(parts));
}

CursorPtr prune(CursorPtr all, std::uint32_t repositories) {
  if (repositories <= 1) return all;
  return std::make_unique<Prune>(std::move(all), repositories);
}

} // namespace packscope::lattice
