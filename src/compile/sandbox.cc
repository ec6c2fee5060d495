// The door is a file descriptor of "/": the filter lets openat() through for this descriptor alone, and only to read.
// Libraries open by absolute or relative path, which is AT_FDCWD.
#include "compile/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace packscope::compile {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned kArchitecture = 0;
#endif

constexpr int kDoor = 1000;                                              // the descriptor's least number
constexpr unsigned kReadFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK; // exactly these

constexpr unsigned kRefused[] = {
#ifdef SYS_open
    SYS_open, SYS_creat, SYS_unlink, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_symlink, SYS_chmod, SYS_chown, SYS_fork, SYS_vfork,
#endif
    SYS_openat2, SYS_open_by_handle_at, SYS_execve, SYS_execveat, SYS_unlinkat, SYS_renameat2, SYS_mkdirat, SYS_linkat, SYS_symlinkat,
    SYS_truncate, SYS_fchmodat, SYS_fchownat, SYS_socket, SYS_connect, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount,
    SYS_bpf, SYS_io_uring_setup,
};

sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)); }
sock_filter skip_unless(unsigned value, unsigned char steps) { return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, steps); }
sock_filter answer(unsigned value) { return BPF_STMT(BPF_RET | BPF_K, value); }

} // namespace

Result<Sandbox> Sandbox::enter() {
  if (kArchitecture == 0) return fail("no seccomp filter is known for this processor");
  // Not open(): a program may have its own (tcc/main.cc).
  const int at = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
  if (at < 0) return fail_errno("open", "/");
  const int root = ::fcntl(at, F_DUPFD_CLOEXEC, kDoor);
  ::close(at);
  if (root < 0) return fail_errno("open", "/");

  constexpr unsigned kDenied = SECCOMP_RET_ERRNO | EACCES;
  std::vector<sock_filter> filter = {load(offsetof(seccomp_data, arch)), skip_unless(kArchitecture, 1), BPF_STMT(BPF_JMP | BPF_JA, 1),
                                     answer(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
#if defined(__x86_64__)
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1)); // x32's numbers
  filter.push_back(answer(kDenied));
#endif
  for (const unsigned number : kRefused) {
    filter.push_back(skip_unless(number, 1));
    filter.push_back(answer(kDenied));
  }
  // openat: from the door, to read → allowed; all others → refused.
  filter.push_back(skip_unless(SYS_openat, 5));
  filter.push_back(load(offsetof(seccomp_data, args[0])));
  filter.push_back(skip_unless(static_cast<unsigned>(root), 2));
  filter.push_back(load(offsetof(seccomp_data, args[2])));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kReadFlags, 1, 0));
  filter.push_back(answer(kDenied));
  filter.push_back(answer(SECCOMP_RET_ALLOW));

  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("PR_SET_NO_NEW_PRIVS", "");
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return fail_errno("PR_SET_SECCOMP", "");
  return Sandbox(root);
}

int Sandbox::open(const std::string& path) const {
  // The C library adds nothing to the flags of a 64-bit program (O_LARGEFILE is 0 there).
  const std::size_t names = path.find_first_not_of('/');
  return static_cast<int>(::syscall(SYS_openat, root_, names == std::string::npos ? "." : path.c_str() + names, static_cast<long>(kReadFlags), 0L));
}

} // namespace packscope::compile
