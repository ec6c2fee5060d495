// The child marks where an item begins and ends by stopping itself; between two marks the parent steps.
//
//   child := mark nothing mark (before(i) mark work(i) mark)*
//
// An instruction with REP traps after every round of it, and counts once: until its last round the next instruction is itself.
//
// What a libc call costs may depend on the address of its buffers, and the kernel places the stack anew for each program
// (ASLR), by 16 bytes: the child moves its own stack down to a page's border first. The heap begins at one: a program that is run again with the
// same arguments counts the same. With other arguments buffers of the heap lie elsewhere, and libc may take another path
// through one: five instructions more or less were seen.
#include "perf/steps.h"

#include <alloca.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <optional>
#include <string>

namespace packscope::perf {
namespace {

constexpr int kRefused = 77; // the child's exit code where it may not be traced
constexpr std::uintptr_t kPage = 4096;

void mark() { ::kill(::getpid(), SIGSTOP); }

[[gnu::noinline]] void run_marked(std::size_t items, const std::function<void(std::size_t)>& work, const std::function<void(std::size_t)>& before) {
  const std::function<void(std::size_t)> nothing = [](std::size_t) {};
  mark();
  nothing(0);
  mark();
  for (std::size_t i = 0; i < items; ++i) {
    before(i);
    mark();
    work(i);
    mark();
  }
}

[[noreturn, gnu::noinline]] void run_child(std::size_t items, const std::function<void(std::size_t)>& work, const std::function<void(std::size_t)>& before) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(kRefused);
  volatile char* moved = static_cast<char*>(::alloca(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) % kPage + 16));
  moved[0] = 0;
  run_marked(items, work, before);
  ::_exit(0);
}

// A child under ptrace; killed with its owner.
class Traced {
public:
  explicit Traced(pid_t pid) : pid_(pid) {}
  ~Traced() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, __WALL) == -1 && errno == EINTR) {}
  }
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;

  // Until it stops or ends: the signal it stopped by, 0 where it has ended.
  Result<int> wait() {
    int status = 0;
    while (::waitpid(pid_, &status, __WALL) == -1)
      if (errno != EINTR) return fail_errno("waitpid", "single steps");
    if (WIFSTOPPED(status)) return WSTOPSIG(status);
    ended_ = true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == kRefused) return fail("single steps: ptrace is refused here");
    return fail("single steps: the work ended " +
                (WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status)) : std::string("the process")));
  }
  Result<void> go(bool step) {
    // From the first stop on: were this process to die, the child would run on alone.
    if (!bound_) ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
    bound_ = true;
    if (step ? ::ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) != 0 : ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr) != 0)
      return fail_errno("ptrace", "single steps");
    return {};
  }
  // Where it goes on; 0: as good as somewhere else each time.
  std::uint64_t next_instruction() const {
#if defined(__x86_64__)
    return static_cast<std::uint64_t>(::ptrace(PTRACE_PEEKUSER, pid_, offsetof(user, regs.rip), nullptr));
#else
    return 0;
#endif
  }

private:
  const pid_t pid_;
  bool ended_ = false, bound_ = false;
};

Error stopped_by(int signal) { return {.what = "single steps: the work met signal " + std::to_string(signal)}; }

// On to the next mark at full speed; false: the child has ended.
Result<bool> go_to_mark(Traced& child) {
  if (Result<void> done = child.go(false); !done) return std::unexpected(done.error());
  const Result<int> signal = child.wait();
  if (!signal) return std::unexpected(signal.error());
  if (*signal != 0 && *signal != SIGSTOP) return std::unexpected(stopped_by(*signal));
  return *signal != 0;
}

// Instructions until the next mark; nullopt: more than `most`.
Result<std::optional<std::uint64_t>> step_to_mark(Traced& child, std::uint64_t most) {
  std::uint64_t at = child.next_instruction();
  for (std::uint64_t steps = 0, traps = 0; traps <= most; ++traps) {
    if (Result<void> done = child.go(true); !done) return std::unexpected(done.error());
    const Result<int> signal = child.wait();
    if (!signal) return std::unexpected(signal.error());
    if (*signal == SIGSTOP) return steps;
    if (*signal != SIGTRAP) return std::unexpected(stopped_by(*signal));
    const std::uint64_t next = child.next_instruction();
    steps += next != at || next == 0;
    at = next;
  }
  return std::nullopt;
}

} // namespace

Result<std::vector<std::uint64_t>> count_steps(std::size_t items, const std::function<void(std::size_t)>& work,
                                               StepLimits limits, const std::function<void(std::size_t)>& before) {
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("fork", "single steps");
  if (pid == 0) run_child(items, work, before ? before : work);
  Traced child(pid);
  const Result<int> first = child.wait();
  if (!first) return std::unexpected(first.error());
  if (*first != SIGSTOP) return std::unexpected(stopped_by(*first));
  const Result<std::optional<std::uint64_t>> nothing = step_to_mark(child, limits.most);
  if (!nothing) return std::unexpected(nothing.error());
  if (!*nothing) return fail("single steps: marks are not met");
  std::vector<std::uint64_t> counts;
  for (std::uint64_t total = 0; counts.size() < items && total < limits.enough;) {
    const Result<bool> there = go_to_mark(child);
    if (!there) return std::unexpected(there.error());
    if (!*there) break;
    const Result<std::optional<std::uint64_t>> steps = step_to_mark(child, limits.most);
    if (!steps) return std::unexpected(steps.error());
    if (!*steps) break;
    counts.push_back(**steps - std::min(**steps, **nothing));
    total += **steps;
  }
  return counts;
}

} // namespace packscope::perf
