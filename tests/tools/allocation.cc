// What the program allocates goes through here, whatever the sanitizers put below. A file of its own: in one file with
// their callers g++ takes the inlined pair for a mismatch.
#include "allocation.h"

#include <cstdlib>
#include <new>

std::atomic<std::size_t> packscope::test::largest_allocation{0};

void* operator new(std::size_t size) {
  if (size > packscope::test::largest_allocation) packscope::test::largest_allocation = size;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
// std::stable_sort asks this one; left to a sanitizer, it would not fit the delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (size > packscope::test::largest_allocation) packscope::test::largest_allocation = size;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete[](void* memory) noexcept {
  operator delete(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  operator delete(memory);
}
