// Where the time of a region of this thread goes: samples with call chains, from the kernel's ring buffer.
#pragma once

#include "perf/event.h"

namespace packscope::perf {

struct Sample {
  std::uint64_t time_ns = 0;
  // Innermost first. The kernel follows frame pointers: through code that was built without them the chain is short
  // or skips callers, but the first address is always right.
  std::vector<std::uint64_t> chain;
};
struct SamplerOptions {
  std::uint64_t frequency = 997; // a second; a prime, so as not to beat with what repeats
  unsigned pages = 64;           // of the ring buffer, a power of two
};

// By cycles:u, else by the task clock.
class Sampler {
public:
  explicit Sampler(SamplerOptions options = {}, const OpenRing& open = open_ring);

  void start();
  void stop();
  void drain(); // takes what was sampled so far out of the ring buffer; stop() does so at the end

  // "cycles:u", "task-clock" or "not measured", and why not the one before.
  const std::string& measured() const { return measured_; }
  const std::optional<std::string>& fallback() const { return fallback_; }
  const std::vector<Sample>& samples() const { return samples_; }
  std::uint64_t lost() const { return lost_; } // samples that found the ring buffer full

private:
  std::unique_ptr<Ring> ring_;
  std::string measured_;
  std::optional<std::string> fallback_;
  std::vector<Sample> samples_;
  std::uint64_t lost_ = 0;
};

} // namespace packscope::perf
