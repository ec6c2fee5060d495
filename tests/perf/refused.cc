// The whole room under a seccomp filter that refuses perf_event_open: everything completes and says "not measured".
#include "perf/child.h"
#include "perf/counters.h"
#include "perf/sampler.h"
#include "perf/watch.h"

#include "no_perf.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("with perf_event_open refused every part says so and goes on") {
  // In a child: a filter can't be taken off. It prints what it got; an empty line would be a claim of success.
  const std::string told = without_perf([](std::string& out) {
    perf::Counters counters;
    counters.start();
    const perf::Reading region = counters.stop();
    out += region.measured + "|" + region.fallback.value_or("") + "|" + (region.page_faults ? "faults" : "") + "\n";
    const Result<perf::ChildReading> child = perf::measure_child({"sh", "-c", "exit 3"});
    out += child ? child->reading.measured + "|" + std::to_string(child->status) + "\n" : child.error().text();
    perf::Sampler sampler;
    sampler.start();
    sampler.stop();
    out += sampler.measured() + "|" + std::to_string(sampler.samples().size()) + "\n";
    static char byte;
    const void* at[] = {&byte};
    out += perf::Watch(at, perf::WatchKind::write).refused() + "\n";
  });
#if defined(PACKSCOPE_WITHOUT_LIBPERF)
  const std::string why = "built without libperf";
#else
  const std::string why = "perf_event_open is not permitted (a seccomp filter, or a missing capability)";
#endif
  CHECK(told == "not measured|instructions:u: " + why + "; task-clock: " + why + "|faults\n" +
                "not measured|3\n" + "not measured|0\n" + "breakpoints: " + why + "\n");
}
