// Finding: how much smaller the sample becomes.
#include "trace/findings/finding.h"

#include "base/text.h"

namespace packscope::trace {

Result<void> find_compression(const FindingsInput& input, Finding& out) {
  constexpr double kTheirs = 2.49, kTolerance = 0.10, kWorthIt = 1.5;
  out.id = "compression-ratio";
  out.claim = "A source sample of about 3 KB compresses to two fifths by DEFLATE";
  out.theirs = kTheirs;
  out.theirs_text = "2.49× (3,075 → 1,237 bytes)";
  out.unit = "× smaller";
  if (input.sample.empty()) return fail("the sample is empty", input.sample_path);
  const std::size_t size = input.sample.size(), packed = learn::compress(as_bytes(input.sample)).size();
  const double ratio = static_cast<double>(size) / static_cast<double>(packed);
  out.ours = ratio;
  out.verdict = ratio >= kTheirs * (1 - kTolerance) && ratio <= kTheirs * (1 + kTolerance) ? Verdict::holds
                : ratio >= kWorthIt                                                        ? Verdict::in_part
                                                                                           : Verdict::does_not_hold;
  out.why = human_count(size) + " → " + human_count(packed) +
            " bytes as one zlib stream at level 6, git's default, header and checksum included. One text, another one than "
            "theirs. Holds within 10 % of 2.49, in part from 1.5 on.";
  return {};
}

} // namespace packscope::trace
