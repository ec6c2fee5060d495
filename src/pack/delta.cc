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

// The bytes that follow a copy's head: offset and size, little end first, only those that the head announces.
static inline bool read_copy(Bytes delta, std::size_t& at, unsigned head, DeltaStep& step) {
  constexpr std::size_t kMost = 7; // bytes after a head
  std::uint64_t from = 0, length = 0;
  const bool all_there = delta.size() - at >= kMost;
  const std::uint8_t* in = delta.data() + at;
  const std::uint8_t* const end = delta.data() + delta.size();
  const auto take = [&](unsigned bit, std::uint64_t& value, unsigned shift) {
    if ((head >> bit & 1) == 0) return true;
    if (!all_there && in == end) return false;
    value |= std::uint64_t{*in++} << shift;
    return true;
  };
  if (!take(0, from, 0) || !take(1, from, 8) || !take(2, from, 16) || !take(3, from, 24) || !take(4, length, 0) ||
      !take(5, length, 8) || !take(6, length, 16))
    return false;
  at = static_cast<std::size_t>(in - delta.data());
  step = {.copy = true, .from = from, .length = length == 0 ? 0x10000 : length};
  return true;
}

bool DeltaReader::next(DeltaStep& step) {
  if (fault_ != Fault::none) return false;
  const auto stop = [this](Fault fault) {
    fault_ = fault;
    return false;
  };
  if (at_ == delta_.size()) return made_ == result_size_ ? false : stop(Fault::delta_result_size);
  const std::uint8_t head = delta_[at_];
  if (head == 0) return stop(Fault::delta_reserved);
  std::size_t at = at_ + 1;
  if ((head & 0x80) == 0) {
    if (delta_.size() - at < head) return stop(Fault::delta_insert);
    step = {.copy = false, .from = at, .length = head};
    at += head;
  } else {
    if (!read_copy(delta_, at, head, step) || step.from + step.length > base_size_) return stop(Fault::delta_copy);
  }
  if (step.length > result_size_ - made_) return stop(Fault::delta_result_size);
  made_ += step.length;
  at_ = at;
  return true;
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

// Copies are mostly short: sixteen bytes at once, where that many may be touched on both sides, cost less than a call.
static inline void copy_bytes(std::uint8_t* to, const std::uint8_t* from, std::size_t length, bool room) {
  constexpr std::size_t kAtOnce = 16;
  if (room && length <= kAtOnce)
    std::memcpy(to, from, kAtOnce);
  else
    std::memcpy(to, from, length);
}

Fault apply_delta(Bytes base, Bytes delta, std::span<std::uint8_t> output, std::size_t slack) {
  constexpr std::size_t kReach = 16;
  Outcome<DeltaReader> reader = DeltaReader::open(delta);
  if (!reader) return reader.error().fault;
  if (reader->base_size() != base.size()) return Fault::delta_base_size;
  if (reader->result_size() != output.size()) return Fault::delta_result_size;
  std::uint8_t* to = output.data();
  const bool spare = slack >= kReach;
  DeltaStep step;
  while (reader->next(step)) {
    const Bytes source = step.copy ? base : delta;
    copy_bytes(to, source.data() + step.from, step.length, spare && source.size() - step.from >= kReach);
    to += step.length;
  }
  return reader->fault();
}

} // namespace packscope::pack
