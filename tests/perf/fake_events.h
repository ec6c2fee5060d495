// Events of a machine that tests invent: what it has, what it counts, what it refuses.
#pragma once

#include "perf/event.h"

#include <map>

namespace packscope::test {

struct FakeMachine {
  // What each reading of an event adds: its cost is then that of nothing else but the readings.
  struct Counter {
    std::uint64_t step = 100;
    std::uint64_t enabled_step = 1000, running_step = 1000;
  };
  std::map<std::uint32_t, Counter> hardware, software; // by config
  perf::Refusal refusal = perf::Refusal::unsupported;  // of all others
  std::vector<perf_event_attr> opened;
  std::uint64_t work = 0; // what the tests' region adds to every hardware counter

  struct FakeEvent : perf::Event {
    FakeMachine* machine;
    Counter counter;
    perf::RawCount count;
    bool is_hardware;
    std::optional<perf::RawCount> read() override {
      count.value += counter.step;
      count.enabled_ns += counter.enabled_step;
      count.running_ns += counter.running_step;
      perf::RawCount seen = count;
      if (is_hardware) seen.value += machine->work;
      return seen;
    }
    bool enable() override { return true; }
    bool disable() override { return true; }
  };

  perf::OpenEvent opener() {
    return [this](const perf_event_attr& attributes,
                  std::span<const pid_t>) -> std::expected<std::unique_ptr<perf::Event>, perf::Refusal> {
      const bool is_hardware = attributes.type == PERF_TYPE_HARDWARE;
      const std::map<std::uint32_t, Counter>& counters = is_hardware ? hardware : software;
      const auto found = counters.find(static_cast<std::uint32_t>(attributes.config));
      if (found == counters.end()) return std::unexpected(refusal);
      opened.push_back(attributes);
      std::unique_ptr<FakeEvent> event = std::make_unique<FakeEvent>();
      event->machine = this;
      event->counter = found->second;
      event->is_hardware = is_hardware;
      return event;
    };
  }
};

} // namespace packscope::test
