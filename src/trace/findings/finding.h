// What one finding is, what it is measured from, and the words that findings share.
//
// The idea: a finding states its claim before anything is measured, and is "not measured" until its measurement ends;
// whatever keeps it from that (no counter, no git, no grammar) becomes its `why` and leaves the others alone.
#pragma once

#include "learn/training.h"
#include "perf/event.h"
#include "trace/markers.h"

#include <chrono>
#include <optional>
#include <string>

namespace packscope::trace {

enum class Verdict : std::uint8_t { holds, in_part, does_not_hold, not_measured };
std::string_view name(Verdict verdict); // "holds in part"

struct Finding {
  std::string id;              // "compression-ratio"
  std::string claim;           // of the original experiment, or ours where it is new
  std::string theirs_text;     // what they reached, in words: "constant, about 23 samples"
  std::optional<double> theirs, ours; // ours null: not measured
  std::string unit;
  Verdict verdict = Verdict::not_measured;
  std::string why;             // the rule of the verdict, and what the figure rests on
  std::string detail;          // Markdown for people: a table of what is behind the figure; may be empty
};

struct FindingsInput {
  std::string trace;           // made by `packscope trace`, its packs beside it
  std::string sample_path;     // tells the language
  std::string sample;          // its text
  std::string build_steps;     // JSON Lines, in place of the trace's own table; may be empty
  std::chrono::milliseconds region{24}; // how long one measured region shall take
  unsigned rounds = 9;         // a figure is the median of so many regions
  perf::OpenEvent open_event = perf::open_event;
  perf::OpenRing open_ring = perf::open_ring;
};

// "8.04", "1,237", "0.0312": three digits, or the whole number.
std::string figure(double value);
std::string percent(double share); // "93.1 %"
// "instructions:u", or "task-clock (instructions:u: not supported by this machine)".
std::string counter_text(const std::string& measured, const std::optional<std::string>& fallback);
// "instructions" or "ns": what a cost by that counter is counted in.
std::string cost_unit(const std::string& measured);
// The one who says for a machine without counters why there is no figure.
Error not_measured(const std::optional<std::string>& fallback);

// The network of two findings: R0 → 32 → the general kinds, trained on the trace's declarations but for held-out files.
struct KindNetwork {
  std::unique_ptr<learn::Backend> backend; // CPU, one thread
  learn::Dataset dataset;
  learn::Split split;
  learn::Model model;
};
Result<KindNetwork> train_kind_network(const FindingsInput& input);

// Each sets claim, theirs and unit first, then measures; an Error is why it could not.
Result<void> find_compression(const FindingsInput& input, Finding& out);
Result<void> find_tokens(const FindingsInput& input, Finding& out);
Result<void> find_decompression(const FindingsInput& input, Finding& out);
Result<void> find_markers_read(const FindingsInput& input, MarkerReport& report, Finding& out);
Result<void> find_positions(const FindingsInput& input, Finding& out);
Result<void> find_kinds(const Result<KindNetwork>& network, Finding& out);
Result<void> find_paths(const FindingsInput& input, const Result<KindNetwork>& network, Finding& out);
Result<void> find_compile_cost(const FindingsInput& input, Finding& out);

} // namespace packscope::trace
