#include "base/pool_memory.h"

#include <catch2/catch_test_macros.hpp>
#include <sys/wait.h>
#include <unistd.h>

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
