// Hardware breakpoints by synchronous signals; see watch.h.
//
// The handler runs between two instructions of whatever is watched, maybe inside malloc: it takes no lock and
// allocates nothing. Unwinding finds its tables without a lock (glibc 2.35 and later: _dl_find_object); a first
// backtrace when the watch is made lets libgcc do what it does only once.
#include "perf/watch.h"

#include <linux/hw_breakpoint.h>
#include <signal.h>
#include <ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace packscope::perf {

struct Watch::Log {
  std::vector<Access> accesses; // sized once: the handler must not allocate
  std::size_t used = 0;
};

namespace {

// x86 stops behind an access. arm64 stops before it, and there the kernel delivers the signal: the handler returns to the
// access, which hits again, for ever (seen with Linux 6.1; perf's own test of signals is left out there too).
#if defined(__aarch64__)
constexpr bool kStopsBefore = true;
#else
constexpr bool kStopsBefore = false;
#endif

constexpr int kTrapPerf = 6; // TRAP_PERF of linux/asm-generic/siginfo.h; glibc 2.36 doesn't name it

// The watch of this thread, for its handler.
struct Active {
  std::vector<Access>* accesses = nullptr;
  std::size_t* used = nullptr;
};
thread_local Active active;

// The handler is the process's, watches are the threads': it is there while any of them runs.
std::mutex handler_mutex;
unsigned handler_users = 0;
struct sigaction previous_action;

struct Walk {
  Access* access;
  std::uint64_t interrupted; // frames before this address are the handler's own
  bool reached;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* argument) {
  Walk& walk = *static_cast<Walk*>(argument);
  int before = 0; // 1: the address is that of an instruction, not one a call returns to
  const std::uint64_t address = _Unwind_GetIPInfo(context, &before);
  if (address == walk.interrupted) walk.reached = true;
  if (!walk.reached) return _URC_NO_REASON;
  if (address == 0 || walk.access->depth == kMaxFrames) return _URC_END_OF_STACK;
  walk.access->frames[walk.access->depth++] = before != 0 ? address : address - 1; // inside the call, not behind it
  return _URC_NO_REASON;
}

std::uint64_t instruction_pointer(const void* context) {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uint64_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
#error "where does the signal context hold the instruction pointer?"
#endif
}

void on_hit(int, siginfo_t* info, void* context) {
  if (info->si_code != kTrapPerf || active.accesses == nullptr) {
    // Somebody else's trap (a debugger's): theirs to handle.
    ::sigaction(SIGTRAP, &previous_action, nullptr);
    ::raise(SIGTRAP);
    return;
  }
  const int kept_errno = errno;
  if (*active.used < active.accesses->size()) {
    Access& access = (*active.accesses)[(*active.used)++];
    // si_perf_data, which follows si_addr: what was given as sig_data.
    std::uint64_t watch = 0;
    std::memcpy(&watch, reinterpret_cast<const char*>(&info->si_addr) + sizeof info->si_addr, sizeof watch);
    access.watch = static_cast<std::uint32_t>(watch);
    access.depth = 0;
    Walk walk = {&access, instruction_pointer(context), false};
    _Unwind_Backtrace(visit, &walk);
    if (access.depth == 0) access.frames[access.depth++] = walk.interrupted;
  }
  errno = kept_errno;
}

perf_event_attr breakpoint(const void* address, WatchKind kind, std::size_t index) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_BREAKPOINT;
  attributes.bp_type = kind == WatchKind::write ? HW_BREAKPOINT_W : HW_BREAKPOINT_RW;
  attributes.bp_addr = reinterpret_cast<std::uint64_t>(address);
  attributes.bp_len = HW_BREAKPOINT_LEN_1;
  attributes.sample_period = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attributes.disabled = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.sigtrap = 1;
  attributes.remove_on_exec = 1; // sigtrap demands it
  attributes.sig_data = index;
  return attributes;
}

// Some virtual machines let the kernel set breakpoints, and never deliver one: asked once, of a byte of our own, before
// all of the processor's registers are taken.
bool breakpoints_hit() {
  static const bool hit = [] {
    alignas(8) static volatile unsigned char byte = 0;
    perf_event_attr attributes = breakpoint(const_cast<const unsigned char*>(&byte), WatchKind::read_write, 0);
    attributes.sigtrap = 0;
    attributes.remove_on_exec = 0;
    const pid_t self = 0;
    const std::expected<std::unique_ptr<Event>, Refusal> event = open_event(attributes, {&self, 1});
    if (!event) return true; // which opening the real ones says better
    (*event)->enable();
    byte = 1;
    (*event)->disable();
    const std::optional<RawCount> count = (*event)->read();
    return count && count->value > 0;
  }();
  return hit;
}

} // namespace

Watch::Watch(std::span<const void* const> addresses, WatchKind kind, std::size_t capacity, const OpenEvent& open)
    : log_(std::make_unique<Log>()) {
  if (addresses.size() > kMaxWatches) {
    refused_ = "breakpoints: more than " + std::to_string(kMaxWatches) + " at a time";
    return;
  }
  using Opener = std::expected<std::unique_ptr<Event>, Refusal> (*)(const perf_event_attr&, std::span<const pid_t>);
  if (const Opener* own = open.target<Opener>(); own != nullptr && *own == &open_event && !breakpoints_hit()) {
    refused_ = "breakpoints: never hit on this machine, though its kernel takes them";
    return;
  }
  const pid_t self = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    std::expected<std::unique_ptr<Event>, Refusal> opened = open(breakpoint(addresses[i], kind, i), {&self, 1});
    if (!opened) {
      refused_ = "breakpoints: " + describe(opened.error());
      events_.clear();
      return;
    }
    events_.push_back(std::move(*opened));
  }
  if (kStopsBefore) {
    refused_ = "breakpoints: not supported on this processor (it stops before an access, again and again)";
    events_.clear();
    return;
  }
  log_->accesses.resize(capacity);
  Access warm;
  Walk walk = {&warm, 0, true};
  _Unwind_Backtrace(visit, &walk);
}

Watch::~Watch() { stop(); }

void Watch::start() {
  if (!refused_.empty() || started_) return;
  active = {&log_->accesses, &log_->used};
  started_ = true;
  {
    const std::lock_guard<std::mutex> lock(handler_mutex);
    struct sigaction action = {};
    action.sa_sigaction = on_hit;
    action.sa_flags = SA_SIGINFO;
    ::sigemptyset(&action.sa_mask);
    if (handler_users++ == 0) ::sigaction(SIGTRAP, &action, &previous_action);
  }
  for (const std::unique_ptr<Event>& event : events_) event->enable();
}

void Watch::stop() {
  if (!started_) return;
  for (const std::unique_ptr<Event>& event : events_) event->disable();
  active = {};
  started_ = false;
  const std::lock_guard<std::mutex> lock(handler_mutex);
  if (--handler_users == 0) ::sigaction(SIGTRAP, &previous_action, nullptr);
}

std::span<const Access> Watch::accesses() const { return {log_->accesses.data(), log_->used}; }

std::vector<std::uint64_t> Watch::counts() const {
  std::vector<std::uint64_t> counts;
  for (const std::unique_ptr<Event>& event : events_) {
    const std::optional<RawCount> count = event->read();
    counts.push_back(count ? count->value : 0);
  }
  return counts;
}

std::uint64_t Watch::lost() const {
  std::uint64_t counted = 0;
  for (const std::uint64_t count : counts()) counted += count;
  return counted - std::min<std::uint64_t>(counted, log_->used);
}

} // namespace packscope::perf
