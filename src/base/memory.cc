// Settings of glibc, and operator new for what is large; see memory.h.
#include "base/memory.h"

#include "base/sanitized.h"

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>

// Where the linker put what this is part of, a program or a shared library: its headers, and the end of its code and of all.
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;
extern "C" const char etext, _end;

namespace packscope {
namespace {

// free() takes it back, as it does all that operator new gives.
[[maybe_unused]] void* large_block(std::size_t size) {
  void* const block = std::aligned_alloc(kLargePage, size);
  if (block != nullptr) ::madvise(block, size, MADV_HUGEPAGE);
  return block;
}

std::uintptr_t address(const void* at) { return reinterpret_cast<std::uintptr_t>(at); }

// Linked into a shared library (packscope-clang), this has no word in what its program does with its memory.
[[maybe_unused]] bool in_program() { return ::getauxval(AT_PHDR) == address(&__ehdr_start) + __ehdr_start.e_phoff; }

// Where the variables begin: behind all that only the loader writes to.
std::uintptr_t begin_of_variables() {
  const auto* const headers = reinterpret_cast<const ElfW(Phdr)*>(address(&__ehdr_start) + __ehdr_start.e_phoff);
  for (const ElfW(Phdr)& header : std::span(headers, __ehdr_start.e_phnum))
    if (header.p_type == PT_GNU_RELRO) return (__ehdr_start.e_type == ET_DYN ? address(&__ehdr_start) : 0) + header.p_vaddr + header.p_memsz;
  return address(&_end);
}

// What a program is made of, before any of it runs: else each first step into 64 kB of its code is an interrupt, and each into 4 kB
// of its variables, and most runs are so short that these are a tenth of their time. (Constants are between where the linker puts
// them there, as mold does.)
[[maybe_unused]] void bring_own_pages() {
  const std::uintptr_t page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto bring = [page](std::uintptr_t begin, const char& end, int how) {
    const std::uintptr_t first = (begin + page - 1) / page * page;
    if (first < address(&end)) ::madvise(reinterpret_cast<void*>(first), address(&end) - first, how); // it is advice
  };
  bring(address(&__ehdr_start), etext, MADV_POPULATE_READ);
  bring(begin_of_variables(), _end, MADV_POPULATE_WRITE);
}

} // namespace

void keep_freed_memory() {
  static bool kept = false;
  if (std::exchange(kept, true) || !in_program()) return;
#ifdef __GLIBC__
  constexpr int kKept = 16 << 20, kStep = 32 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kKept);
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(kLargePage));
  if constexpr (kSanitized) return;
  bring_own_pages();
  // A heap grows by so much at once, of which only what is touched is used; the first thread's by large pages. Two blocks that
  // nobody touches or gives back lead up to the first of them, from wherever the heap began.
  ::mallopt(M_TOP_PAD, kStep);
  const auto untouched = [](std::size_t size) {
    void* const block = std::malloc(size);
    asm volatile("" : : "r"(block) : "memory"); // else a compiler leaves it out
    return reinterpret_cast<std::uintptr_t>(block);
  };
  constexpr std::size_t kGrows = kLargePage / 2, kHead = 64; // more than the heap has room for; more than what malloc adds
  const std::uintptr_t end = untouched(kGrows) + kGrows, first = (end + kHead + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t top = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  if (end < kLargePage || end > top || top - end < kStep / 2) return; // another allocator, or no memory
  ::madvise(reinterpret_cast<void*>(first), top - first, MADV_HUGEPAGE);
  untouched(first - end - kHead);
#endif
}

// Before any static object is made, for these have memory, too. (On a function that was declared before, GCC forgets the number.)
[[gnu::constructor(101)]] static void before_static_objects() { keep_freed_memory(); }

void begin_thread_memory() {
#ifdef __GLIBC__
  if constexpr (kSanitized) return;
  // The first heap of any thread but the first is 64 MiB of addresses, aligned to as much. Were it otherwise, this is advice.
  constexpr std::uintptr_t kHeap = std::uintptr_t{64} << 20;
  void* const block = std::malloc(1);
  const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(block);
  if (at > reinterpret_cast<std::uintptr_t>(::sbrk(0))) ::madvise(reinterpret_cast<void*>(at / kHeap * kHeap), kHeap, MADV_HUGEPAGE);
  std::free(block);
#endif
}

void own_pages_again(std::size_t most) {
  if constexpr (kSanitized) return;
  constexpr std::size_t kLargest = std::size_t{64} << 20, kLeastPage = 4096; // a mapping
  const std::size_t page_size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::FILE* const maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  std::array<unsigned char, kLargest / kLeastPage> there;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr && most > 0) {
    std::uintptr_t begin, end;
    unsigned long file;
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " rw-p %*x %*s %lu", &begin, &end, &file) != 3 || file != 0 || end - begin > kLargest) continue;
    if (::mincore(reinterpret_cast<void*>(begin), end - begin, there.data()) != 0) continue;
    const auto pages = std::span(there).first((end - begin) / page_size);
    const auto written = [](unsigned char page) { return (page & 1) != 0; };
    for (auto from = std::ranges::find_if(pages, written); from != pages.end() && most > 0;) {
      const auto to = std::find_if_not(from, pages.end(), written);
      const std::size_t bytes = std::min(most, static_cast<std::size_t>(to - from) * page_size);
      ::madvise(reinterpret_cast<void*>(begin + static_cast<std::size_t>(from - pages.begin()) * page_size), bytes, MADV_POPULATE_WRITE);
      most -= bytes;
      from = std::find_if(to, pages.end(), written);
    }
  }
  std::fclose(maps);
}

} // namespace packscope

#if !PACKSCOPE_SANITIZED
// All others come to this one, but for those with an alignment of their own. Weak: a program may have one of its own, as tests
// do that watch what is allocated.
[[gnu::weak]] void* operator new(std::size_t size) {
  for (;;) {
    if (void* const block = size >= packscope::kLargePage ? packscope::large_block(size) : std::malloc(size != 0 ? size : 1)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}
#endif
