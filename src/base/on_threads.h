// The same work on several threads at once; what each takes of it, they settle among themselves by a Share.
#pragma once

#include "base/memory.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace packscope {

// The numbers below a count, handed out in runs: each of them to one thread.
class Share {
public:
  explicit Share(std::size_t count, std::size_t run = 1) : count_(count), run_(run) {}

  // As many of `most` threads as there are runs for; at least one.
  unsigned threads(unsigned most) const {
    return static_cast<unsigned>(std::clamp<std::size_t>((count_ + run_ - 1) / run_, 1, std::max(1u, most)));
  }
  // The next run, [begin, end); false: none is left.
  bool take(std::size_t& begin, std::size_t& end) {
    begin = std::min(next_.fetch_add(run_, std::memory_order_relaxed), count_);
    end = std::min(begin + run_, count_);
    return begin < end;
  }
  bool take(std::size_t& number) { // where a run is one
    std::size_t end;
    return take(number, end);
  }
  void stop() { next_.store(count_, std::memory_order_relaxed); } // nobody gets another

private:
  std::size_t count_, run_;
  std::atomic<std::size_t> next_ = 0;
};

// Calls `work` on this thread and on up to `threads` - 1 others, and returns when all are done. The first exception of
// any of them is thrown again here: one that left a thread would end the process. Where no more threads are to be had,
// those that run do it all.
template <typename Work> void on_threads(unsigned threads, const Work& work) {
  std::exception_ptr thrown;
  std::mutex lock;
  const auto guarded = [&] {
    try {
      work();
    } catch (...) {
      const std::lock_guard guard(lock);
      if (!thrown) thrown = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    others.reserve(threads);
    try {
      for (unsigned i = 1; i < threads; ++i)
        others.emplace_back([&] {
          begin_thread_memory();
          guarded();
        });
    } catch (const std::system_error&) {
    }
    guarded();
  }
  if (thrown) std::rethrow_exception(thrown);
}

} // namespace packscope
