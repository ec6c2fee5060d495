// Rounds: the caller publishes a piece and counts a round up; each worker runs its part and counts itself out.
#include "learn/cpu/team.h"

namespace packscope::learn::cpu {

Team::Team(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

Team::~Team() {
  piece_ = nullptr;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Team::run(unsigned count, const std::function<void(unsigned, unsigned)>& piece) {
  if (count <= 1) return piece(0, 1);
  piece_ = &piece;
  count_ = count;
  busy_.store(size() - 1, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  piece(0, count);
  for (std::uint32_t left; (left = busy_.load(std::memory_order_acquire)) != 0;) busy_.wait(left);
}

void Team::work(unsigned index) {
  for (std::uint32_t seen = 0;; ++seen) {
    round_.wait(seen, std::memory_order_acquire);
    if (piece_ == nullptr) return;
    if (index < count_) (*piece_)(index, count_);
    if (busy_.fetch_sub(1, std::memory_order_release) == 1) busy_.notify_one();
  }
}

} // namespace packscope::learn::cpu
