// Calls as deep as the stack that they were given, from any thread, and back again.
#include "base/deep_stack.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <stdexcept>
#include <thread>

using packscope::DeepStack;

namespace {

std::uint64_t deep(std::uint64_t calls, const volatile char* above) {
  volatile char here[256] = {};
  here[calls % sizeof here] = above == nullptr ? 1 : static_cast<char>(above[0] + 1);
  const std::uint64_t below = calls == 0 ? 0 : deep(calls - 1, here);
  return below + 1 + (here[0] & 0);
}

constexpr std::size_t kBytes = std::size_t{512} << 20; // a thread has 8 MiB, the sanitizer makes frames larger
constexpr std::uint64_t kCalls = 200000;               // of at least 256 bytes: 51 MB

} // namespace

TEST_CASE("a deep stack holds calls that no thread's would, again and again", "[deep_stack]") {
  DeepStack stack(kBytes);
  REQUIRE(stack.make());
  for (int i = 0; i < 3; ++i) {
    std::uint64_t calls = 0;
    stack.run([&] { calls = deep(kCalls, nullptr); });
    CHECK(calls == kCalls + 1);
  }
  CHECK_THROWS_AS(stack.run([] { throw std::runtime_error("deep"); }), std::runtime_error);
  int here = 0;
  stack.run([&] { here = 1; });
  CHECK(here == 1);
}

TEST_CASE("each thread has its own deep stack", "[deep_stack]") {
  std::uint64_t calls[2] = {};
  {
    std::jthread threads[2];
    for (int i = 0; i < 2; ++i)
      threads[i] = std::jthread([&calls, i] {
        DeepStack stack(kBytes);
        if (stack.make()) stack.run([&] { calls[i] = deep(kCalls, nullptr); });
      });
  }
  CHECK(calls[0] == kCalls + 1);
  CHECK(calls[1] == kCalls + 1);
}

TEST_CASE("without memory there is no deep stack", "[deep_stack]") {
  DeepStack stack(std::size_t{1} << 62);
  CHECK_FALSE(stack.make());
}
