// One line, redrawn in place; see progress.h.
#include "base/progress.h"

#include "base/text.h"

#include <unistd.h>

#include <cstdio>

namespace packscope {
namespace {
constexpr std::int64_t kRedrawMs = 100;
constexpr std::int64_t kPatienceMs = 1000; // shorter work gets no bar
constexpr unsigned kWidth = 24;
} // namespace

Progress::Progress(std::string title, std::uint64_t total, std::string unit, ProgressMode mode)
    : title_(std::move(title)), unit_(std::move(unit)), total_(total), terminal_(::isatty(STDERR_FILENO) == 1),
      shown_(mode == ProgressMode::always || (mode == ProgressMode::automatic && terminal_)),
      start_(std::chrono::steady_clock::now()),
      next_draw_ms_(mode == ProgressMode::always ? 0 : kPatienceMs) {}

Progress::~Progress() {
  if (!drawn_) return;
  if (terminal_) std::fputs("\r\033[K", stderr);
  else {
    draw(done_.load(), "");
    std::fputc('\n', stderr);
  }
}

void Progress::show(std::uint64_t steps, const std::string& note) {
  const std::uint64_t done = done_.fetch_add(steps, std::memory_order_relaxed) + steps;
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::steady_clock::now() - start_).count();
  std::int64_t due = next_draw_ms_.load(std::memory_order_relaxed);
  // Whoever wins the exchange draws; the others go on working.
  if (now >= due && next_draw_ms_.compare_exchange_strong(due, now + kRedrawMs)) draw(done, note);
}

void Progress::draw(std::uint64_t done, const std::string& note) {
  drawn_ = true;
  std::string line = "\r" + title_ + " ";
  if (total_ > 0) {
    const unsigned filled = static_cast<unsigned>(done >= total_ ? kWidth : done * kWidth / total_);
    line += "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] " + human_count(done) + "/" +
            human_count(total_) + " " + unit_;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    if (done > 0 && done < total_) {
      const double left = seconds * static_cast<double>(total_ - done) / static_cast<double>(done);
      line += ", " + std::to_string(static_cast<std::uint64_t>(left + 0.5)) + " s left";
    }
  } else {
    line += human_count(done) + " " + unit_;
  }
  if (!note.empty()) line += ", " + note;
  if (terminal_) line += "\033[K";
  std::fputs(line.c_str(), stderr);
}

} // namespace packscope
