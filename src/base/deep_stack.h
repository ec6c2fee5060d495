// A stack of its own for what may call itself more often than a thread's stack allows, and which may be left from anywhere.
#pragma once

#include "base/sanitized.h"

#include <cstddef>

namespace packscope {

// Memory is taken as far down as it was used, and kept. For one thread at a time. Under a sanitizer, which wants to know each stack,
// work is done on the thread's own: kDeepest says how much there is to count on.
class DeepStack {
public:
  static constexpr std::size_t kDeepest = std::size_t{kSanitized ? 4 : 64} << 20; // bytes

  DeepStack() = default;
  ~DeepStack();
  DeepStack(const DeepStack&) = delete;
  DeepStack& operator=(const DeepStack&) = delete;

  bool make(); // false: no memory; true at once where it is there
  // Calls `work` there; make() was true before. False: it called leave(). It may not throw: nobody could catch it.
  template <class Work>
  bool run(Work work) {
    return run_plain([](void* what) { (*static_cast<Work*>(what))(); }, &work);
  }
  // From the work that this thread does on one: ends it where it is, with all that its calls hold; no destructor runs.
  [[noreturn]] static void leave();

private:
  bool run_plain(void (*call)(void*), void* what);

  void* begin_ = nullptr; // a page that nobody may touch, then kDeepest
};

} // namespace packscope
