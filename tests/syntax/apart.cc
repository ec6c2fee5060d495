// Work in a process of its own: its answer, and the ways it can end badly.
#include "syntax/apart.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

using packscope::Result;
using packscope::syntax::run_apart;
using namespace std::chrono_literals;

namespace {
constexpr packscope::syntax::Limits kLimits{.processor = 1s, .clock = 20s, .memory = std::uint64_t{64} << 20};
}

TEST_CASE("the answer comes back whole, whatever its size, and nothing else changes") {
  int touched = 0;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1'000'000}}) {
    const Result<std::string> answer = run_apart(
        [&] {
          touched = 1;
          return std::string(size, '\0');
        },
        kLimits);
    REQUIRE(answer);
    CHECK(*answer == std::string(size, '\0'));
  }
  CHECK(touched == 0);
}

TEST_CASE("an answer is known to be whole without the child's exit code") {
  const auto old = ::signal(SIGCHLD, SIG_IGN); // as some parents leave it
  const Result<std::string> answer = run_apart([] { return std::string("yes"); }, kLimits);
  const Result<std::string> none = run_apart([]() -> std::string { ::_exit(0); }, kLimits);
  ::signal(SIGCHLD, old);
  REQUIRE(answer);
  CHECK(*answer == "yes");
  CHECK(!none);
}

TEST_CASE("the child holds nothing open but its answer: it ends with a parent that is gone") {
  int extra[2];
  REQUIRE(::pipe(extra) == 0);
  const Result<std::string> open = run_apart(
      [] {
        std::string numbers;
        for (int i = 0; i < 256; ++i)
          if (::fcntl(i, F_GETFD) != -1) numbers += std::to_string(i) + " ";
        return numbers;
      },
      kLimits);
  ::close(extra[0]);
  ::close(extra[1]);
  REQUIRE(open);
  CHECK((*open == "0 1 2 3 " || *open == "1 2 3 "));
}

TEST_CASE("a crash, a hang, a wait and greed are errors") {
  const auto error_of = [](const std::function<std::string()>& work, packscope::syntax::Limits limits = kLimits) {
    const Result<std::string> answer = run_apart(work, limits);
    return answer ? "no error" : answer.error().text();
  };
  CHECK(error_of([] { return ::raise(SIGABRT), std::string(); }) == "crashed (signal 6)"); // not Catch2's handler
  CHECK(error_of([]() -> std::string { ::_exit(7); }) == "failed with exit code 7");
  CHECK(error_of([]() -> std::string {
          for (volatile bool forever = true; forever;) {}
          return "";
        }) == "not done within 1 s of processor time");
  CHECK(error_of([] { return ::sleep(60), std::string(); }, {.processor = 1s, .clock = 300ms, .memory = 1 << 26}) ==
        "not done within 300 ms");
#if !defined(__SANITIZE_ADDRESS__) // whose allocator ends the process in its own way
  CHECK(error_of([] { return std::string(2 * kLimits.memory, 'x'); }) == "needs more than 67108864 bytes of memory");
#endif
}
