// perf: all of packscope's measuring. Counters around a region or a child process, samples of where time goes,
// and hardware breakpoints on single bytes, over libperf. This file: what a measurement says.
//
// The idea: a figure is never a zero that stands for "unknown". Hardware counter → task clock → "not measured": a
// Reading names what stands for the cost, and why the better one does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace packscope::perf {

inline constexpr const char* kNotMeasured = "not measured";

struct Reading {
  // By perf, user mode only; null: not measured.
  std::optional<std::uint64_t> instructions, cycles, task_clock_ns;
  // By the kernel's accounting (getrusage(2)), which nothing refuses. A page fault is minor or major.
  std::optional<std::uint64_t> page_faults, context_switches, max_rss_kib;
  double seconds = 0; // wall time

  std::string measured = kNotMeasured;  // what stands for the cost: "instructions:u", "task-clock" or "not measured"
  std::optional<std::string> fallback;  // why it is not the one before: "instructions:u: not supported by this machine"
  // The least share of its time that a counter was on the hardware; below 1 the values above are scaled up by it.
  double counted_share = 1;

  // The value of what `measured` names.
  std::optional<std::uint64_t> cost() const { return instructions ? instructions : task_clock_ns; }
};

} // namespace packscope::perf
