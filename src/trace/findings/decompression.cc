// Finding: what decompressing the sample costs, by the level it was compressed at.
//
// The idea: levels and libraries take turns, round after round, so that a machine whose speed drifts slows all of them;
// a figure is the median of the rounds, and what the rounds differ by stands beside it.
#include "trace/findings/finding.h"

#include "base/processor_time.h"
#include "base/text.h"
#include "deflate/inflate.h"
#include "perf/counters.h"
#include "perf/sampler.h"
#include "trace/findings/statistics.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace packscope::trace {
namespace {

constexpr std::size_t kLevels = 10;

// One z_stream, reset between streams, as git reuses its own.
class Zlib {
public:
  Zlib() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Zlib() { inflateEnd(&stream_); }
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;

  bool inflate(Bytes input, std::span<std::uint8_t> output) {
    inflateReset(&stream_);
    stream_.next_in = const_cast<Bytef*>(input.data()); // zlib doesn't write there
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = output.data();
    stream_.avail_out = static_cast<uInt>(output.size());
    return ::inflate(&stream_, Z_FINISH) == Z_STREAM_END && stream_.avail_out == 0;
  }

private:
  z_stream stream_ = {};
};

struct Library {
  const char* name;
  std::function<bool(Bytes, std::span<std::uint8_t>)> inflate;
  std::uint64_t repetitions = 1;                         // of one region
  std::array<std::vector<double>, kLevels> costs = {};   // a decompression, one a round
  std::array<std::size_t, kLevels> samples = {};         // of one region

  double cost(std::size_t level) const { return median(costs[level]); }
  // Dearest over cheapest, levels from `first` on.
  double ratio(std::size_t first) const {
    double least = cost(first), most = least;
    for (std::size_t level = first; level < kLevels; ++level) {
      least = std::min(least, cost(level));
      most = std::max(most, cost(level));
    }
    return least > 0 ? most / least : 0;
  }
  // The middle half of a level's rounds, in shares of its median: the worst level.
  double spread() const {
    double worst = 0;
    for (const std::vector<double>& rounds : costs)
      worst = std::max(worst, (quantile(rounds, 0.75) - quantile(rounds, 0.25)) / std::max(1.0, median(rounds)));
    return worst;
  }
};

// How often level 6 fits into a region of this thread's own time.
std::uint64_t repetitions_for(std::chrono::nanoseconds region, const std::function<void()>& once) {
  const std::chrono::nanoseconds begin = thread_time();
  std::uint64_t done = 0;
  while (thread_time() - begin < region) {
    for (int i = 0; i < 16; ++i) once(); // asking for the time is a system call on some machines
    done += 16;
  }
  return std::max<std::uint64_t>(done, 1);
}

std::string table(const std::array<Library, 2>& libraries, const std::array<std::vector<std::uint8_t>, kLevels>& streams,
                  const std::string& unit, bool sampled) {
  std::string text = "| level | compressed bytes | zlib, " + unit + " | samples | libdeflate, " + unit +
                     " | samples |\n|---:|---:|---:|---:|---:|---:|\n";
  for (std::size_t level = 0; level < kLevels; ++level) {
    text += "| " + std::to_string(level) + " | " + human_count(streams[level].size());
    for (const Library& library : libraries)
      text += " | " + figure(std::round(library.cost(level))) + " | " + (sampled ? std::to_string(library.samples[level]) : "–");
    text += " |\n";
  }
  return text;
}

} // namespace

