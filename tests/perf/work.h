// Work whose cost is known.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace packscope::test {

// x86-64: three instructions a round, whatever the compiler thinks of it.
inline void spin(std::uint64_t rounds) {
#if defined(__x86_64__)
  asm volatile("1: nop; dec %0; jnz 1b" : "+r"(rounds) : : "cc");
#else
  for (volatile std::uint64_t left = rounds; left != 0; left = left - 1) {}
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
