// A command under ptrace, with all its children: which files it opens, and how. What strace would tell, without strace.
#pragma once

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace packscope::test {

struct Touched {
  std::string path; // absolute
  bool written = false;
  bool folder = false;
};
struct TracedRun {
  int status = 0;
  std::vector<Touched> touched; // opens that succeed, and names that are made, removed or renamed
};

namespace traced {

inline std::string text_at(pid_t process, std::uint64_t address) {
  std::string text;
  for (char part[256]; text.size() < 8192;) {
    // To the end of the page at most: what follows may not be there.
    const std::size_t size = std::min<std::size_t>(sizeof part, 4096 - (address + text.size()) % 4096);
    const iovec here = {part, size}, there = {reinterpret_cast<void*>(address + text.size()), size};
    const ssize_t got = ::process_vm_readv(process, &here, 1, &there, 1, 0);
    if (got <= 0) return text;
    const std::string_view read(part, static_cast<std::size_t>(got));
    const std::size_t end = read.find('\0');
    text += read.substr(0, end);
    if (end != std::string_view::npos) return text;
  }
  return text;
}

inline std::string absolute(pid_t process, std::int64_t folder, const std::string& path) {
  if (path.starts_with('/')) return std::filesystem::path(path).lexically_normal().string();
  const std::string link = "/proc/" + std::to_string(process) + (static_cast<int>(folder) == AT_FDCWD ? "/cwd" : "/fd/" + std::to_string(static_cast<int>(folder)));
  std::error_code ignored;
  return (std::filesystem::read_symlink(link, ignored) / path).lexically_normal().string();
}

} // namespace traced

// nullopt: ptrace is refused here. Standard output and error go to `output`.
inline std::optional<TracedRun> run_traced(const std::string& command, const std::string& output) {
  const pid_t first = ::fork();
  if (first == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(126);
    const int to = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(to, 1);
    ::dup2(to, 2);
    ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1); // the leak sanitizer does not work under ptrace
    ::raise(SIGSTOP);
    ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(first, &status, 0) != first || !WIFSTOPPED(status)) return std::nullopt;
  constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SETOPTIONS, first, nullptr, kOptions) != 0) return std::nullopt;
  ::ptrace(PTRACE_SYSCALL, first, nullptr, nullptr);

  TracedRun run;
  std::map<pid_t, std::vector<Touched>> entered; // system calls that have not come back
  for (pid_t process; (process = ::waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (process == first) run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      if (process == first) break;
      continue;
    }
    long signal = 0;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      __ptrace_syscall_info info = {};
      ::ptrace(PTRACE_GET_SYSCALL_INFO, process, sizeof info, &info);
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        std::vector<Touched>& touched = entered[process];
        touched.clear();
        const std::uint64_t* at = info.entry.args;
        const auto add = [&](std::int64_t folder, std::uint64_t path, bool written, bool is_folder) {
          touched.push_back({traced::absolute(process, folder, traced::text_at(process, path)), written, is_folder});
        };
        const auto opened = [&](std::int64_t folder, std::uint64_t path, std::uint64_t flags) {
          add(folder, path, (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY, (flags & O_DIRECTORY) != 0);
        };
        switch (info.entry.nr) {
#ifdef SYS_open
        case SYS_open: opened(AT_FDCWD, at[0], at[1]); break;
        case SYS_creat: add(AT_FDCWD, at[0], true, false); break;
        case SYS_rename: add(AT_FDCWD, at[0], true, false), add(AT_FDCWD, at[1], true, false); break;
        case SYS_unlink:
        case SYS_mkdir:
        case SYS_rmdir:
        case SYS_chmod: add(AT_FDCWD, at[0], true, false); break;
        case SYS_link:
        case SYS_symlink: add(AT_FDCWD, at[1], true, false); break;
#endif
        case SYS_openat: opened(static_cast<std::int64_t>(at[0]), at[1], at[2]); break;
        case SYS_openat2: add(static_cast<std::int64_t>(at[0]), at[1], true, false); break; // nobody here does
        case SYS_renameat:
        case SYS_renameat2: add(static_cast<std::int64_t>(at[0]), at[1], true, false), add(static_cast<std::int64_t>(at[2]), at[3], true, false); break;
        case SYS_unlinkat:
        case SYS_mkdirat:
        case SYS_fchmodat: add(static_cast<std::int64_t>(at[0]), at[1], true, false); break;
        default: break;
        }
      } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        if (info.exit.is_error == 0) run.touched.insert(run.touched.end(), entered[process].begin(), entered[process].end());
        entered.erase(process);
      }
    } else if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP) {
      signal = WSTOPSIG(status);
    }
    ::ptrace(PTRACE_SYSCALL, process, nullptr, signal);
  }
  return run;
}

} // namespace packscope::test
