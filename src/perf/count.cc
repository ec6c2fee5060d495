// From raw counts to a Reading; see count.h.
#include "perf/count.h"

#include <algorithm>
#include <cmath>

namespace packscope::perf {

std::string refusal_text(EventKind kind, Refusal refusal) {
  return std::string(event_name(kind)) + ": " + describe(refusal);
}

void interpret(const std::array<Count, 3>& counts, Reading& reading) {
  const std::array<std::optional<std::uint64_t>*, 3> values = {&reading.instructions, &reading.cycles,
                                                               &reading.task_clock_ns};
  std::array<std::string, 3> refused;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const EventKind kind = static_cast<EventKind>(i);
    const std::optional<RawCount>& raw = counts[i].raw;
    if (!raw) {
      refused[i] = counts[i].refused;
    } else if (raw->running_ns == 0 && raw->value == 0) {
      // Enabled, but others had the hardware all the time (or the child never ran): not a count of nothing.
      refused[i] = std::string(event_name(kind)) + ": was never on the hardware";
    } else if (raw->running_ns < raw->enabled_ns) {
      const double share = static_cast<double>(raw->running_ns) / static_cast<double>(raw->enabled_ns);
      *values[i] = static_cast<std::uint64_t>(std::llround(static_cast<double>(raw->value) / share));
      reading.counted_share = std::min(reading.counted_share, share);
    } else {
      *values[i] = raw->value;
    }
  }
  const std::string& instructions = refused[static_cast<std::size_t>(EventKind::instructions)];
  const std::string& clock = refused[static_cast<std::size_t>(EventKind::task_clock)];
  if (reading.instructions) {
    reading.measured = event_name(EventKind::instructions);
    reading.fallback.reset();
  } else if (reading.task_clock_ns) {
    reading.measured = event_name(EventKind::task_clock);
    reading.fallback = instructions;
  } else {
    reading.measured = kNotMeasured;
    reading.fallback = clock.empty() ? instructions : instructions + "; " + clock;
  }
}

} // namespace packscope::perf
