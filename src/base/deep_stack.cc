// A context of the C library on memory of its own; the sanitizer is told where the stack is.
#include "base/deep_stack.h"

#include "base/sanitized.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <utility>

#if PACKSCOPE_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

namespace packscope {
namespace {

std::size_t guard_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

struct Switch {
  void (*call)(void*);
  void* what;
  ucontext_t here, there;
  const void* caller_stack = nullptr; // as the sanitizer says
  std::size_t caller_bytes = 0;
};
constinit thread_local Switch* current = nullptr;

void begin() {
  Switch& mine = *std::exchange(current, nullptr);
#if PACKSCOPE_SANITIZED
  __sanitizer_finish_switch_fiber(nullptr, &mine.caller_stack, &mine.caller_bytes);
#endif
  mine.call(mine.what);
#if PACKSCOPE_SANITIZED
  __sanitizer_start_switch_fiber(nullptr, mine.caller_stack, mine.caller_bytes);
#endif
  ::setcontext(&mine.here);
}

} // namespace

DeepStack::~DeepStack() {
  if (begin_ != nullptr) ::munmap(begin_, guard_size() + bytes_);
}

bool DeepStack::make() {
  if (begin_ != nullptr) return true;
  void* const got = ::mmap(nullptr, guard_size() + bytes_, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (got == MAP_FAILED) return false;
  ::mprotect(got, guard_size(), PROT_NONE);
  begin_ = got;
  return true;
}

void DeepStack::run_plain(void (*call)(void*), void* what) {
  Switch mine{call, what, {}, {}};
  ::getcontext(&mine.there);
  mine.there.uc_stack.ss_sp = static_cast<char*>(begin_) + guard_size();
  mine.there.uc_stack.ss_size = bytes_;
  mine.there.uc_link = nullptr;
  ::makecontext(&mine.there, begin, 0);
  current = &mine;
#if PACKSCOPE_SANITIZED
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, mine.there.uc_stack.ss_sp, bytes_);
#endif
  ::swapcontext(&mine.here, &mine.there);
#if PACKSCOPE_SANITIZED
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
}

} // namespace packscope
