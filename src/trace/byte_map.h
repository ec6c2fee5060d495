// Which stream holds each byte of an object's text: its own, or through deltas any object of its chain.
//
// The idea: a delta's result is a list of segments; an insert lies in the delta's own stream, a copy is a slice of
// its base's list. Applied from the root of the chain to the top, every byte ends at the one stream that holds it.
#pragma once

#include "pack/store.h"
#include "trace/symbol_table.h"

#include <list>
#include <map>
#include <memory>
#include <mutex>

namespace packscope::trace {

struct Segment {
  std::uint64_t text_begin;    // first byte in the object's text
  std::uint64_t length;
  pack::Location source;       // the object whose stream holds these bytes
  std::uint64_t source_begin;  // first byte in that stream's inflated bytes (instructions of a delta included)
};
using SegmentList = std::vector<Segment>; // contiguous from 0, neighbours merged

// Keeps what was used last, up to a weight.
template <class Value>
class WeightedCache {
public:
  explicit WeightedCache(std::uint64_t limit) : limit_(limit) {}

  std::shared_ptr<const Value> get(pack::Location at) {
    const auto found = index_.find(at);
    if (found == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->value;
  }
  std::shared_ptr<const Value> put(pack::Location at, Value value, std::uint64_t weight) {
    order_.push_front({at, std::make_shared<const Value>(std::move(value)), weight});
    index_[at] = order_.begin();
    total_ += weight;
    while (total_ > limit_ && order_.size() > 1) {
      total_ -= order_.back().weight;
      index_.erase(order_.back().at);
      order_.pop_back();
    }
    return order_.front().value;
  }

private:
  struct Item {
    pack::Location at;
    std::shared_ptr<const Value> value;
    std::uint64_t weight;
  };
  std::uint64_t limit_, total_ = 0;
  std::list<Item> order_;
  std::map<pack::Location, typename std::list<Item>::iterator> index_;
};

// What a table may take does not depend on the number of threads, or the answer would; so a table that is too large
// for a thread's share is made and used by one thread at a time.
struct MemoryRules {
  std::uint64_t limit = 0; // of one table; lists of segments: a quarter
  std::uint64_t share = 0; // of one thread, for what it keeps between objects
  std::mutex* alone = nullptr;
};

// Answers for one store; one a thread.
class ByteMap {
public:
  ByteMap(pack::Store& store, MemoryRules memory);

  // Errors name the pack and the offset of the entry that is broken.
  Result<std::shared_ptr<const SegmentList>> segments(pack::Location at);

  struct Symbols {
    std::shared_ptr<const SymbolTable> table;
    std::unique_lock<std::mutex> alone; // held with a table above the share: let it go before asking for the next
  };
  Result<Symbols> symbols(pack::Location at);

private:
  Result<SegmentList> own_segments(pack::Location at, const SegmentList* base);
  Error error(pack::Location at, const pack::Failure& failure) const;

  pack::Store& store_;
  MemoryRules memory_;
  WeightedCache<SegmentList> lists_;
  WeightedCache<SymbolTable> tables_;
  deflate::Inflater inflater_;
  std::vector<std::uint8_t> delta_;
};

} // namespace packscope::trace
