// Work on several threads whose results are taken in order, with a bounded number waiting.
#pragma once

#include "base/memory.h"
#include "base/result.h"

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace packscope {

template <class Made, class MakeWorker, class Take>
Result<void> work_here(std::size_t count, MakeWorker make_worker, Take take) {
  std::optional<decltype(make_worker())> worker;
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<Made> made;
    try { // what `take` throws is the caller's
      if (!worker) worker.emplace(make_worker());
      if (!*worker) return std::unexpected(worker->error());
      made = (**worker)(i);
    } catch (const std::exception& error) {
      return std::unexpected(Error{error.what()});
    }
    take(i, std::move(*made));
  }
  return {};
}

// Calls work(i) for 0 <= i < count, each on one of at most `threads` workers made by `make_worker` (on its own thread; one works on
// this thread), and take(i, result) on this thread for i = 0, 1, 2 … . An Error of make_worker, or an exception of work (no
// memory), ends the whole with it.
template <class Made, class MakeWorker, class Take>
Result<void> ordered_work(std::size_t count, unsigned threads, MakeWorker make_worker, Take take) {
  if (threads <= 1) return work_here<Made>(count, make_worker, take);
  constexpr std::size_t kAhead = 8; // results a thread may be ahead of the taker: bounds memory
  std::mutex lock;
  std::condition_variable made, taken;
  std::map<std::size_t, Made> ready;
  std::size_t next = 0, wanted = 0;
  std::optional<Error> failure;
  const auto give_up = [&](Error error) {
    const std::lock_guard guard(lock);
    if (!failure) failure = std::move(error);
    made.notify_one();
    taken.notify_all();
  };
  const auto run = [&] {
    begin_thread_memory();
    try {
      auto worker = make_worker();
      if (!worker) return give_up(worker.error());
      for (;;) {
        std::size_t mine;
        {
          std::unique_lock guard(lock);
          taken.wait(guard, [&] { return failure || next >= count || next < wanted + threads * kAhead; });
          if (failure || next >= count) return;
          mine = next++;
        }
        Made result = (*worker)(mine);
        const std::lock_guard guard(lock);
        ready.emplace(mine, std::move(result));
        if (mine == wanted) made.notify_one();
      }
    } catch (const std::exception& error) {
      give_up({error.what()});
    }
  };
  std::vector<std::jthread> workers;
  try {
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back(run);
  } catch (const std::exception&) { // no more threads are to be had: those that run do it all
    if (workers.empty()) return work_here<Made>(count, make_worker, take);
  }
  try {
    for (; wanted < count;) {
      std::unique_lock guard(lock);
      made.wait(guard, [&] { return failure || (!ready.empty() && ready.begin()->first == wanted); });
      if (failure) break;
      Made result = std::move(ready.begin()->second);
      ready.erase(ready.begin());
      guard.unlock();
      take(wanted, std::move(result));
      guard.lock();
      ++wanted;
      taken.notify_all();
    }
  } catch (...) { // the workers must not wait for a taker that is gone
    give_up({"interrupted"});
    throw;
  }
  workers.clear();
  if (failure) return std::unexpected(*failure);
  return {};
}

} // namespace packscope
