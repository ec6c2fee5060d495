// Names of events and of refusals; see event.h.
#include "perf/event.h"

#include <cerrno>
#include <fstream>

namespace packscope::perf {
namespace {

// " (kernel.perf_event_paranoid = 2)", or nothing where it can't be read.
std::string setting(const char* name) {
  std::ifstream in(std::string("/proc/sys/kernel/") + name);
  std::string value;
  if (!std::getline(in, value)) return {};
  return std::string(" (kernel.") + name + " = " + value + ")";
}

} // namespace

Refusal refusal_of(int error_number) {
  switch (error_number) {
  case ENOENT:
  case EOPNOTSUPP:
  case ENODEV:
    return Refusal::unsupported;
  case EACCES:
    return Refusal::not_permitted;
  case EPERM:
    return Refusal::filtered;
  case ENOSYS:
    return Refusal::no_perf;
  case EINVAL:
  case E2BIG:
    return Refusal::unknown;
  case ENOSPC:
  case EBUSY:
    return Refusal::taken;
  case ESRCH:
    return Refusal::gone;
  case ENOMEM:
    return Refusal::no_memory;
  case EMFILE:
  case ENFILE:
    return Refusal::no_files;
  default:
    return Refusal::other;
  }
}

std::string describe(Refusal refusal) {
  switch (refusal) {
  case Refusal::unsupported:
    return "not supported by this machine";
  case Refusal::not_permitted:
    return "not permitted" + setting("perf_event_paranoid");
  case Refusal::filtered:
    return "perf_event_open is not permitted (a seccomp filter, or a missing capability)";
  case Refusal::no_perf:
    return "the kernel has no perf events";
  case Refusal::unknown:
    return "not known to this kernel";
  case Refusal::taken:
    return "in use by others";
  case Refusal::gone:
    return "the process has ended";
  case Refusal::no_memory:
    return "no memory" + setting("perf_event_mlock_kb");
  case Refusal::no_files:
    return "too many open files";
  case Refusal::silent:
    return "opens but counts nothing on this machine";
  case Refusal::no_libperf:
    return "built without libperf";
  case Refusal::other:
    break;
  }
  return "refused by the kernel";
}

std::string_view event_name(EventKind kind) {
  switch (kind) {
  case EventKind::instructions:
    return "instructions:u";
  case EventKind::cycles:
    return "cycles:u";
  case EventKind::task_clock:
    return "task-clock";
  }
  return "unknown event";
}

perf_event_attr event_attributes(EventKind kind) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  switch (kind) {
  case EventKind::instructions:
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
    break;
  case EventKind::cycles:
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.config = PERF_COUNT_HW_CPU_CYCLES;
    break;
  case EventKind::task_clock: // a clock counts all of the thread's time, whatever is excluded
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.config = PERF_COUNT_SW_TASK_CLOCK;
    break;
  }
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return attributes;
}

} // namespace packscope::perf
