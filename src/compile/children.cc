// A child holds one end of a pipe that nobody writes to: its end, however it comes, is the end of the pipe.
#include "compile/children.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <vector>

namespace packscope::compile {
namespace {

struct Running {
  std::size_t number;
  pid_t process;
  int pipe;
  MemoryFile output, messages;
};

void limit(int what, std::uint64_t most) {
  struct rlimit now;
  if (::getrlimit(what, &now) != 0) return;
  now.rlim_cur = now.rlim_max == RLIM_INFINITY || now.rlim_max > most ? most : now.rlim_max;
  ::setrlimit(what, &now);
}

[[noreturn]] void be_child(std::size_t number, const MemoryFile& output, const MemoryFile& messages, const ChildLimits& limits,
                           const std::function<int(std::size_t, const MemoryFile&)>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
  ::dup2(messages.fd(), STDOUT_FILENO);
  ::dup2(messages.fd(), STDERR_FILENO);
  limit(RLIMIT_CPU, limits.seconds);
  limit(RLIMIT_CORE, 0);
#if !defined(__SANITIZE_ADDRESS__)
  limit(RLIMIT_AS, limits.memory);
#endif
  int code = 2;
  try {
    code = work(number, output);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "packscope: %s\n", error.what());
  }
  std::fflush(stderr);
  ::_exit(code); // what exit() would run is the parent's
}

Result<Running> start(std::size_t number, const ChildLimits& limits, const std::function<int(std::size_t, const MemoryFile&)>& work) {
  Result<MemoryFile> output = MemoryFile::create("output"), messages = MemoryFile::create("messages");
  if (!output) return std::unexpected(output.error());
  if (!messages) return std::unexpected(messages.error());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe", "");
  std::fflush(nullptr);
  const pid_t process = ::fork();
  if (process == 0) be_child(number, *output, *messages, limits, work);
  ::close(ends[1]);
  if (process < 0) {
    ::close(ends[0]);
    return fail_errno("fork", "");
  }
  return Running{number, process, ends[0], std::move(*output), std::move(*messages)};
}

Child end(Running running) {
  ::close(running.pipe);
  int status = 0;
  while (::waitpid(running.process, &status, 0) < 0 && errno == EINTR) {}
  Child child = {.output = std::move(running.output), .messages = std::move(running.messages)};
  if (WIFEXITED(status)) {
    child.status = WEXITSTATUS(status);
  } else {
    const int signal = WTERMSIG(status);
    child.status = 128 + signal;
    child.ended = signal == SIGXCPU ? "took too long" : "was ended by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return child;
}

} // namespace

Result<void> run_children(std::size_t count, const ChildLimits& limits, const std::function<int(std::size_t, const MemoryFile&)>& work,
                          const std::function<void(std::size_t, Child)>& done) {
  std::vector<Running> running;
  std::map<std::size_t, Child> ended;
  std::size_t next = 0, told = 0;
  Result<void> result;
  while (told < count && (result || !running.empty())) {
    while (result && next < count && running.size() < std::max(1U, limits.at_once)) {
      Result<Running> one = start(next, limits, work);
      if (one) running.push_back(std::move(*one));
      else result = std::unexpected(one.error());
      ++next;
    }
    std::vector<pollfd> pipes;
    for (const Running& one : running) pipes.push_back({one.pipe, POLLIN, 0});
    if (::poll(pipes.data(), pipes.size(), -1) < 0 && errno != EINTR) return fail_errno("poll", "");
    for (std::size_t i = pipes.size(); i-- > 0;) {
      if (pipes[i].revents == 0) continue;
      const std::size_t number = running[i].number;
      ended.emplace(number, end(std::move(running[i])));
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (auto first = ended.find(told); first != ended.end(); first = ended.find(told)) {
      done(told++, std::move(first->second));
      ended.erase(first);
    }
  }
  return result;
}

} // namespace packscope::compile
