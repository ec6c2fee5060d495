// A context of the C library on memory of its own, and a jump back to where it was entered.
#include "base/deep_stack.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <csetjmp>
#include <utility>

namespace packscope {
namespace {

std::size_t guard_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

struct Entered {
  void (*call)(void*);
  void* what;
  ucontext_t before, inside;
  std::jmp_buf first; // of the work's calls
  bool left = false;
};
constinit thread_local Entered* entered = nullptr;

void work() {
  Entered& mine = *entered;
  if (setjmp(mine.first) == 0) mine.call(mine.what);
  else mine.left = true;
}

void begin() {
  work();
  ::setcontext(&entered->before);
}

} // namespace

DeepStack::~DeepStack() {
  if (begin_ != nullptr) ::munmap(begin_, guard_size() + kDeepest);
}

bool DeepStack::make() {
  if (kSanitized || begin_ != nullptr) return true;
  void* const got = ::mmap(nullptr, guard_size() + kDeepest, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (got == MAP_FAILED) return false;
  ::mprotect(got, guard_size(), PROT_NONE);
  begin_ = got;
  return true;
}

bool DeepStack::run_plain(void (*call)(void*), void* what) {
  Entered mine{call, what, {}, {}, {}};
  Entered* const outer = std::exchange(entered, &mine);
  if constexpr (kSanitized) {
    work();
  } else {
    ::getcontext(&mine.inside);
    mine.inside.uc_stack.ss_sp = static_cast<char*>(begin_) + guard_size();
    mine.inside.uc_stack.ss_size = kDeepest;
    mine.inside.uc_link = nullptr;
    ::makecontext(&mine.inside, begin, 0);
    ::swapcontext(&mine.before, &mine.inside);
  }
  entered = outer;
  return !mine.left;
}

void DeepStack::leave() { std::longjmp(entered->first, 1); }

} // namespace packscope
