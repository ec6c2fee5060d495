// Finding: the sample's primes are read before DEFLATE begins.
#include "trace/findings/finding.h"

#include <set>

namespace packscope::trace {

Result<void> find_markers_read(const FindingsInput& input, MarkerReport& report, Finding& out) {
  constexpr double kTheirs = 28;
  out.id = "marker-reads";
  out.claim = "Hardware breakpoints on prime markers see reads before DEFLATE begins";
  out.theirs = kTheirs;
  out.theirs_text = "28 reads";
  out.unit = "reads before DEFLATE";
  Result<MarkerReport> measured = measure_markers(input.sample, input.open_event);
  if (!measured) return std::unexpected(measured.error());
  report = std::move(*measured);
  if (!report.refused.empty()) return fail("not measured: " + report.refused);
  if (report.markers == 0) return fail("the sample has no line that ends in \"// marker\"", input.sample_path);
  if (!report.repeats) return fail("not measured: the passes did not write the same bytes");
  if (report.lost != 0) return fail("not measured: " + std::to_string(report.lost) + " accesses were lost");

  const auto reads = [&](const char* packer, const char* buffer, const char* phase) {
    return report.count(packer, buffer, phase, "read");
  };
  std::set<std::uint64_t> seen;
  for (const MarkerAccess& row : report.accesses)
    if (row.packer == std::string_view("libgit2") && row.phase == std::string_view("before") &&
        row.kind == std::string_view("read"))
      seen.insert(row.marker.text_offset);
  const std::uint64_t before = reads("libgit2", nullptr, "before");
  out.ours = static_cast<double>(before);
  out.verdict = before == 0                                                   ? Verdict::does_not_hold
                : seen.size() == report.markers && static_cast<double>(before) == kTheirs ? Verdict::holds
                                                                              : Verdict::in_part;
  out.why = "hardware breakpoints on the first digit of " + std::to_string(report.markers) +
            " primes, while libgit2 packs the sample in this process; \"before\" where deflate() is not in the call chain. " +
            std::to_string(seen.size()) + " of " + std::to_string(report.markers) + " are read before DEFLATE: " +
            std::to_string(reads("libgit2", "text", "before")) + " reads of the text as handed over, " +
            std::to_string(reads("libgit2", "object", "before")) + " of the object that libgit2 compresses. Inside DEFLATE: " +
            std::to_string(reads("libgit2", nullptr, "inside")) + " reads there, " +
            std::to_string(reads("zlib", "window", "inside")) + " of zlib's window" +
            (report.window_found ? "" : " (which was not found)") +
            ". A vector load over a digit is one read, so the count is that of libraries and processor. Holds if every "
            "marker is read before and the count is theirs, in part with another count.";
  return {};
}

} // namespace packscope::trace
