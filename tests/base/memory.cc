// Large blocks of operator new, and files whose pages are brought before they are read.
#include "base/memory.h"

#include "base/mapped_file.h"
#include "base/sanitized.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <unistd.h>

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

TEST_CASE("the first thread's heap is of large pages, from before main() on") {
  if (kSanitized) SKIP("a sanitizer's allocator");
  if (::access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) != 0) SKIP("a system without large pages");
  CHECK(heap_has_large_pages());
  keep_freed_memory(); // again: nothing
  std::vector<std::unique_ptr<std::string>> small;
  for (int i = 0; i < 100'000; ++i) small.push_back(std::make_unique<std::string>(40, 'x'));
  CHECK(heap_has_large_pages());
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
