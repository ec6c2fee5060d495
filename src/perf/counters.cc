// Counters around a region; see counters.h.
#include "perf/counters.h"

#include "perf/count.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace packscope::perf {
namespace {

// The threads of this process by id; just the caller where /proc is not mounted.
std::vector<pid_t> threads_of(Scope scope) {
  std::vector<pid_t> threads;
  if (scope == Scope::process) {
    std::error_code failed;
    std::filesystem::directory_iterator entry("/proc/self/task", failed), end;
    for (; !failed && entry != end; entry.increment(failed))
      threads.push_back(static_cast<pid_t>(std::strtol(entry->path().filename().c_str(), nullptr, 10)));
  }
  if (threads.empty()) threads.push_back(0);
  return threads;
}

rusage usage_of(Scope scope) {
  rusage usage{};
  ::getrusage(scope == Scope::thread ? RUSAGE_THREAD : RUSAGE_SELF, &usage);
  return usage;
}
std::uint64_t faults_in(const rusage& usage) { return static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt); }
std::uint64_t switches_in(const rusage& usage) { return static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw); }

RawCount difference(const RawCount& after, const RawCount& before) {
  return {after.value - before.value, after.enabled_ns - before.enabled_ns, after.running_ns - before.running_ns};
}

} // namespace

Counters::Counters(CounterOptions options, const OpenEvent& open) : scope_(options.scope) {
  const std::vector<pid_t> threads = threads_of(scope_);
  for (const EventKind kind : {EventKind::instructions, EventKind::cycles, EventKind::task_clock}) {
    Counter& counter = counters_[static_cast<std::size_t>(kind)];
    if (options.cost_only && (kind == EventKind::cycles || measured_ == event_name(EventKind::instructions))) continue;
    perf_event_attr attributes = event_attributes(kind);
    attributes.inherit = scope_ == Scope::process;
    std::expected<std::unique_ptr<Event>, Refusal> opened = open(attributes, threads);
    if (opened) {
      // A counter that doesn't advance over two readings of itself is none: reading it takes instructions and time.
      const std::optional<RawCount> first = (*opened)->read(), second = (*opened)->read();
      if (!first || !second || (second->running_ns > first->running_ns && second->value == first->value))
        opened = std::unexpected(Refusal::silent);
    }
    if (opened) {
      counter.event = std::move(*opened);
      if (kind == EventKind::instructions) measured_ = event_name(kind);
    } else {
      counter.refused = refusal_text(kind, opened.error());
    }
  }
  calibrate();
  start();
  const Reading reading = stop();
  measured_ = reading.measured;
  fallback_ = reading.fallback;
}

// The best event is read last when starting and first when stopping: it sees nothing of the others.
void Counters::read_start() {
  for (std::size_t i = kKinds; i-- > 0;)
    if (counters_[i].event) counters_[i].start = counters_[i].event->read();
}
void Counters::read_stop() {
  for (std::size_t i = 0; i < kKinds; ++i)
    if (counters_[i].event) counters_[i].stop = counters_[i].event->read();
}

// The least of several empty regions: what is over it is the region's own.
void Counters::calibrate() {
  for (int round = 0; round < 16; ++round) {
    read_start();
    read_stop();
    for (Counter& counter : counters_) {
      if (!counter.start || !counter.stop) continue;
      const std::uint64_t cost = counter.stop->value - counter.start->value;
      counter.overhead = round == 0 ? cost : std::min(counter.overhead, cost);
    }
  }
}

void Counters::start() {
  const rusage usage = usage_of(scope_);
  faults_ = faults_in(usage);
  switches_ = switches_in(usage);
  began_ = std::chrono::steady_clock::now();
  read_start();
}

Reading Counters::stop() {
  read_stop();
  const std::chrono::steady_clock::time_point ended = std::chrono::steady_clock::now();
  const rusage usage = usage_of(scope_);

  Reading reading;
  reading.seconds = std::chrono::duration<double>(ended - began_).count();
  reading.page_faults = faults_in(usage) - faults_;
  reading.context_switches = switches_in(usage) - switches_;
  reading.max_rss_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
  std::array<Count, kKinds> counts;
  for (std::size_t i = 0; i < kKinds; ++i) {
    const Counter& counter = counters_[i];
    if (counter.start && counter.stop) {
      counts[i].raw = difference(*counter.stop, *counter.start);
      counts[i].raw->value -= std::min(counts[i].raw->value, counter.overhead);
    } else {
      counts[i].refused = counter.event ? refusal_text(static_cast<EventKind>(i), Refusal::other) : counter.refused;
    }
  }
  interpret(counts, reading);
  return reading;
}

} // namespace packscope::perf
