#include "base/pool_memory.h"

#include <catch2/catch_test_macros.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <thread>

using namespace packscope;

namespace {

std::vector<std::size_t> sizes() { // around every border there is
  std::vector<std::size_t> all = {0, 1, 7, 8, 9};
  for (std::size_t size = 32; size <= (std::size_t{4} << 20); size += size / 4)
    for (const std::size_t near : {size - 17, size - 16, size - 1, size, size + 1}) all.push_back(near);
  return all;
}

} // namespace

TEST_CASE("blocks do not overlap, are aligned, and keep their bytes until they are freed", "[pool]") {
  std::mt19937 random(1);
  const std::vector<std::size_t> all = sizes();
  std::map<unsigned char*, std::pair<std::size_t, unsigned char>> held;
  const auto whole = [](unsigned char* block, std::size_t size, unsigned char mark) {
    for (std::size_t i = 0; i < size; ++i)
      if (block[i] != mark) return false;
    return true;
  };
  for (unsigned round = 0; round < 4000; ++round) {
    const unsigned char mark = static_cast<unsigned char>(round);
    if (held.size() < 100 || random() % 2 == 0) {
      const std::size_t size = all[random() % all.size()];
      auto* const block = static_cast<unsigned char*>(pool_allocate(size));
      REQUIRE(reinterpret_cast<std::uintptr_t>(block) % 16 == 0);
      std::memset(block, mark, size);
      held[block] = {size, mark};
      continue;
    }
    auto one = held.begin();
    std::advance(one, random() % held.size());
    unsigned char* block = one->first;
    const auto what = one->second;
    REQUIRE(whole(block, what.first, what.second));
    held.erase(one);
    if (random() % 2 == 0) {
      pool_free(block);
      continue;
    }
    const std::size_t size = all[random() % all.size()];
    block = static_cast<unsigned char*>(pool_resize(block, size));
    REQUIRE(whole(block, std::min(size, what.first), what.second));
    std::memset(block, mark, size);
    held[block] = {size, mark};
  }
  for (const auto& [block, what] : held) {
    REQUIRE(whole(block, what.first, what.second));
    pool_free(block);
  }
  pool_free(nullptr);
}

#ifndef __SANITIZE_ADDRESS__ // with which no block is the pool's, and one without end no null
TEST_CASE("there is no block of all memory", "[pool]") {
  CHECK(pool_allocate(SIZE_MAX) == nullptr);
  CHECK(pool_allocate(SIZE_MAX / 2) == nullptr);
  void* const large = pool_allocate(100'000);
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 16}) CHECK(pool_resize(large, size) == nullptr);
  pool_free(large);
  ByteBuffer buffer = {1, 2, 3};
  CHECK_THROWS_AS(buffer.reserve(buffer.max_size() / 2), std::bad_alloc);
  CHECK(buffer == ByteBuffer{1, 2, 3});
}

TEST_CASE("the next round is made in the memory of the last, also by another thread and after it", "[pool]") {
  const auto round = [] {
    std::set<void*> blocks;
    for (std::size_t size = 8; size < 20000; size += 1000) blocks.insert(pool_allocate(size));
    for (void* const block : blocks) pool_free(block);
    return blocks;
  };
  const std::set<void*> first = round();
  CHECK(round() == first);
  std::set<void*> other, later;
  std::thread([&] { other = round(); }).join();
  std::thread([&] { later = round(); }).join();
  CHECK(other != first);
  CHECK(later == other); // what the first thread left
}

TEST_CASE("what one thread makes and another frees is the first one's again", "[pool]") {
  std::set<void*> before;
  for (int i = 0; i < 20; ++i) { // a thread a round, as on_threads() has them
    std::set<void*> made;
    std::thread([&] {
      for (std::size_t n = 0; n < 300; ++n) made.insert(pool_allocate(8 + n * 37));
    }).join();
    if (i > 0) CHECK(made == before);
    for (void* const block : made) pool_free(block);
    before = std::move(made);
  }
}

TEST_CASE("above its bound the pool gives malloc's blocks, which are as good", "[pool]") {
  std::thread([] { // its pool is full afterwards, and its blocks are there again
    std::vector<unsigned char*> blocks;
    for (std::size_t size = 1000; size <= 30000; size += 1000)
      for (std::size_t n = 0; n < 400; ++n) blocks.push_back(static_cast<unsigned char*>(pool_allocate(size))); // 190 MB
    for (std::size_t i = 0; i < blocks.size(); ++i) std::memset(blocks[i], static_cast<int>(i), 1000);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) wrong += blocks[i][999] != static_cast<unsigned char>(i);
    CHECK(wrong == 0);
    blocks.back() = static_cast<unsigned char*>(pool_resize(blocks.back(), 100));
    CHECK(blocks.back()[99] == static_cast<unsigned char>(blocks.size() - 1));
    for (unsigned char* const block : blocks) pool_free(block);
  }).join();
}

TEST_CASE("blocks go from thread to thread while others come back", "[pool]") {
  constexpr std::size_t kThreads = 4, kBlocks = 20000;
  std::array<std::atomic<unsigned char*>, 64> places = {};
  std::atomic<int> wrong = 0;
  const auto check_and_free = [&](unsigned char* block) {
    for (std::size_t i = 1; i < 32; ++i) wrong += block[i] != block[0];
    pool_free(block);
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t n = 0; n < kBlocks; ++n) {
        auto* const block = static_cast<unsigned char*>(pool_allocate(32 + n * 7 % 500));
        std::memset(block, static_cast<int>(n * kThreads + t), 32);
        if (unsigned char* const other = places[(n * 31 + t) % places.size()].exchange(block)) check_and_free(other);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (std::atomic<unsigned char*>& place : places)
    if (place != nullptr) check_and_free(place);
  CHECK(wrong == 0);
}

TEST_CASE("a child leaves alone what its parent holds free", "[pool]") {
  void* const block = pool_allocate(100);
  std::memset(block, 1, 100);
  pool_free(block);
  const pid_t child = ::fork();
  if (child == 0) {
    begin_child_pool();
    void* const own = pool_allocate(100);
    ::_exit(own == block || own == nullptr ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(pool_allocate(100) == block);
  pool_free(block);
}
#endif

TEST_CASE("a buffer that grows keeps what it had", "[pool]") {
  ByteBuffer buffer = {1, 2, 3};
  buffer.resize(100'000);
  CHECK((buffer.size() == 100'000 && buffer[0] == 1 && buffer[2] == 3));
}
