// A few threads that wait for the next piece of one training step: cheaper than starting threads a thousand times a second.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace packscope::learn::cpu {

class Team {
public:
  explicit Team(unsigned threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  unsigned size() const { return static_cast<unsigned>(workers_.size()) + 1; }
  // Calls piece(i, count) for every i below `count` <= size(), the caller's own as 0, and waits for all of them.
  void run(unsigned count, const std::function<void(unsigned, unsigned)>& piece);

private:
  void work(unsigned index);

  const std::function<void(unsigned, unsigned)>* piece_ = nullptr; // null at the end: the workers leave
  unsigned count_ = 0;
  std::atomic<std::uint32_t> round_{0};
  std::atomic<std::uint32_t> busy_{0};
  std::vector<std::thread> workers_;
};

} // namespace packscope::learn::cpu
