// The child waits at one pipe, and tells through another, which a successful exec closes, what kept it from starting.
#include "perf/start.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

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
  ~Pipe() {
    if (read_end >= 0) ::close(read_end);
    if (write_end >= 0) ::close(write_end);
  }
};

struct Message {
  int code; // errno
  int step;
};
enum Step : int { starting, tracing };

ssize_t read_retrying(int fd, void* into, std::size_t size) {
  ssize_t got;
  do got = ::read(fd, into, size);
  while (got < 0 && errno == EINTR);
  return got;
}

bool limit(decltype(RLIMIT_AS) what, std::uint64_t most) {
  const rlimit wanted{most, most};
  return most == 0 || ::setrlimit(what, &wanted) == 0;
}

bool apply(const ChildLimits& limits) {
  if (limits.seconds > 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  const rlimit none{0, 0};
  if (limits.memory_bytes + limits.file_bytes > 0) ::setrlimit(RLIMIT_CORE, &none);
  return limit(RLIMIT_AS, limits.memory_bytes) && limit(RLIMIT_FSIZE, limits.file_bytes);
}

// Between fork and exec only what is safe after fork in a program with threads: no allocation, no locks.
[[noreturn]] void become(char* const* arguments, char* const* environment, const ChildOptions& options, bool traced, Pipe& go,
                         Pipe& failure) {
  ::close(go.write_end); // or the parent's death would not be seen
  char byte;
  if (read_retrying(go.read_end, &byte, 1) != 1) ::_exit(127);
  Message message{0, tracing};
  const bool allowed = !traced || ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
  if (allowed) {
    message.step = starting;
    const bool ready = (options.standard_input < 0 || ::dup2(options.standard_input, 0) >= 0) &&
                       (options.standard_output < 0 || ::dup2(options.standard_output, 1) >= 0) &&
                       (options.standard_error < 0 || ::dup2(options.standard_error, 2) >= 0) &&
                       (options.folder.empty() || ::chdir(options.folder.c_str()) == 0) && apply(options.limits);
    if (ready) ::execvpe(arguments[0], arguments, environment);
  }
  message.code = errno;
  if (::write(failure.write_end, &message, sizeof message) < 0) ::_exit(126);
  ::_exit(127);
}

// The parent's, but for what is given.
std::vector<char*> environment_of(const ChildOptions& options) {
  std::vector<char*> all;
  for (const std::string& one : options.environment) all.push_back(const_cast<char*>(one.c_str()));
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view old = *at, name = old.substr(0, old.find('='));
    if (std::ranges::none_of(options.environment, [&](std::string_view one) { return one.substr(0, one.find('=')) == name; })) all.push_back(*at);
  }
  all.push_back(nullptr);
  return all;
}

} // namespace

Result<Starting> Starting::fork(const std::vector<std::string>& command, const ChildOptions& options, bool traced) {
  if (command.empty()) return fail("command: empty");
  std::vector<char*> arguments, environment = environment_of(options);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  Pipe go, failure;
  if (!go.open() || !failure.open()) return fail_errno("pipe", command[0]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork", command[0]);
  if (child == 0) become(arguments.data(), environment.data(), options, traced, go, failure);
  return Starting(child, command[0], std::exchange(go.write_end, -1), std::exchange(failure.read_end, -1));
}

Starting::Starting(Starting&& other) noexcept
    : pid_(other.pid_), name_(other.name_), go_(std::exchange(other.go_, -1)), failure_(std::exchange(other.failure_, -1)) {}

Starting::~Starting() {
  if (go_ >= 0) ::close(go_);
  if (failure_ >= 0) ::close(failure_);
}

std::optional<Error> Starting::let_go() {
  const char byte = 1;
  const bool told = ::write(go_, &byte, 1) == 1;
  ::close(std::exchange(go_, -1)); // untold, the child sees the end of the pipe and leaves
  if (!told) return Error{.what = "start: the child did not answer", .file = name_};
  Message message{};
  if (read_retrying(failure_, &message, sizeof message) != sizeof message) return {}; // closed by exec
  errno = message.code;
  return fail_errno(message.step == tracing ? "ptrace" : "start", name_).error();
}

} // namespace packscope::perf
