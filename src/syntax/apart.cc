// fork, a pair of sockets, a deadline.
//
// The idea: the child ends by _exit in every case, so nothing of the parent (buffers, destructors, tests) runs twice.
// Requests and answers begin with their size: whether one is whole doesn't rest on an exit code, which is lost where the
// program was started with SIGCHLD ignored.
#include "syntax/apart.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
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

// Of the child. False: the parent is gone.
bool read_exactly(int from, char* out, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(from, out, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}
bool write_exactly(int to, const char* from, std::size_t size) {
  while (size > 0) {
    const ssize_t wrote = ::send(to, from, size, MSG_NOSIGNAL);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    from += wrote;
    size -= static_cast<std::size_t>(wrote);
  }
  return true;
}

void limit_processor(std::uint64_t seconds) { // from now on
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto before = static_cast<std::uint64_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  const std::uint64_t micros = static_cast<std::uint64_t>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  rlimit limit{};
  ::getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, before + micros / 1'000'000 + seconds);
  ::setrlimit(RLIMIT_CPU, &limit);
}

[[noreturn]] void run_child(const Apart::Work& work, int socket, std::uint64_t address_limit, std::uint64_t seconds) {
  // Handlers are inherited, and a test framework's would report the crash as its own.
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTERM, SIGINT, SIGXCPU}) ::signal(signal, SIG_DFL);
  // Of all that the parent has open only this end stays: were a process to hold the parent's end too, its sibling would wait
  // for ever for requests of a parent that is gone.
  constexpr int kSocket = STDERR_FILENO + 1;
  if (socket != kSocket) ::dup2(socket, kSocket);
  socket = kSocket;
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  ::close_range(kSocket + 1, ~0U, 0);
  const rlimit no_core{0, 0}, space{address_limit, address_limit};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_AS, &space);
  try {
    for (std::string request;;) {
      std::uint64_t size = 0;
      if (!read_exactly(socket, reinterpret_cast<char*>(&size), sizeof size)) ::_exit(0);
      request.resize(size);
      if (!read_exactly(socket, request.data(), size)) ::_exit(0);
      limit_processor(seconds);
      const std::string answer = work(request);
      size = answer.size();
      if (!write_exactly(socket, reinterpret_cast<const char*>(&size), sizeof size) ||
          !write_exactly(socket, answer.data(), answer.size()))
        ::_exit(0);
    }
  } catch (...) {
    ::_exit(kOutOfMemory); // nothing else throws here
  }
}

using Deadline = std::chrono::steady_clock::time_point;

// Of the parent: until the socket is ready for it, or the deadline, which is false.
bool wait_for(int socket, short what, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wait{socket, what, 0};
    if (::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000))) > 0) return true;
    // a second passed, or a signal came
  }
}

enum class Sent { whole, late, child_gone };

Sent write_by(int to, std::string_view from, Deadline deadline) {
  while (!from.empty()) {
    if (!wait_for(to, POLLOUT, deadline)) return Sent::late;
    const ssize_t wrote = ::send(to, from.data(), from.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (wrote <= 0) return Sent::child_gone;
    from.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return Sent::whole;
}

// The whole answer, behind its size.
Sent read_by(int from, std::string& out, Deadline deadline) {
  char buffer[65536];
  std::uint64_t size = 0;
  out.clear();
  for (;;) {
    if (!wait_for(from, POLLIN, deadline)) return Sent::late;
    const ssize_t got = ::read(from, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Sent::child_gone;
    out.append(buffer, static_cast<std::size_t>(got));
    if (out.size() < sizeof size) continue;
    std::memcpy(&size, out.data(), sizeof size);
    if (out.size() - sizeof size >= size) break;
  }
  out.erase(0, sizeof size);
  return Sent::whole;
}

} // namespace

Result<void> Apart::start() {
  const std::uint64_t address_limit = address_space() + limits_.memory;
  const auto seconds = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(limits_.processor).count());
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return fail(std::string("socketpair: ") + std::strerror(errno));
  child_ = ::fork();
  if (child_ < 0) {
    const int why = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(std::string("fork: ") + std::strerror(why));
  }
  if (child_ == 0) run_child(work_, ends[1], address_limit, seconds);
  ::close(ends[1]);
  socket_ = ends[0];
  return {};
}

void Apart::end() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  wait_for_end();
}

std::string Apart::wait_for_end() {
  if (socket_ >= 0) ::close(socket_);
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {}
  child_ = socket_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory)
    return "needs more than " + std::to_string(limits_.memory) + " bytes of memory";
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    return "not done within " + std::to_string(std::chrono::ceil<std::chrono::seconds>(limits_.processor).count()) + " s of processor time";
  return WIFSIGNALED(status) ? "crashed (signal " + std::to_string(WTERMSIG(status)) + ")"
                             : "failed with exit code " + std::to_string(WEXITSTATUS(status));
}

Result<std::string> Apart::ask_once(std::string_view request) {
  if (child_ <= 0)
    if (Result<void> started = start(); !started) return std::unexpected(started.error());
  const Deadline deadline = std::chrono::steady_clock::now() + limits_.clock;
  const std::uint64_t size = request.size();
  std::string answer;
  Sent sent = write_by(socket_, {reinterpret_cast<const char*>(&size), sizeof size}, deadline);
  if (sent == Sent::whole) sent = write_by(socket_, request, deadline);
  try {
    if (sent == Sent::whole) sent = read_by(socket_, answer, deadline);
  } catch (const std::bad_alloc&) { // the child is not to outlive it
    end();
    return fail("no memory for the answer");
  }
  if (sent == Sent::whole) return answer;
  if (sent == Sent::child_gone) return fail(wait_for_end());
  end();
  return fail("not done within " + std::to_string(limits_.clock.count()) + " ms");
}

Result<std::string> Apart::ask(std::string_view request) {
  const bool fresh = child_ <= 0;
  Result<std::string> answer = ask_once(request);
  return answer || fresh ? answer : ask_once(request);
}

} // namespace packscope::syntax
