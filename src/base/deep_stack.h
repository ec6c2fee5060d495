// A stack of its own for what may call itself more often than a thread's stack allows.
#pragma once

#include <cstddef>
#include <exception>

namespace packscope {

// Memory is taken as far down as it was used, and kept. Copies of a process have it, too. For one thread at a time.
class DeepStack {
public:
  explicit DeepStack(std::size_t bytes) : bytes_(bytes) {}
  ~DeepStack();
  DeepStack(const DeepStack&) = delete;
  DeepStack& operator=(const DeepStack&) = delete;

  bool make(); // false: no memory; true at once where it is there
  // Calls `work` there, and throws what it throws. make() was true before.
  template <class Work>
  void run(Work work) {
    struct Call {
      Work& work;
      std::exception_ptr thrown = nullptr;
    } call{work};
    run_plain(
        [](void* what) {
          Call& here = *static_cast<Call*>(what);
          try {
            here.work();
          } catch (...) {
            here.thrown = std::current_exception();
          }
        },
        &call);
    if (call.thrown != nullptr) std::rethrow_exception(call.thrown);
  }

private:
  void run_plain(void (*call)(void*), void* what);

  const std::size_t bytes_;
  void* begin_ = nullptr; // a page that nobody may touch, then bytes_
};

} // namespace packscope
