// Instructions counted step by step: work whose cost is known, and work that goes wrong.
#include "perf/steps.h"

#include "work.h"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <csignal>
#include <utility>

using namespace packscope;
using namespace packscope::test;

namespace {

std::vector<std::uint64_t> counted(std::size_t items, const std::function<void(std::size_t)>& work, perf::StepLimits limits = {},
                                   const std::function<void(std::size_t)>& before = {}) {
  const Result<std::vector<std::uint64_t>> counts = perf::count_steps(items, work, limits, before);
  if (!counts && counts.error().what.find("refused") != std::string::npos) SKIP(counts.error().text());
  REQUIRE(counts);
  return *counts;
}

} // namespace

TEST_CASE("every instruction counts once, and the same each time") {
  const auto work = [](std::size_t i) { spin(100 * (i + 1)); };
  const std::vector<std::uint64_t> counts = counted(3, work);
  REQUIRE(counts.size() == 3);
  if (kSpinRound != 0) {
    CHECK(counts[1] - counts[0] == 100 * kSpinRound);
    CHECK(counts[2] - counts[1] == 100 * kSpinRound);
    CHECK(counts[0] >= 100 * kSpinRound);
    CHECK(counts[0] < 100 * kSpinRound + 64); // the call, which a sanitizer makes longer
  }
  CHECK(counted(3, work) == counts);
}

#if defined(__x86_64__)
TEST_CASE("an instruction that repeats itself is one") {
  static char room[4096];
  const auto clear = [](std::size_t i) {
    char* to = room;
    std::size_t left = i == 0 ? 1 : sizeof room;
    asm volatile("rep stosb" : "+D"(to), "+c"(left) : "a"(0) : "memory");
  };
  const std::vector<std::uint64_t> counts = counted(2, clear);
  REQUIRE(counts.size() == 2);
  CHECK(counts[1] < counts[0] + 8);
}
#endif

TEST_CASE("nothing costs nothing; what a first call loads is not counted") {
  const auto work = [](std::size_t) {};
  const std::vector<std::uint64_t> nothing = counted(2, work);
  REQUIRE(nothing.size() == 2);
  CHECK(nothing[0] == nothing[1]);
  CHECK(nothing[0] < 50); // a sanitizer's own part of the call
  bool first = true;
  const std::vector<std::uint64_t> counts = counted(1, [&](std::size_t) {
    if (first) spin(5000);
    first = false;
  });
  CHECK(counts.at(0) < 100);
}

TEST_CASE("limits end the count at an item's border") {
  CHECK(counted(10, [](std::size_t) { spin(1000); }, {.enough = 7000, .most = 10000}).size() == 3);
  CHECK(counted(3, [](std::size_t i) { spin(i == 1 ? 10000 : 10); }, {.enough = 100000, .most = 2000}).size() == 1);
}

TEST_CASE("work that meets a signal is an error, and this process goes on") {
  const Result<std::vector<std::uint64_t>> counts = perf::count_steps(1, [](std::size_t) { ::raise(SIGTERM); });
  REQUIRE(!counts);
  INFO(counts.error().text());
  CHECK((counts.error().what.find("signal 15") != std::string::npos || counts.error().what.find("refused") != std::string::npos));
}

TEST_CASE("what is run before an item is not counted; then its first time is") {
  const auto remembering = [](std::size_t i) {
    static std::array<bool, 3> seen = {};
    if (!std::exchange(seen[i], true)) spin(5000);
  };
  const auto before = [&](std::size_t i) {
    if (i == 0) remembering(0);
    spin(3000);
  };
  const std::vector<std::uint64_t> counts = counted(3, remembering, {}, before);
  REQUIRE(counts.size() == 3);
  CHECK(counts[0] < 5000);
  if (kSpinRound != 0) CHECK(counts[1] >= 5000 * kSpinRound);
  CHECK(counts[1] == counts[2]);
}
