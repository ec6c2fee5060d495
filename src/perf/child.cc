// Runs a command under counters; see child.h.
//
// The order matters: the child is forked and waits at a pipe; the parent opens the counters on it, asleep until exec
// and inherited by what it starts, and then lets it go.
#include "perf/child.h"

#include "perf/count.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace packscope::perf {
namespace {

// A pipe that no exec inherits.
struct Pipe {
  int read_end = -1, write_end = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0], write_end = ends[1];
    return true;
  }
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  ~Pipe() {
    close(read_end);
    close(write_end);
  }
};

ssize_t read_retrying(int fd, void* into, std::size_t size) {
  ssize_t got;
  do got = ::read(fd, into, size);
  while (got < 0 && errno == EINTR);
  return got;
}

// Between fork and exec only what is safe after fork in a program with threads: no allocation, no locks.
[[noreturn]] void become(char* const* arguments, const ChildOptions& options, Pipe& go, Pipe& failure) {
  Pipe::close(go.write_end); // or the parent's death would not be seen
  char byte;
  if (read_retrying(go.read_end, &byte, 1) != 1) ::_exit(127);
  const bool ready = (options.standard_input < 0 || ::dup2(options.standard_input, 0) >= 0) &&
                     (options.standard_output < 0 || ::dup2(options.standard_output, 1) >= 0) &&
                     (options.standard_error < 0 || ::dup2(options.standard_error, 2) >= 0) &&
                     (options.folder.empty() || ::chdir(options.folder.c_str()) == 0);
  if (ready) ::execvp(arguments[0], arguments);
  const int code = errno;
  if (::write(failure.write_end, &code, sizeof code) < 0) ::_exit(126);
  ::_exit(127);
}

} // namespace

Result<ChildReading> measure_child(const std::vector<std::string>& command, const ChildOptions& options,
                                   const OpenEvent& open) {
  if (command.empty()) return fail("command: empty");
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  Pipe go, failure;
  if (!go.open() || !failure.open()) return fail_errno("pipe", command[0]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork", command[0]);
  if (child == 0) become(arguments.data(), options, go, failure);
  Pipe::close(failure.write_end);

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

  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  const char byte = 1;
  const bool told = ::write(go.write_end, &byte, 1) == 1;
  int code = 0;
  const bool failed = told && read_retrying(failure.read_end, &code, sizeof code) == sizeof code; // else closed by exec
  if (!told) Pipe::close(go.write_end); // the child sees the end of the pipe and leaves
  int status = 0;
  rusage usage{};
  pid_t waited;
  do waited = ::wait4(child, &status, 0, &usage);
  while (waited < 0 && errno == EINTR);
  const std::chrono::steady_clock::time_point ended = std::chrono::steady_clock::now();
  if (waited < 0) return fail_errno("wait", command[0]);
  if (!told) return fail("start: the child did not answer", command[0]);
  if (failed) {
    errno = code;
    return fail_errno("start", command[0]);
  }

  ChildReading result;
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