Result<void> find_decompression(const FindingsInput& input, Finding& out) {
  out.id = "decompression-cost";
  out.claim = "Decompression costs the same whatever level, 0 to 9, the text was compressed at";
  out.theirs = 1;
  out.theirs_text = "constant, about 23 samples a level";
  out.unit = "× (dearest ÷ cheapest level, zlib)";
  const Bytes text = as_bytes(input.sample);
  if (text.empty()) return fail("the sample is empty", input.sample_path);
  std::array<std::vector<std::uint8_t>, kLevels> streams;
  for (std::size_t level = 0; level < kLevels; ++level) streams[level] = learn::compress(text, static_cast<int>(level));

  Zlib zlib;
  deflate::Inflater inflater;
  std::array<Library, 2> libraries = {
      Library{"zlib", [&](Bytes from, std::span<std::uint8_t> to) { return zlib.inflate(from, to); }},
      Library{"libdeflate", [&](Bytes from, std::span<std::uint8_t> to) {
                std::size_t consumed;
                return inflater.zlib(from, to, consumed) == deflate::Fault::none;
              }}};
  std::vector<std::uint8_t> inflated(text.size());
  for (Library& library : libraries) {
    for (const std::vector<std::uint8_t>& stream : streams) // right first, then fast
      if (std::ranges::fill(inflated, std::uint8_t{0});
          !library.inflate(stream, inflated) || !std::ranges::equal(inflated, text))
        return fail(std::string(library.name) + " does not give the sample back");
    library.repetitions = repetitions_for(input.region, [&] { library.inflate(streams[6], inflated); });
  }

  perf::Counters counters({.cost_only = true}, input.open_event);
  if (counters.measured() == perf::kNotMeasured) return std::unexpected(not_measured(counters.fallback()));
  perf::Reading reading;
  for (unsigned round = 0; round < input.rounds; ++round)
    for (std::size_t level = 0; level < kLevels; ++level)
      for (Library& library : libraries) {
        counters.start();
        for (std::uint64_t i = 0; i < library.repetitions; ++i) library.inflate(streams[level], inflated);
        reading = counters.stop();
        if (!reading.cost()) return std::unexpected(not_measured(reading.fallback));
        library.costs[level].push_back(static_cast<double>(*reading.cost()) / static_cast<double>(library.repetitions));
      }

  perf::Sampler sampler({}, input.open_ring); // in a pass of its own: sampling costs time too
  const bool sampled = sampler.measured() != perf::kNotMeasured;
  for (std::size_t level = 0; sampled && level < kLevels; ++level)
    for (Library& library : libraries) {
      const std::size_t before = sampler.samples().size();
      sampler.start();
      for (std::uint64_t i = 0; i < library.repetitions; ++i) library.inflate(streams[level], inflated);
      sampler.stop();
      library.samples[level] = sampler.samples().size() - before;
    }

  const double all = std::max(libraries[0].ratio(0), libraries[1].ratio(0));
  const double coded = std::max(libraries[0].ratio(1), libraries[1].ratio(1));
  out.ours = libraries[0].ratio(0);
  out.verdict = all <= 1.1 ? Verdict::holds : coded <= 1.25 ? Verdict::in_part : Verdict::does_not_hold;
  const std::string unit = cost_unit(reading.measured);
  out.why = "the sample's stream of each level, decompressed by zlib (" + human_count(libraries[0].repetitions) +
            " times a region) and libdeflate (" + human_count(libraries[1].repetitions) + "); median of " +
            std::to_string(input.rounds) + " regions a level by " + counter_text(reading.measured, reading.fallback) +
            ", whose middle half differs by at most " + percent(std::max(libraries[0].spread(), libraries[1].spread())) +
            ". Dearest ÷ cheapest over levels 0–9: zlib " + figure(libraries[0].ratio(0)) + ", libdeflate " +
            figure(libraries[1].ratio(0)) + "; over 1–9, without the stored level 0: " + figure(libraries[0].ratio(1)) +
            " and " + figure(libraries[1].ratio(1)) + ". " +
            (sampled ? "Samples by " + counter_text(sampler.measured(), sampler.fallback()) + ", 997 a second"
                     : "No samples: " + not_measured(sampler.fallback()).what) +
            ". Holds if both stay within 1.1 over all levels, in part within 1.25 over 1–9.";
  out.detail = "One decompression of " + human_count(text.size()) + " bytes; samples: of one region.\n\n" +
               table(libraries, streams, unit, sampled);
  return {};
}

} // namespace packscope::trace
