// What pack2git finds in one pack and --memory does not hold: sorted runs in a file without a name, merged at the end.
//
//   run := hit*, by entry        hit := entry u32, via u8, size of id u8, size of text u32, id, text
//
// A pack is resolved down its forest of deltas, and its urls are printed in pack order; in between they are kept. An object
// is scanned by one worker, and a worker's hits go to the file between two objects: so each entry is in one run only.
#pragma once

#include "pack/object.h"
#include "tools/url_worker.h"

#include <functional>
#include <mutex>
#include <optional>

namespace packscope::tools {

struct FoundHit {
  std::uint32_t entry = 0;
  deps::Via via = deps::Via::text;
  std::optional<pack::ObjectId> id = {}; // where the scan came by it
  std::string_view text = {};            // as KnownUrl::text()
};

class UrlSpill {
public:
  explicit UrlSpill(bool json) : json_(json) {}
  UrlSpill(const UrlSpill&) = delete;
  ~UrlSpill();

  // One more run: all that the worker holds, which is empty afterwards. From any thread.
  Result<void> write(UrlWorker& worker);
  // All runs, and what the workers still hold, by entry and the order within the object.
  Result<void> merge(std::span<const std::unique_ptr<UrlWorker>> workers, const std::function<void(const FoundHit&)>& visit);

private:
  struct Run {
    std::uint64_t begin, end;
  };
  class Reader;
  Result<void> append(std::string_view bytes);

  const bool json_;
  std::mutex lock_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::vector<Run> runs_;
};

} // namespace packscope::tools
