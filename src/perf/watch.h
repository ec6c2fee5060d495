// Hardware breakpoints on single bytes of memory: every access by this thread, counted, in order, with its call chain.
//
// The idea: the kernel delivers each hit as a signal at the very instruction (perf_event_open(2), "sigtrap", Linux 5.13),
// so the stack can be unwound by the tables that every library carries. The kernel's own call chains follow frame
// pointers, which libraries are built without. An access counts once, however many watched bytes' neighbours it
// touches: a vector load over a watched byte is one hit. x86 has no read-only watch: reads are told from writes by
// watching for writes too. arm64 refuses: its signals come before the access, and so never end. So does a virtual machine that
// sets breakpoints and never delivers one.
#pragma once

#include "perf/event.h"

namespace packscope::perf {

inline constexpr std::size_t kMaxWatches = 4; // x86 and most of arm64 have four
inline constexpr std::size_t kMaxFrames = 24;

enum class WatchKind : std::uint8_t { read_write, write };

struct Access {
  std::uint32_t watch = 0;  // which address of those given
  std::uint32_t depth = 0;  // frames that are known
  // Innermost first. The first is where the access left the instruction pointer (x86: behind it), the others lie in
  // the calls that lead there.
  std::uint64_t frames[kMaxFrames] = {};
};

// One at a time in a thread. Accesses that the kernel makes on the thread's behalf (read(2) into a buffer) don't count.
class Watch {
public:
  // At most `kMaxWatches` addresses. `capacity`: accesses that are kept; counts() goes on beyond it.
  Watch(std::span<const void* const> addresses, WatchKind kind, std::size_t capacity = 4096,
        const OpenEvent& open = open_event);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Why nothing is watched: "breakpoints: not supported by this machine". Empty: all is well.
  const std::string& refused() const { return refused_; }

  void start();
  void stop();

  std::span<const Access> accesses() const;    // in order, all watches together
  std::vector<std::uint64_t> counts() const;   // as the kernel counted, one a watch
  std::uint64_t lost() const;                  // counted, but not among accesses()

private:
  struct Log;
  std::vector<std::unique_ptr<Event>> events_;
  std::unique_ptr<Log> log_;
  std::string refused_;
  bool started_ = false;
};

} // namespace packscope::perf
