// What stands for libperf.cc where packscope is built without libperf: every event is refused, by that name.
#include "perf/event.h"

namespace packscope::perf {

std::expected<std::unique_ptr<Event>, Refusal> open_event(const perf_event_attr&, std::span<const pid_t>) {
  return std::unexpected(Refusal::no_libperf);
}

std::expected<std::unique_ptr<Ring>, Refusal> open_ring(const perf_event_attr&, unsigned) {
  return std::unexpected(Refusal::no_libperf);
}

} // namespace packscope::perf
