// The border to the kernel: an open perf event, and every way in which the kernel may refuse one.
//
// The idea: the rest of the room is written against these two small interfaces and a function that opens them, so
// that hardware counters, multiplexing and refusals are tested on machines that have neither. libperf.cc opens real
// events, without_libperf.cc is built in its place where there is no libperf.
#pragma once

#include "base/bytes.h"

#include <linux/perf_event.h>
#include <sys/types.h>

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace packscope::perf {

enum class Refusal : std::uint8_t {
  unsupported,   // ENOENT, EOPNOTSUPP, ENODEV: no such counter in this machine
  not_permitted, // EACCES: kernel.perf_event_paranoid
  filtered,      // EPERM: a seccomp filter, or a missing capability
  no_perf,       // ENOSYS: a kernel without perf events
  unknown,       // EINVAL, E2BIG: a kernel too old for what was asked
  taken,         // ENOSPC, EBUSY: all breakpoints (or counters) are in use
  gone,          // ESRCH: the thread or process has ended
  no_memory,     // ENOMEM; for ring buffers also kernel.perf_event_mlock_kb
  no_files,      // EMFILE, ENFILE
  silent,        // it opened, yet counts nothing: some virtual machines do this
  no_libperf,    // packscope was built without libperf
  other,
};
Refusal refusal_of(int error_number);
// "not supported by this machine"; where a setting of the kernel decides, with its value.
std::string describe(Refusal refusal);

enum class EventKind : std::uint8_t { instructions, cycles, task_clock };
std::string_view event_name(EventKind kind); // as perf names them: "instructions:u", "cycles:u", "task-clock"
// User mode only, whoever runs it: the figures repeat, and kernel.perf_event_paranoid = 2 lets everybody.
perf_event_attr event_attributes(EventKind kind);

// What reading an event gives, summed over its threads. A counter that shares the hardware with others ran for only
// a part of the time it was enabled.
struct RawCount {
  std::uint64_t value = 0;
  std::uint64_t enabled_ns = 0;
  std::uint64_t running_ns = 0;
};

class Event {
public:
  virtual ~Event() = default;
  virtual std::optional<RawCount> read() = 0;
  virtual bool enable() = 0;
  virtual bool disable() = 0;
};
// Opens one event on each thread (0: the calling one) and sums them.
using OpenEvent =
    std::function<std::expected<std::unique_ptr<Event>, Refusal>(const perf_event_attr&, std::span<const pid_t> threads)>;

// An event of the calling thread that writes records (perf_event_open(2), "PERF_RECORD_…") into a ring buffer.
class Ring {
public:
  virtual ~Ring() = default;
  virtual bool enable() = 0;
  virtual bool disable() = 0;
  // Hands over what was written since the last call: whole records, perf_event_header first.
  virtual void drain(const std::function<void(Bytes record)>& record) = 0;
};
using OpenRing =
    std::function<std::expected<std::unique_ptr<Ring>, Refusal>(const perf_event_attr&, unsigned pages)>;

std::expected<std::unique_ptr<Event>, Refusal> open_event(const perf_event_attr& attributes,
                                                          std::span<const pid_t> threads);
std::expected<std::unique_ptr<Ring>, Refusal> open_ring(const perf_event_attr& attributes, unsigned pages);

} // namespace packscope::perf
