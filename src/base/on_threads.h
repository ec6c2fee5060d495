// The same work on several threads at once; what each takes of it, they settle among themselves (an atomic counter).
#pragma once

#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace packscope {

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
      for (unsigned i = 1; i < threads; ++i) others.emplace_back(guarded);
    } catch (const std::system_error&) {
    }
    guarded();
  }
  if (thrown) std::rethrow_exception(thrown);
}

} // namespace packscope
