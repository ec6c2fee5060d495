// Words that findings share; see finding.h.
#include "trace/findings/finding.h"

#include "base/text.h"
#include "perf/reading.h"

#include <cmath>
#include <cstdio>

namespace packscope::trace {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return "holds";
    case Verdict::in_part: return "holds in part";
    case Verdict::does_not_hold: return "does not hold";
    case Verdict::not_measured: break;
  }
  return perf::kNotMeasured;
}

std::string figure(double value) {
  if (!std::isfinite(value)) return "none";
  if (std::fabs(value) >= 1000 || value == std::floor(value))
    return (value < 0 ? "-" : "") + human_count(static_cast<std::uint64_t>(std::llround(std::fabs(value))));
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", std::fabs(value) >= 100 ? 0 : std::fabs(value) >= 10 ? 1
                                           : std::fabs(value) >= 1 ? 2 : std::fabs(value) >= 0.1 ? 3 : 4, value);
  return text;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

std::string counter_text(const std::string& measured, const std::optional<std::string>& fallback) {
  return fallback ? measured + " (" + *fallback + ")" : measured;
}

std::string cost_unit(const std::string& measured) {
  return measured == perf::event_name(perf::EventKind::instructions) ? "instructions" : "ns";
}

Error not_measured(const std::optional<std::string>& fallback) {
  return {std::string(perf::kNotMeasured) + ": " + fallback.value_or("no counter")};
}

} // namespace packscope::trace
