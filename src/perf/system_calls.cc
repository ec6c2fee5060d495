// Each process stops at the entry and at the exit of a call; what counts is known at the exit, but a write at its entry.
#include "perf/system_calls.h"

#include "perf/start.h"

#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

namespace packscope::perf {
namespace {

using CallInfo = __ptrace_syscall_info;

constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                          PTRACE_O_EXITKILL;
#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0; // no call is understood
#endif

enum class Call { other, read, write, open, map };

Call call_of(std::uint64_t number) {
  switch (number) {
  case SYS_read: case SYS_pread64: case SYS_readv: case SYS_preadv:
#ifdef SYS_preadv2
  case SYS_preadv2:
#endif
    return Call::read;
  case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev:
    return Call::write;
  case SYS_openat:
#ifdef SYS_open
  case SYS_open: case SYS_creat:
#endif
#ifdef SYS_openat2
  case SYS_openat2:
#endif
    return Call::open;
  case SYS_mmap:
    return Call::map;
  default:
    return Call::other;
  }
}

// All that is traced, for whoever has to end it.
class Tracees {
public:
  struct State {
    CallInfo entry{};
    bool inside = false; // between entry and exit
    bool fresh = true;   // its first stop is that of its attachment
  };
  State& of(pid_t pid) {
    const std::lock_guard guard(lock_);
    return all_[pid];
  }
  bool has(pid_t pid) const {
    const std::lock_guard guard(lock_);
    return all_.contains(pid);
  }
  void remove(pid_t pid) {
    const std::lock_guard guard(lock_);
    all_.erase(pid);
  }
  bool empty() const {
    const std::lock_guard guard(lock_);
    return all_.empty();
  }
  void kill() const {
    const std::lock_guard guard(lock_);
    for (const auto& [pid, state] : all_) ::kill(pid, SIGKILL); // not yet waited for: the number is still its own
  }

private:
  mutable std::mutex lock_;
  std::map<pid_t, State> all_;
};

// Calls `late` after some time, unless it was destroyed before.
class Alarm {
public:
  Alarm(double seconds, std::function<void()> late) {
    if (seconds <= 0) return;
    thread_ = std::thread([this, seconds, late = std::move(late)] {
      std::unique_lock guard(lock_);
      const auto in_time = [this] { return done_; };
      if (changed_.wait_for(guard, std::chrono::duration<double>(seconds), in_time)) return;
      rang_ = true;
      do late(); // again: a process may be born at that very moment
      while (!changed_.wait_for(guard, std::chrono::milliseconds(50), in_time));
    });
  }
  ~Alarm() { stop(); }
  // Whether it rang.
  bool stop() {
    {
      const std::lock_guard guard(lock_);
      done_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    return rang_;
  }

private:
  std::mutex lock_;
  std::condition_variable changed_;
  bool done_ = false, rang_ = false;
  std::thread thread_;
};

class Tracer {
public:
  Tracer(pid_t root, const std::string& output_folder) : root_(root), folder_(output_folder + "/") { tracees_.of(root); }

  // Until none is left.
  Result<SystemCalls> run() {
    while (!tracees_.empty()) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, __WALL | __WNOTHREAD);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) return fail_errno("ptrace: wait", "system calls");
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        tracees_.remove(pid);
        if (pid == root_) calls_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      } else if (WIFSTOPPED(status)) {
        stopped(pid, status);
      }
    }
    if (!calls_.wrote) calls_.before_output = calls_.all;
    return calls_;
  }
  const Tracees& tracees() const { return tracees_; }

private:
  void stopped(pid_t pid, int status) {
    const int signal = WSTOPSIG(status), event = status >> 16;
    Tracees::State& state = tracees_.of(pid);
    int deliver = 0;
    if (state.fresh) { // exec of the first one, or the stop of one that is attached by its parent's options
      state.fresh = false;
      ++calls_.processes;
      if (pid == root_) ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, kOptions);
      if (signal != SIGSTOP && signal != SIGTRAP && event == 0) deliver = signal;
    } else if (signal == (SIGTRAP | 0x80)) {
      called(pid, state);
    } else if (event == PTRACE_EVENT_EXEC) {
      unsigned long former = 0; // a thread that execs takes its process' number
      ::ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &former);
      if (static_cast<pid_t>(former) != pid) tracees_.remove(static_cast<pid_t>(former));
    } else if (event == 0) {
      siginfo_t info;
      const bool group_stop = ::ptrace(PTRACE_GETSIGINFO, pid, nullptr, &info) != 0 && errno == EINVAL;
      deliver = group_stop ? 0 : signal;
    }
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, static_cast<long>(deliver)); // one that was killed meanwhile ends all the same
  }

  void called(pid_t pid, Tracees::State& state) {
    CallInfo info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      state.entry = info;
      state.inside = info.arch == kArchitecture;
      if (state.inside && !calls_.wrote && call_of(info.entry.nr) == Call::write) entered_write(pid, info.entry.args[0]);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && state.inside) {
      state.inside = false;
      if (!info.exit.is_error) left(state.entry, static_cast<std::uint64_t>(info.exit.rval));
    }
  }
  void entered_write(pid_t pid, std::uint64_t descriptor) {
    char path[PATH_MAX];
    const std::string link = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(static_cast<std::int32_t>(descriptor));
    const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
    if (size <= 0 || !std::string_view(path, static_cast<std::size_t>(size)).starts_with(folder_)) return;
    calls_.wrote = true;
    calls_.before_output = calls_.all;
  }
  void left(const CallInfo& entry, std::uint64_t result) {
    switch (call_of(entry.entry.nr)) {
    case Call::read:
      ++calls_.all.reads;
      calls_.all.read_bytes += result;
      break;
    case Call::open:
      ++calls_.files_opened;
      break;
    case Call::map:
      if ((entry.entry.args[3] & MAP_ANONYMOUS) == 0) calls_.all.mapped_bytes += entry.entry.args[1];
      break;
    case Call::write: case Call::other:
      break;
    }
  }

  const pid_t root_;
  const std::string folder_;
  Tracees tracees_;
  SystemCalls calls_;
};

} // namespace

Result<SystemCalls> trace_system_calls(const std::vector<std::string>& command, const ChildOptions& options,
                                       const std::string& output_folder) {
  Result<Starting> starting = Starting::fork(command, options, true);
  if (!starting) return std::unexpected(starting.error());
  const pid_t child = starting->pid();
  const bool grouped = options.limits.seconds > 0;
  if (const std::optional<Error> failed = starting->let_go()) {
    while (::waitpid(child, nullptr, __WALL) < 0 && errno == EINTR) {}
    return std::unexpected(*failed);
  }
  if (grouped && options.group) options.group(child);
  Tracer tracer(child, output_folder);
  Alarm alarm(options.limits.seconds, [&] { tracer.tracees().kill(); });
  Result<SystemCalls> calls = tracer.run();
  if (alarm.stop() && calls) calls->timed_out = true;
  if (grouped && options.group) options.group(0);
  return calls;
}

} // namespace packscope::perf
