// Delta instructions; see delta.h for the grammar.
//
// Bounds idiom: an instruction's own bytes are checked before they are read, its output against what is left
// of the stated result before it is written, its source against the base. All in 64 bits: offset (32 bits) +
// size (24 bits) cannot wrap.
#include "pack/delta.h"

namespace packscope::pack {

static bool read_size(Bytes delta, std::size_t& at, std::uint64_t& size) {
  size = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (at >= delta.size()) return false;
    const std::uint8_t byte = delta[at++];
    const std::uint64_t bits = byte & 0x7f;
    if (shift > 63 || (shift == 63 && bits > 1)) return false; // the tenth byte has room for one bit
    size |= bits << shift;
    if ((byte & 0x80) == 0) return true;
  }
}

Outcome<DeltaReader> DeltaReader::open(Bytes delta) {
  DeltaReader reader;
  reader.delta_ = delta;
  if (!read_size(delta, reader.at_, reader.base_size_) || !read_size(delta, reader.at_, reader.result_size_))
    return std::unexpected(Failure{Fault::delta_header});
  return reader;
}

// What the low bits of a copy's head say of `bits` optional bytes, if they are an unbroken run from the lowest one up:
// how many there are, and the mask that keeps them of a word read at once.
struct Run {
  bool unbroken;
  std::uint8_t bytes;
  std::uint32_t mask;
};
static constexpr Run kRuns[16] = {{true, 0, 0},         {true, 1, 0xff},  {false, 0, 0}, {true, 2, 0xffff},
                                  {false, 0, 0},        {false, 0, 0},    {false, 0, 0}, {true, 3, 0xffffff},
                                  {false, 0, 0},        {false, 0, 0},    {false, 0, 0}, {false, 0, 0},
                                  {false, 0, 0},        {false, 0, 0},    {false, 0, 0}, {true, 4, 0xffffffff}};

// One instruction at `at`, which it passes. Nothing is checked against base or result here. Most copies have their
// bytes in unbroken runs (a zero byte in the middle is left out): those are read without a branch a byte.
static inline Fault read_step(Bytes delta, std::size_t& at, DeltaStep& step) {
  const std::uint8_t* in = delta.data() + at;
  const std::uint8_t* const end = delta.data() + delta.size();
  const unsigned head = *in++;
  if ((head & 0x80) == 0) {
    if (head == 0) return Fault::delta_reserved;
    step = {.copy = false, .from = at + 1, .length = head};
    if (static_cast<std::size_t>(end - in) < head) return Fault::delta_insert;
    at += 1 + head;
    return Fault::none;
  }
  const Run &offset = kRuns[head & 15], &size = kRuns[head >> 4 & 7];
  std::uint64_t from = 0, length = 0;
  if (offset.unbroken && size.unbroken && static_cast<std::size_t>(end - in) >= sizeof(std::uint64_t)) {
    const std::uint64_t word = load_le<std::uint64_t>(in);
    from = word & offset.mask;
    length = word >> (8 * offset.bytes) & size.mask;
    in += offset.bytes + size.bytes;
  } else {
    for (unsigned bit = 0; bit < 7; ++bit) {
      if ((head >> bit & 1) == 0) continue;
      if (in == end) return Fault::delta_copy;
      (bit < 4 ? from : length) |= std::uint64_t{*in++} << (8 * (bit < 4 ? bit : bit - 4));
    }
  }
  at = static_cast<std::size_t>(in - delta.data());
  step = {.copy = true, .from = from, .length = length == 0 ? 0x10000 : length};
  return Fault::none;
}

bool DeltaReader::next(DeltaStep& step) {
  if (fault_ != Fault::none) return false;
  if (at_ == delta_.size()) {
    if (made_ != result_size_) fault_ = Fault::delta_result_size;
    return false;
  }
  fault_ = read_step(delta_, at_, step);
  if (fault_ != Fault::none) return false;
  if (step.copy && step.from + step.length > base_size_)
    fault_ = Fault::delta_copy;
  else if (step.length > result_size_ - made_)
    fault_ = Fault::delta_result_size;
  made_ += step.length;
  return fault_ == Fault::none;
}

Outcome<std::uint64_t> delta_result_size(Bytes delta, std::uint64_t limit) {
  Outcome<DeltaReader> reader = DeltaReader::open(delta);
  if (!reader) return std::unexpected(reader.error());
  if (reader->result_size() > limit) return std::unexpected(Failure{Fault::size_limit});
  // Below this an allocation harms nobody; above it a walk over the instructions costs nothing beside the
  // copy.
  constexpr std::uint64_t kHarmless = std::uint64_t{1} << 20;
  if (reader->result_size() > kHarmless && reader->result_size() / 64 > delta.size()) {
    Outcome<DeltaReader> trial = reader;
    DeltaStep step;
    while (trial->next(step)) {
    }
    if (trial->fault() != Fault::none) return std::unexpected(Failure{trial->fault()});
  }
  return reader->result_size();
}

// Pieces are mostly short: a fixed number of bytes, where that many may be touched on both sides, costs less than a
// call that asks for the length.
static constexpr std::size_t kReach = 64;
static inline void copy_piece(std::uint8_t* to, const std::uint8_t* from, std::size_t length, bool room) {
  if (room && length <= kReach)
    std::memcpy(to, from, kReach);
  else
    std::memcpy(to, from, length);
}

Fault apply_delta(Bytes base, Bytes delta, std::span<std::uint8_t> output, std::size_t slack) {
  const Outcome<DeltaReader> reader = DeltaReader::open(delta);
  if (!reader) return reader.error().fault;
  if (reader->base_size() != base.size()) return Fault::delta_base_size;
  if (reader->result_size() != output.size()) return Fault::delta_result_size;
  std::size_t at = reader->position(), made = 0;
  const bool spare = slack >= kReach;
  DeltaStep step;
  while (at < delta.size()) { // as next() does, all state in registers
    if (const Fault fault = read_step(delta, at, step); fault != Fault::none) return fault;
    const Bytes source = step.copy ? base : delta;
    if (step.copy && step.from + step.length > base.size()) return Fault::delta_copy;
    if (step.length > output.size() - made) return Fault::delta_result_size;
    copy_piece(output.data() + made, source.data() + step.from, step.length, spare && source.size() - step.from >= kReach);
    made += step.length;
  }
  return made == output.size() ? Fault::none : Fault::delta_result_size;
}

} // namespace packscope::pack
