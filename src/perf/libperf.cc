// Real events, by libperf (the kernel's tools/lib/perf): everything of packscope's that opens a perf event ends here.
//
// Counters are read by read(2), never mapped: in a virtual machine rdpmc may trap, and was the slower and noisier way.
// Only calls that are the same in libperf of Linux 6.1 and of today are used.
#include "perf/event.h"

extern "C" {
#include <perf/core.h>
#include <perf/cpumap.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/mmap.h>
#include <perf/threadmap.h>
}

#include <cerrno>
#include <cstdarg>
#include <mutex>

namespace packscope::perf {
namespace {

struct PutThreads {
  void operator()(perf_thread_map* map) const { perf_thread_map__put(map); }
};
using Threads = std::unique_ptr<perf_thread_map, PutThreads>;

// libperf learns the page size here; its own messages would be a second voice on stderr.
void initialise() {
  static std::once_flag once;
  std::call_once(once, [] { libperf_init([](libperf_print_level, const char*, va_list) { return 0; }); });
}

Threads thread_map(std::span<const pid_t> threads) {
  std::vector<pid_t> ids(threads.begin(), threads.end());
  return Threads(perf_thread_map__new_array(static_cast<int>(ids.size()), ids.data()));
}

// A list of events keeps a reference to its maps that 6.1 never gives back; these two live as long as the program.
struct RingMaps {
  perf_cpu_map* any_cpu = perf_cpu_map__new(""); // the only spelling that 6.1 and later releases share
  perf_thread_map* self = perf_thread_map__new_dummy();
};
const RingMaps& ring_maps() {
  static const RingMaps* const maps = [] {
    RingMaps* made = new RingMaps;
    if (made->self != nullptr) perf_thread_map__set_pid(made->self, 0, 0);
    return made;
  }();
  return *maps;
}

class LibperfEvent final : public Event {
public:
  LibperfEvent(perf_evsel* event, std::size_t threads) : event_(event), threads_(threads) {}
  ~LibperfEvent() override {
    perf_evsel__close(event_);
    perf_evsel__delete(event_);
  }

  std::optional<RawCount> read() override {
    RawCount sum;
    for (std::size_t i = 0; i < threads_; ++i) {
      perf_counts_values values{};
      if (perf_evsel__read(event_, 0, static_cast<int>(i), &values) < 0) return {};
      sum.value += values.val;
      sum.enabled_ns += values.ena;
      sum.running_ns += values.run;
    }
    return sum;
  }
  bool enable() override { return perf_evsel__enable(event_) == 0; }
  bool disable() override { return perf_evsel__disable(event_) == 0; }

private:
  perf_evsel* event_;
  std::size_t threads_;
};

class LibperfRing final : public Ring {
public:
  explicit LibperfRing(perf_evlist* events) : events_(events) {}
  ~LibperfRing() override { perf_evlist__delete(events_); } // unmaps, closes and deletes what was added

  bool enable() override {
    perf_evlist__enable(events_);
    return true;
  }
  bool disable() override {
    perf_evlist__disable(events_);
    return true;
  }
  void drain(const std::function<void(Bytes)>& record) override {
    perf_mmap* map;
    perf_evlist__for_each_mmap(events_, map, false) {
      if (perf_mmap__read_init(map) < 0) continue;
      while (const ::perf_event* event = perf_mmap__read_event(map)) {
        const perf_event_header* header = reinterpret_cast<const perf_event_header*>(event);
        record({reinterpret_cast<const std::uint8_t*>(event), header->size});
        perf_mmap__consume(map);
      }
      perf_mmap__read_done(map);
    }
  }

private:
  perf_evlist* events_;
};

} // namespace

std::expected<std::unique_ptr<Event>, Refusal> open_event(const perf_event_attr& attributes,
                                                          std::span<const pid_t> threads) {
  initialise();
  perf_event_attr copy = attributes;
  perf_evsel* event = perf_evsel__new(&copy);
  const Threads map = thread_map(threads);
  if (event == nullptr || map == nullptr) return std::unexpected(Refusal::no_memory);
  const int opened = perf_evsel__open(event, nullptr, map.get());
  std::unique_ptr<Event> result = std::make_unique<LibperfEvent>(event, threads.size());
  if (opened < 0) return std::unexpected(refusal_of(-opened));
  return result;
}

std::expected<std::unique_ptr<Ring>, Refusal> open_ring(const perf_event_attr& attributes, unsigned pages) {
  initialise();
  perf_event_attr copy = attributes;
  perf_evlist* events = perf_evlist__new();
  if (events == nullptr) return std::unexpected(Refusal::no_memory);
  std::unique_ptr<Ring> result = std::make_unique<LibperfRing>(events);
  perf_evsel* event = perf_evsel__new(&copy);
  const RingMaps& maps = ring_maps();
  if (event == nullptr || maps.any_cpu == nullptr || maps.self == nullptr) {
    perf_evsel__delete(event);
    return std::unexpected(Refusal::no_memory);
  }
  perf_evlist__add(events, event);
  perf_evlist__set_maps(events, maps.any_cpu, maps.self);
  if (const int opened = perf_evlist__open(events); opened < 0) return std::unexpected(refusal_of(-opened));
  if (perf_evlist__mmap(events, static_cast<int>(pages)) < 0)
    return std::unexpected(errno == EPERM ? Refusal::no_memory : refusal_of(errno)); // EPERM: over the locked limit
  return result;
}

} // namespace packscope::perf
