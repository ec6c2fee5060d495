// Delta instructions (gitformat-pack(5), "Deltified representation").
//
//   delta  := base-size result-size instruction*           sizes: (MSB:1 size:7)+, little end first
//   copy   := 1:1 size-bytes:3 offset-bytes:4 offset{0..4} size{0..3}   size 0 means 0x10000
//   insert := 0:1 n:7 byte{n}                                            n > 0
#pragma once

#include "pack/fault.h"
#include "pack/object.h"

namespace packscope::pack {

struct DeltaStep {
  bool copy;              // else insert
  std::uint64_t from;     // copy: offset in the base; insert: offset of the literal bytes in the delta itself
  std::uint64_t length;   // of output
};

// Walks the instructions; every step is bounds-checked against `base_size` and the stated result size.
class DeltaReader {
public:
  static Outcome<DeltaReader> open(Bytes delta);

  std::uint64_t base_size() const { return base_size_; }
  std::uint64_t result_size() const { return result_size_; }
  // True and a step, or false at the end; false with fault() != none on bad instructions.
  bool next(DeltaStep& step);
  Fault fault() const { return fault_; }
  std::size_t position() const { return at_; } // of the next instruction in the delta

private:
  Bytes delta_;
  std::size_t at_ = 0;
  std::uint64_t base_size_ = 0, result_size_ = 0, made_ = 0;
  Fault fault_ = Fault::none;
};

// The result size, checked so that it may be allocated: not above `limit` (Fault::size_limit), and where it is far
// larger than the delta, the instructions were walked and do make that many bytes.
Outcome<std::uint64_t> delta_result_size(Bytes delta, std::uint64_t limit);

// Writes the result into `output`, which has exactly the stated result size. `slack`: how many bytes behind each of the
// three spans may be touched (read, and those behind `output` written to); with kDeltaSlack it is faster.
Fault apply_delta(Bytes base, Bytes delta, std::span<std::uint8_t> output, std::size_t slack = 0);
constexpr std::size_t kDeltaSlack = 64;

} // namespace packscope::pack
