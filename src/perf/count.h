// From raw counts to a Reading: multiplexing scaled, the best event named. Shared by regions and children.
#pragma once

#include "perf/event.h"
#include "perf/reading.h"

#include <array>

namespace packscope::perf {

// What one event had to say: a count, or why not.
struct Count {
  std::optional<RawCount> raw;
  std::string refused; // "instructions:u: not supported by this machine"
};

// One a kind, in EventKind's order. Fills instructions, cycles, task_clock_ns, measured, fallback, counted_share.
void interpret(const std::array<Count, 3>& counts, Reading& reading);

std::string refusal_text(EventKind kind, Refusal refusal);

} // namespace packscope::perf
