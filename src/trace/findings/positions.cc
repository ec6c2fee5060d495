// Finding: where a text's byte lies in its stream follows from where it lies in the text.
//
// A straight line a blob, offset in the text → bit offset, through the first byte of every piece of the trace. Deltas are
// left out: their bytes lie in several streams, and a line through those says nothing.
#include "trace/findings/finding.h"

#include "base/text.h"
#include "trace/dataset.h"
#include "trace/findings/statistics.h"

namespace packscope::trace {
namespace {

constexpr std::size_t kFewest = 16; // pieces of a blob that a line is put through

struct BlobLines {
  std::vector<double> r2, worst; // worst deviation as a share of the stream's bits
  std::uint64_t points = 0, small = 0;

  void add(const std::vector<double>& text, const std::vector<double>& bits, double stream_bits) {
    if (text.size() < kFewest) {
      ++small;
      return;
    }
    const Line line = fit_line(text, bits);
    r2.push_back(line.r2);
    worst.push_back(line.worst / stream_bits);
    points += text.size();
  }
};

} // namespace

Result<void> find_positions(const FindingsInput& input, Finding& out) {
  out.id = "positions";
  out.claim = "Positions in the source map predictably to positions in the compressed stream";
  out.theirs_text = "\"predictable\", no figure";
  out.unit = "R² (median of blobs)";
  Result<std::unique_ptr<Database>> opened = open_trace(input.trace);
  if (!opened) return std::unexpected(opened.error());
  Database& database = **opened;
  Statement rows = database.prepare("select p.object, p.begin, p.bit_begin, o.packed_size from object o "
                                    "join piece p on p.object = o.object and p.source = o.object "
                                    "where o.traced = 1 and o.base is null order by p.object, p.begin");
  BlobLines blobs;
  std::vector<double> text, bits;
  double stream_bits = 1;
  std::int64_t object = -1;
  while (rows.step()) {
    if (rows.integer(0) != object) {
      if (object >= 0) blobs.add(text, bits, stream_bits);
      text.clear();
      bits.clear();
      object = rows.integer(0);
      stream_bits = 8.0 * rows.real(3);
    }
    text.push_back(rows.real(1));
    bits.push_back(rows.real(2));
  }
  if (object >= 0) blobs.add(text, bits, stream_bits);
  std::uint64_t deltas = 0;
  Statement others = database.prepare("select count(*) from object where traced = 1 and base is not null");
  if (others.step()) deltas = static_cast<std::uint64_t>(others.integer(0));
  if (const Result<void> status = database.status(); !status) return status;
  if (blobs.r2.empty()) return fail("the trace has no whole blob of " + std::to_string(kFewest) + " pieces", input.trace);

  const double r2 = median(blobs.r2), low = quantile(blobs.r2, 0.1), off = median(blobs.worst);
  out.ours = r2;
  out.verdict = low >= 0.95 && off <= 0.05 ? Verdict::holds : r2 >= 0.9 ? Verdict::in_part : Verdict::does_not_hold;
  out.why = "a straight line a blob, text offset → bit offset, through " + human_count(blobs.points) + " pieces of " +
            human_count(blobs.r2.size()) + " blobs (left out: " + human_count(deltas) + " deltas, whose bytes lie in several "
            "streams, and " + human_count(blobs.small) + " blobs of fewer than " + std::to_string(kFewest) +
            " pieces). R²: median " + figure(r2) + ", lowest tenth " + figure(low) + ", worst " +
            figure(quantile(blobs.r2, 0)) + ". Worst deviation of a blob from its line, in shares of its stream: median " +
            percent(off) + ", upper tenth " + percent(quantile(blobs.worst, 0.9)) + ", worst " +
            percent(quantile(blobs.worst, 1)) +
            ". Holds if nine of ten blobs reach R² 0.95 and the median deviation is within 5 %, in part if half reach 0.9.";
  return {};
}

} // namespace packscope::trace
