// Runs a command under counters; see child.h.
//
// The order matters: the child is forked and waits at a pipe; the parent opens the counters on it, asleep until exec
// and inherited by what it starts, and then lets it go.
#include "perf/child.h"

#include "perf/count.h"
#include "perf/start.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>

namespace packscope::perf {
namespace {

using Clock = std::chrono::steady_clock;

// Waits until the child has ended, without taking its status; false: that takes longer.
bool ends_within(pid_t child, double seconds) {
  const Clock::time_point last = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == child) break;
    const std::int64_t left = std::chrono::ceil<std::chrono::milliseconds>(last - Clock::now()).count();
    if (left <= 0) {
      if (fd >= 0) ::close(fd);
      return false;
    }
    pollfd ended{fd, POLLIN, 0}; // without descriptors of processes (Linux before 5.3): every 10 ms
    ::poll(&ended, fd >= 0 ? 1 : 0, static_cast<int>(fd >= 0 ? std::min<std::int64_t>(left, 1'000'000) : 10));
  }
  if (fd >= 0) ::close(fd);
  return true;
}

} // namespace

Result<ChildReading> measure_child(const std::vector<std::string>& command, const ChildOptions& options,
                                   const OpenEvent& open) {
  Result<Starting> starting = Starting::fork(command, options, false);
  if (!starting) return std::unexpected(starting.error());
  const pid_t child = starting->pid();

  std::array<std::unique_ptr<Event>, 3> events;
  std::array<Count, 3> counts;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const EventKind kind = static_cast<EventKind>(i);
    perf_event_attr attributes = event_attributes(kind);
    attributes.disabled = 1;
    attributes.enable_on_exec = 1;
    attributes.inherit = 1;
    std::expected<std::unique_ptr<Event>, Refusal> opened = open(attributes, {&child, 1});
    if (opened) events[i] = std::move(*opened);
    else counts[i].refused = refusal_text(kind, opened.error());
  }

  const Clock::time_point began = Clock::now();
  const std::optional<Error> failed = starting->let_go();
  const bool limited = !failed && options.limits.seconds > 0;
  ChildReading result;
  if (limited) {
    if (options.group) options.group(child);
    result.timed_out = !ends_within(child, options.limits.seconds);
    ::kill(-child, SIGKILL); // not yet waited for: the number is still its own
  }
  int status = 0;
  rusage usage{};
  pid_t waited;
  do waited = ::wait4(child, &status, 0, &usage);
  while (waited < 0 && errno == EINTR);
  const Clock::time_point ended = Clock::now();
  if (limited && options.group) options.group(0);
  if (waited < 0) return fail_errno("wait", command[0]);
  if (failed) return std::unexpected(*failed);

  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!events[i]) continue;
    counts[i].raw = events[i]->read();
    if (!counts[i].raw) counts[i].refused = refusal_text(static_cast<EventKind>(i), Refusal::other);
    // No program runs without an instruction: a zero is a counter that doesn't count.
    if (counts[i].raw && counts[i].raw->value == 0 && counts[i].raw->running_ns > 0) {
      counts[i].raw.reset();
      counts[i].refused = refusal_text(static_cast<EventKind>(i), Refusal::silent);
    }
  }
  interpret(counts, result.reading);
  result.reading.seconds = std::chrono::duration<double>(ended - began).count();
  result.reading.page_faults = static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt);
  result.reading.context_switches = static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
  result.reading.max_rss_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

} // namespace packscope::perf
