// Counters around a region of this thread or process.
//
//   perf::Counters counters;
//   counters.start();
//   work();
//   perf::Reading reading = counters.stop();
#pragma once

#include "perf/event.h"
#include "perf/reading.h"

#include <array>
#include <chrono>

namespace packscope::perf {

enum class Scope : std::uint8_t {
  thread,  // the thread that opens the counters, and only it
  process, // all its threads, those included that start later
};
struct CounterOptions {
  Scope scope = Scope::thread;
  bool cost_only = false; // only the best event that this machine has: for regions of a few thousand instructions
};

// Opened once, then started and stopped at will. What a start and a stop cost by themselves is measured when opened,
// and taken off. The counters run all the time; a region is the difference of two readings.
class Counters {
public:
  explicit Counters(CounterOptions options = {}, const OpenEvent& open = open_event);

  void start();
  Reading stop(); // since start(); may be called again for a longer region

  // What will stand for the cost, and why nothing better: known before anything is measured.
  const std::string& measured() const { return measured_; }
  const std::optional<std::string>& fallback() const { return fallback_; }

private:
  struct Counter {
    std::unique_ptr<Event> event; // null: refused
    std::string refused;          // "instructions:u: not supported by this machine"
    std::optional<RawCount> start, stop;
    std::uint64_t overhead = 0;
  };
  static constexpr std::size_t kKinds = 3; // EventKind, the best first

  void read_start();
  void read_stop();
  void calibrate();

  Scope scope_;
  std::array<Counter, kKinds> counters_;
  std::string measured_;
  std::optional<std::string> fallback_;
  std::chrono::steady_clock::time_point began_;
  std::uint64_t faults_ = 0, switches_ = 0;
};

} // namespace packscope::perf
