// Regions: on this machine's own counters, and on invented ones.
#include "perf/counters.h"

#include "fake_events.h"
#include "work.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <thread>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("a hardware counter stands for the cost; what reading it costs is taken off") {
  FakeMachine machine;
  machine.hardware[PERF_COUNT_HW_INSTRUCTIONS] = {.step = 150};
  machine.hardware[PERF_COUNT_HW_CPU_CYCLES] = {.step = 70};
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {};
  perf::Counters counters({}, machine.opener());
  CHECK(counters.measured() == "instructions:u");
  counters.start();
  machine.work += 12345;
  const perf::Reading reading = counters.stop();
  CHECK(reading.instructions == 12345);
  CHECK(reading.cycles == 12345);
  CHECK(reading.cost() == 12345);
  CHECK(reading.measured == "instructions:u");
  CHECK(!reading.fallback);
  CHECK(reading.counted_share == 1);
}

TEST_CASE("a shared counter is scaled to the whole time, and says so") {
  FakeMachine machine;
  machine.hardware[PERF_COUNT_HW_INSTRUCTIONS] = {.step = 8, .enabled_step = 1000, .running_step = 250};
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {};
  perf::Counters counters({}, machine.opener());
  counters.start();
  machine.work += 1000;
  const perf::Reading reading = counters.stop();
  CHECK(reading.instructions == 4000);
  CHECK(reading.counted_share == 0.25);
}

TEST_CASE("a counter that opens and never moves is no counter") {
  FakeMachine machine;
  machine.hardware[PERF_COUNT_HW_INSTRUCTIONS] = {.step = 0};
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {};
  perf::Counters counters({}, machine.opener());
  CHECK(counters.measured() == "task-clock");
  CHECK(counters.fallback() == "instructions:u: opens but counts nothing on this machine");
}

TEST_CASE("a counter that never got onto the hardware is not a count of nothing") {
  FakeMachine machine;
  machine.hardware[PERF_COUNT_HW_INSTRUCTIONS] = {.step = 0, .enabled_step = 1000, .running_step = 0};
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {};
  perf::Counters counters({}, machine.opener());
  counters.start();
  const perf::Reading reading = counters.stop();
  CHECK(!reading.instructions);
  CHECK(reading.measured == "task-clock");
  CHECK(reading.fallback == "instructions:u: was never on the hardware");
}

TEST_CASE("nothing can be counted: not measured, never zero, and why") {
  FakeMachine machine;
  machine.refusal = perf::Refusal::no_perf;
  perf::Counters counters({}, machine.opener());
  counters.start();
  const perf::Reading reading = counters.stop();
  CHECK(!reading.instructions);
  CHECK(!reading.cycles);
  CHECK(!reading.task_clock_ns);
  CHECK(!reading.cost());
  CHECK(reading.measured == "not measured");
  CHECK(reading.fallback == "instructions:u: the kernel has no perf events; task-clock: the kernel has no perf events");
  CHECK(reading.page_faults.has_value()); // the kernel's accounting needs no permission
}

TEST_CASE("cost only: one event is opened, the best") {
  FakeMachine machine;
  machine.hardware[PERF_COUNT_HW_INSTRUCTIONS] = {};
  machine.hardware[PERF_COUNT_HW_CPU_CYCLES] = {};
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {};
  perf::Counters counters({.cost_only = true}, machine.opener());
  CHECK(counters.measured() == "instructions:u");
  CHECK(machine.opened.size() == 1);
  machine.hardware.clear();
  machine.opened.clear();
  perf::Counters clock({.cost_only = true}, machine.opener());
  CHECK(clock.measured() == "task-clock");
  CHECK(clock.fallback() == "instructions:u: not supported by this machine");
  CHECK(machine.opened.size() == 1);
}

TEST_CASE("process scope inherits, thread scope does not") {
  FakeMachine machine;
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {};
  perf::Counters thread({}, machine.opener());
  perf::Counters process({.scope = perf::Scope::process}, machine.opener());
  CHECK(machine.opened[0].inherit == 0);
  CHECK(machine.opened[1].inherit == 1);
}

TEST_CASE("instructions of a known loop, where this machine counts them") {
  perf::Counters counters;
  if (counters.measured() != "instructions:u") SKIP(counters.fallback().value());
  if (kSpinRound == 0) SKIP("how many instructions a round takes is not known on this processor");
  counters.start();
  spin(1000000);
  const perf::Reading reading = counters.stop();
  const double expected = 1e6 * static_cast<double>(kSpinRound);
  CHECK(std::abs(static_cast<double>(reading.instructions.value()) - expected) < 0.01 * expected);
}

TEST_CASE("the task clock is this thread's processor time") {
  // Two clocks, read one after the other: what comes between them on a busy machine is in one and not in the other.
  double nearest = 1;
  for (int round = 0; round < 5 && nearest >= 0.01; ++round) {
    perf::Counters counters;
    counters.start();
    timespec before{}, after{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    spin(400000000);
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    const perf::Reading reading = counters.stop();
    if (!reading.task_clock_ns) SKIP(reading.fallback.value());
    const double expected = static_cast<double>(after.tv_sec - before.tv_sec) * 1e9 + static_cast<double>(after.tv_nsec - before.tv_nsec);
    nearest = std::min(nearest, std::abs(static_cast<double>(*reading.task_clock_ns) - expected) / expected);
  }
  CHECK(nearest < 0.01);
}

TEST_CASE("a thread's work belongs to the process, not to the thread that waits for it") {
  perf::Counters thread, process({.scope = perf::Scope::process});
  if (thread.measured() == perf::kNotMeasured) SKIP(thread.fallback().value());
  thread.start();
  process.start();
  std::thread([] { spin(50000000); }).join();
  const std::uint64_t mine = thread.stop().task_clock_ns.value(), all = process.stop().task_clock_ns.value();
  CHECK(all > 5 * mine);
}

TEST_CASE("page faults are those of the region") {
  perf::Counters counters;
  counters.start();
  touch_pages(200);
  const perf::Reading reading = counters.stop();
  CHECK(reading.page_faults.value() >= 200);
  CHECK(reading.page_faults.value() < 300);
  counters.start();
  CHECK(counters.stop().page_faults.value() < 5);
}
