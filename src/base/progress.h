// The one progress bar: on stderr, when stderr is a terminal and the work exceeds a second.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace packscope {

enum class ProgressMode { automatic, always, never };

class Progress {
public:
  // `total` 0: unknown, only a count is shown. `unit`: "objects".
  Progress(std::string title, std::uint64_t total, std::string unit, ProgressMode mode);
  ~Progress(); // erases the bar (a terminal) or ends the line (--progress into a file)
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Safe from any thread; draws at most ten times a second. `note` stands at the end ("loss 0.41").
  void advance(std::uint64_t steps = 1) {
    if (shown_) show(steps, {});
  }
  void advance(std::uint64_t steps, const std::string& note) {
    if (shown_) show(steps, note);
  }

private:
  void show(std::uint64_t steps, const std::string& note);
  void draw(std::uint64_t done, const std::string& note);

  const std::string title_, unit_;
  const std::uint64_t total_;
  const bool terminal_, shown_;
  const std::chrono::steady_clock::time_point start_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::int64_t> next_draw_ms_;
  std::atomic<bool> drawn_{false};
};

} // namespace packscope
