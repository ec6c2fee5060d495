// Calls as deep as the stack that they were given, from any thread, and back again, also from the deepest of them.
#include "base/deep_stack.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <thread>

using packscope::DeepStack;

namespace {

// Frames of at least 100 bytes; `leave`: from the last.
std::uint64_t deep(std::uint64_t calls, bool leave, const volatile char* above) {
  volatile char here[64] = {};
  here[0] = static_cast<char>(above == nullptr ? 1 : above[0] + 1);
  if (calls == 0 && leave) DeepStack::leave();
  const std::uint64_t below = calls == 0 ? 0 : deep(calls - 1, leave, here);
  return below + (here[0] == here[0] ? 1 : 0);
}

// A thread has 8 MiB of its own; the sanitizer makes frames three times as large, or more.
constexpr std::uint64_t kCalls = packscope::kSanitized ? 10'000 : 400'000;

} // namespace

TEST_CASE("a deep stack holds calls that no thread's would, again and again", "[deep_stack]") {
  DeepStack stack;
  REQUIRE(stack.make());
  for (int i = 0; i < 3; ++i) {
    std::uint64_t calls = 0;
    CHECK(stack.run([&] { calls = deep(kCalls, false, nullptr); }));
    CHECK(calls == kCalls + 1);
    calls = 0;
    CHECK_FALSE(stack.run([&] { calls = deep(kCalls, true, nullptr); }));
    CHECK(calls == 0);
  }
}

TEST_CASE("work on one deep stack may do work on another", "[deep_stack]") {
  DeepStack outer, inner;
  REQUIRE((outer.make() && inner.make()));
  bool inside = true, after = false;
  CHECK_FALSE(outer.run([&] {
    inside = inner.run([] { DeepStack::leave(); });
    after = inner.run([] {});
    DeepStack::leave();
  }));
  CHECK_FALSE(inside);
  CHECK(after);
}

TEST_CASE("each thread has its own deep stack", "[deep_stack]") {
  std::uint64_t calls[2] = {};
  {
    std::jthread threads[2];
    for (int i = 0; i < 2; ++i)
      threads[i] = std::jthread([&calls, i] {
        DeepStack stack;
        if (stack.make()) stack.run([&] { calls[i] = deep(kCalls, false, nullptr); });
      });
  }
  CHECK(calls[0] == kCalls + 1);
  CHECK(calls[1] == kCalls + 1);
}
