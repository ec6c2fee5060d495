// Large blocks of operator new, and files whose pages are brought before they are read.
#include "base/memory.h"

#include "base/mapped_file.h"
#include "base/sanitized.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("large blocks are aligned, hold what is written, and go back by any delete") {
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, kLargePage - 1, kLargePage, kLargePage + 1, 3 * kLargePage - 1, 16 * kLargePage + 12345}) {
    char* const block = static_cast<char*>(::operator new(size));
    if (!kSanitized && size >= kLargePage) CHECK(reinterpret_cast<std::uintptr_t>(block) % kLargePage == 0);
    block[0] = 1;
    block[size - 1] = 2;
    CHECK(block[0] + block[size - 1] == (size == 1 ? 4 : 3));
    if (size % 2 == 0) ::operator delete(block, size);
    else ::operator delete(block);
  }
  std::vector<std::uint64_t> grown; // through many sizes, copied each time
  for (std::uint64_t i = 0; i < 3'000'000; ++i) grown.push_back(i);
  CHECK(std::accumulate(grown.begin(), grown.end(), std::uint64_t{0}) == 3'000'000ull * 2'999'999 / 2);
  if (!kSanitized) CHECK_THROWS_AS(::operator new(SIZE_MAX / 2), std::bad_alloc); // a sanitizer would end the program
}

// Whether the heap has a part that is to be of large pages.
bool heap_has_large_pages() {
  std::ifstream maps("/proc/self/smaps");
  bool heap = false;
  for (std::string line; std::getline(maps, line);) {
    if (const std::size_t dash = line.find('-'); dash != std::string::npos && dash < line.find(':') && dash < 17) heap = line.ends_with("[heap]");
    if (heap && line.starts_with("VmFlags:") && (line + " ").find(" hg ") != std::string::npos) return true;
  }
  return false;
}

const bool kBeforeStaticObjects = heap_has_large_pages();

TEST_CASE("the first thread's heap is of large pages, from before any static object on") {
  if (kSanitized) SKIP("a sanitizer's allocator");
  if (::access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) != 0) SKIP("a system without large pages");
  CHECK(kBeforeStaticObjects);
  CHECK(heap_has_large_pages());
  keep_freed_memory(); // again: nothing
  std::vector<std::unique_ptr<std::string>> small;
  for (int i = 0; i < 100'000; ++i) small.push_back(std::make_unique<std::string>(40, 'x'));
  CHECK(heap_has_large_pages());
}

TEST_CASE("after a fork, pages that were written are this process's own again, and hold what they did") {
  if (kSanitized) SKIP("a sanitizer's allocator");
  constexpr std::size_t kBytes = std::size_t{4} << 20, kPage = 4096;
  char* const bytes = static_cast<char*>(::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(bytes != MAP_FAILED);
  const auto write_all = [&](char what) { // how many interrupts that took
    struct rusage before, after;
    ::getrusage(RUSAGE_SELF, &before);
    for (std::size_t at = 0; at < kBytes; at += kPage) static_cast<volatile char*>(bytes)[at] = what;
    ::getrusage(RUSAGE_SELF, &after);
    return after.ru_minflt - before.ru_minflt;
  };
  ::madvise(bytes, kBytes, MADV_NOHUGEPAGE);
  write_all('a');
  const auto faults_after_fork = [&](bool own) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) { // lives until it is told to go
      ::close(ends[1]);
      char end;
      ::_exit(::read(ends[0], &end, 1) == 0 && bytes[kPage] == 'a' ? 0 : 1); // what this process writes is none of its own
    }
    if (own) own_pages_again(std::size_t{1} << 30);
    const bool same = std::count(bytes, bytes + kBytes, 'a') == kBytes / kPage && bytes[kPage] == 'a';
    const long faults = write_all('b');
    write_all('a');
    ::close(ends[1]);
    ::close(ends[0]);
    int status = 1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(same);
    return faults;
  };
  CHECK(faults_after_fork(false) >= 1000);
  CHECK(faults_after_fork(true) < 100);
  ::munmap(bytes, kBytes);
}

TEST_CASE("a file's bytes are the same whatever was expected of it") {
  TemporaryFolder folder;
  std::string text(700'001, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 >> 3);
  write_file(folder / "file", text);
  Result<MappedFile> file = MappedFile::open(folder / "file");
  REQUIRE(file);
  for (const std::uint64_t offset : {0ull, 300'000ull, 700'000ull, 700'001ull, ~0ull}) file->expect(offset); // beyond the end: nothing
  file->expect(300'000);
  CHECK(as_text(file->bytes()) == text);
  MappedFile moved = std::move(*file);
  moved.expect_all();
  CHECK(as_text(moved.bytes()) == text);
  write_file(folder / "empty", "");
  const Result<MappedFile> empty = MappedFile::open(folder / "empty");
  REQUIRE(empty);
  empty->expect(0);
  empty->expect_all();
  CHECK(empty->bytes().empty());
}
