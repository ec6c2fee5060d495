// Instructions without a counter: the kernel stops a child after each of them (ptrace(2), PTRACE_SINGLESTEP).
//
// The idea: many virtual machines have no PMU, yet every one can single-step. Stepping costs microseconds an instruction, so
// it is for a few thousand of them; in return the count is exact, and the same each time: no interrupt, no page fault and no
// neighbour on the processor adds to it. What counts as one is what a PMU retires as one.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace packscope::perf {

inline constexpr const char* kSingleSteps = "single steps"; // what was measured, beside Reading's "instructions:u"

struct StepLimits {
  std::uint64_t enough = 1'000'000; // no further item is begun beyond
  std::uint64_t most = 4'000'000;   // an item that takes more is given up, and with it those after it
};

// User instructions of work(0), work(1), … Before each, `before` of the same number is run and not counted; where there is
// none, the work itself, so that nothing is loaded, bound or allocated for the first time. What counting nothing comes to is
// taken off. The work runs in a child: what it writes is lost, and it must need no other thread. Fewer counts than items: a
// limit was met. Errors: the kernel refuses ptrace or fork, the work meets a signal.
Result<std::vector<std::uint64_t>> count_steps(std::size_t items, const std::function<void(std::size_t)>& work,
                                               StepLimits limits = {}, const std::function<void(std::size_t)>& before = {});

} // namespace packscope::perf
