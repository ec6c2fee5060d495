// Delta instructions, walked and applied: the steps tile the result, and both ways make the same bytes.
#include "pack/delta.h"
#include "fuzz.h"

#include <algorithm>
#include <vector>

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 16;
  const Bytes delta(data, size);
  Outcome<DeltaReader> reader = DeltaReader::open(delta);
  if (!reader) return 0;
  if (reader->base_size() > kMost || reader->result_size() > kMost) {
    for (DeltaStep step; reader->next(step);) {
    }
    return 0;
  }
  std::vector<std::uint8_t> base(reader->base_size()), walked, applied(reader->result_size());
  for (std::size_t i = 0; i < base.size(); ++i) base[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  for (DeltaStep step; reader->next(step);) {
    const Bytes from = step.copy ? Bytes(base) : delta;
    require(step.from <= from.size() && step.length <= from.size() - step.from,
            "a step reads inside its source");
    require(step.length <= reader->result_size() - walked.size(), "a step writes inside the result");
    walked.insert(walked.end(), from.begin() + static_cast<std::ptrdiff_t>(step.from),
                  from.begin() + static_cast<std::ptrdiff_t>(step.from + step.length));
  }
  const Fault fault = apply_delta(base, delta, applied);
  require(fault == reader->fault(), "walking and applying find the same fault");
  std::vector<std::uint8_t> roomy_base = base, roomy_delta(data, data + size), roomy(applied.size() + kDeltaSlack);
  roomy_base.resize(base.size() + kDeltaSlack);
  roomy_delta.resize(size + kDeltaSlack);
  require(apply_delta(Bytes(roomy_base).first(base.size()), Bytes(roomy_delta).first(size),
                      std::span(roomy).first(applied.size()), kDeltaSlack) == fault, "with slack, too");
  if (fault != Fault::none) return 0;
  require(walked.size() == reader->result_size(), "the steps make the stated size");
  require(walked == applied, "both ways make the same bytes");
  require(std::ranges::equal(std::span(roomy).first(applied.size()), applied), "with slack, too");
  std::vector<std::uint8_t> wrong(base.size() + 1);
  require(apply_delta(wrong, delta, applied) == Fault::delta_base_size, "another base size is refused");
  return 0;
}
