// Results in order, whatever the threads do; failures end the whole.
#include "base/ordered_work.h"

#include <catch2/catch_test_macros.hpp>

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <functional>
#include <stdexcept>

using packscope::Result;
using packscope::ordered_work;

namespace {
using Work = std::function<int(std::size_t)>;
int threads_left = -1; // that may still be started here; below 0: no limit
} // namespace

// Stands before libc's: a system with no threads left.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) noexcept {
  if (threads_left == 0) return EAGAIN;
  if (threads_left > 0) --threads_left;
  static const auto next = reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
  return next(thread, attributes, run, argument);
}

TEST_CASE("every result once and in order, for any number of threads") {
  for (const unsigned threads : {1u, 3u, 8u}) {
    std::vector<int> taken;
    const Result<void> done = ordered_work<int>(
        1000, threads, []() -> Result<Work> { return [](std::size_t i) { return static_cast<int>(i * i); }; },
        [&](std::size_t i, int value) {
          REQUIRE(i == taken.size());
          taken.push_back(value);
        });
    REQUIRE(done);
    REQUIRE(taken.size() == 1000);
    CHECK(taken[999] == 999 * 999);
  }
}

TEST_CASE("where fewer threads can be started, or none, those there are do all the work") {
  for (const int left : {0, 1, 2}) {
    int taken = 0;
    threads_left = left;
    const Result<void> done = ordered_work<int>(
        1000, 4, []() -> Result<Work> { return [](std::size_t i) { return static_cast<int>(i); }; },
        [&](std::size_t i, int value) { taken += static_cast<int>(i) == value; });
    threads_left = -1;
    CHECK(done);
    CHECK(taken == 1000);
  }
}

TEST_CASE("nothing to do is done at once") {
  CHECK(ordered_work<int>(0, 2, []() -> Result<Work> { return [](std::size_t) { return 0; }; }, [](std::size_t, int) {}));
}

TEST_CASE("a worker that cannot be made, or throws, ends the whole with its error") {
  const auto none = ordered_work<int>(10, 2, []() -> Result<Work> { return packscope::fail("no worker"); },
                                      [](std::size_t, int) {});
  REQUIRE(!none);
  CHECK(none.error().what == "no worker");
  int taken = 0;
  const auto thrown = ordered_work<int>(
      100, 2,
      []() -> Result<Work> {
        return [](std::size_t i) { return i == 50 ? throw std::runtime_error("no memory") : static_cast<int>(i); };
      },
      [&](std::size_t, int) { ++taken; });
  REQUIRE(!thrown);
  CHECK(thrown.error().what == "no memory");
  CHECK(taken <= 50);
}

TEST_CASE("an exception while a worker is made ends the whole with its error, too") {
  for (const unsigned threads : {1u, 2u}) {
    const Result<void> done = ordered_work<int>(3, threads, []() -> Result<Work> { throw std::runtime_error("no room"); }, [](std::size_t, int) {});
    REQUIRE(!done);
    CHECK(done.error().what == "no room");
  }
}

TEST_CASE("a taker that throws lets the workers go") {
  CHECK_THROWS_AS(ordered_work<int>(
                      1000, 3, []() -> Result<Work> { return [](std::size_t) { return 1; }; },
                      [](std::size_t i, int) {
                        if (i == 20) throw std::runtime_error("full");
                      }),
                  std::runtime_error);
}
