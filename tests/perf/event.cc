// Refusals by name, and what is asked of the kernel.
#include "perf/event.h"

#include <catch2/catch_test_macros.hpp>

#include <cerrno>

using namespace packscope;

TEST_CASE("each refusal of the kernel has its own words") {
  CHECK(perf::describe(perf::refusal_of(ENOENT)) == "not supported by this machine");
  CHECK(perf::describe(perf::refusal_of(EOPNOTSUPP)) == "not supported by this machine");
  CHECK(perf::describe(perf::refusal_of(EACCES)).starts_with("not permitted (kernel.perf_event_paranoid = "));
  CHECK(perf::describe(perf::refusal_of(EPERM)).find("seccomp") != std::string::npos);
  CHECK(perf::describe(perf::refusal_of(ENOSYS)) == "the kernel has no perf events");
  CHECK(perf::describe(perf::refusal_of(EINVAL)) == "not known to this kernel");
  CHECK(perf::describe(perf::refusal_of(ENOSPC)) == "in use by others");
  CHECK(perf::describe(perf::refusal_of(EIO)) == "refused by the kernel");
}

TEST_CASE("counters look at user mode only, whoever runs them") {
  for (const perf::EventKind kind : {perf::EventKind::instructions, perf::EventKind::cycles, perf::EventKind::task_clock}) {
    const perf_event_attr attributes = perf::event_attributes(kind);
    CHECK(attributes.exclude_kernel == 1);
    CHECK(attributes.exclude_hv == 1);
    CHECK(attributes.read_format == (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING));
  }
}
