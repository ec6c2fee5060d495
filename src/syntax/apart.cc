// fork, a pipe, a deadline.
//
// The idea: the child ends by _exit in every case, so nothing of the parent (buffers, destructors, tests) runs twice.
// Its answer begins with its own size: whether it is whole doesn't rest on an exit code, which is lost where the
// program was started with SIGCHLD ignored.
#include "syntax/apart.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace packscope::syntax {
namespace {

std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

[[noreturn]] void run_child(const std::function<std::string()>& work, int out, std::uint64_t address_limit,
                            std::uint64_t seconds) {
  // Handlers are inherited, and a test framework's would report the crash as its own.
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTERM, SIGINT, SIGXCPU}) ::signal(signal, SIG_DFL);
  // Of all that the parent has open only the answer's end stays: were this process to hold its other end too, it would wait
  // for ever to be read by a parent that is gone.
  constexpr int kOut = STDERR_FILENO + 1;
  if (out != kOut) ::dup2(out, kOut);
  out = kOut;
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  ::close_range(kOut + 1, ~0U, 0);
  const rlimit no_core{0, 0}, space{address_limit, address_limit}, processor{seconds, seconds + 1};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_AS, &space);
  ::setrlimit(RLIMIT_CPU, &processor);
  try {
    std::string result = work();
    const std::uint64_t size = result.size();
    result.insert(0, reinterpret_cast<const char*>(&size), sizeof size);
    for (std::size_t at = 0; at < result.size();) {
      const ssize_t wrote = ::write(out, result.data() + at, result.size() - at);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) ::_exit(1);
      at += static_cast<std::size_t>(wrote);
    }
  } catch (...) {
    ::_exit(kOutOfMemory); // nothing else throws here
  }
  ::_exit(0);
}

// False: not ended by the deadline.
bool read_all(int in, std::chrono::steady_clock::time_point deadline, std::string& out) {
  char buffer[65536];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wait{in, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
    if (ready <= 0) continue; // a second passed, or a signal came
    const ssize_t got = ::read(in, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    out.append(buffer, static_cast<std::size_t>(got));
  }
}

bool whole(const std::string& answer) {
  std::uint64_t size = 0;
  if (answer.size() < sizeof size) return false;
  std::memcpy(&size, answer.data(), sizeof size);
  return answer.size() - sizeof size == size;
}

} // namespace

Result<std::string> run_apart(const std::function<std::string()>& work, const Limits& limits) {
  const auto deadline = std::chrono::steady_clock::now() + limits.clock;
  const std::uint64_t address_limit = address_space() + limits.memory;
  const auto seconds = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(limits.processor).count());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(std::string("pipe: ") + std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) {
    const int why = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(std::string("fork: ") + std::strerror(why));
  }
  if (child == 0) run_child(work, ends[1], address_limit, seconds);
  ::close(ends[1]);
  std::string result;
  bool ended = false, room = true;
  try {
    ended = read_all(ends[0], deadline, result);
  } catch (const std::bad_alloc&) { // the child is not to outlive it
    room = false;
  }
  ::close(ends[0]);
  if (!ended) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!room) return fail("no memory for the answer");
  if (!ended) return fail("not done within " + std::to_string(limits.clock.count()) + " ms");
  if (whole(result)) return result.substr(sizeof(std::uint64_t));
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory)
    return fail("needs more than " + std::to_string(limits.memory) + " bytes of memory");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    return fail("not done within " + std::to_string(seconds) + " s of processor time");
  return fail(WIFSIGNALED(status) ? "crashed (signal " + std::to_string(WTERMSIG(status)) + ")"
                                  : "failed with exit code " + std::to_string(WEXITSTATUS(status)));
}

} // namespace packscope::syntax
