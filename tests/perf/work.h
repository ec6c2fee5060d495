// Work whose cost is known.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace packscope::test {

// Instructions a round of spin, whatever the compiler thinks of it; 0: not known on this processor.
#if defined(__x86_64__) || defined(__aarch64__)
inline constexpr std::uint64_t kSpinRound = 3;
#else
inline constexpr std::uint64_t kSpinRound = 0;
#endif

inline void spin(std::uint64_t rounds) {
#if defined(__x86_64__)
  asm volatile("1: nop; dec %0; jnz 1b" : "+r"(rounds) : : "cc");
#elif defined(__aarch64__)
  asm volatile("1: nop; subs %0, %0, #1; b.ne 1b" : "+r"(rounds) : : "cc");
#else
  for (; rounds != 0; --rounds) asm volatile("" : "+r"(rounds));
#endif
}

// Touches `count` fresh pages: a page fault each.
inline void touch_pages(std::size_t count) {
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* memory = ::mmap(nullptr, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  ::madvise(memory, count * page, MADV_NOHUGEPAGE);
  for (std::size_t i = 0; i < count; ++i) static_cast<volatile char*>(memory)[i * page] = 1;
  ::munmap(memory, count * page);
}

} // namespace packscope::test
