// Delta instructions; see delta.h for the grammar.
//
// Bounds idiom: an instruction's own bytes are checked before they are read, its output against what is left
// of the stated result before it is written, its source against the base. All in 64 bits: offset (32 bits) +
// size (24 bits) cannot wrap.
#include "pack/delta.h"

#include <array>
#include <bit>

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
  constexpr std::size_t kLeast = 4; // git's DELTA_SIZE_MIN: it neither makes nor takes a shorter one
  if (delta.size() < kLeast) return std::unexpected(Failure{Fault::delta_header});
  if (!read_size(delta, reader.at_, reader.base_size_) || !read_size(delta, reader.at_, reader.result_size_))
    return std::unexpected(Failure{Fault::delta_header});
  return reader;
}

// Where a copy's bytes stand in a word that is read at once, if offset and size are unbroken runs from their lowest
// byte up: most are, but for those with a zero byte in the middle, which is left out.
struct CopyForm {
  bool unbroken;
  std::uint8_t bytes, offset_bits;
  std::uint32_t size_mask;
  std::uint64_t offset_mask;
};
static constexpr std::array<CopyForm, 128> kCopyForms = [] {
  std::array<CopyForm, 128> forms = {};
  for (unsigned head = 0; head < forms.size(); ++head) {
    const unsigned offset = head & 15, size = head >> 4;
    const unsigned offset_bytes = static_cast<unsigned>(std::popcount(offset)), size_bytes = static_cast<unsigned>(std::popcount(size));
    forms[head] = {.unbroken = (offset & (offset + 1)) == 0 && (size & (size + 1)) == 0,
                   .bytes = static_cast<std::uint8_t>(offset_bytes + size_bytes),
                   .offset_bits = static_cast<std::uint8_t>(8 * offset_bytes),
                   .size_mask = (std::uint32_t{1} << 8 * size_bytes) - 1,
                   .offset_mask = (std::uint64_t{1} << 8 * offset_bytes) - 1};
  }
  return forms;
}();

// A copy's offset and size, at `in`, which passes them. `whole`: eight bytes may be read there, though not all of them
// need be the delta's. False: the delta ends before them.
static inline bool read_copy(unsigned head, const std::uint8_t*& in, const std::uint8_t* end, bool whole, std::uint64_t& from,
                             std::uint64_t& length) {
  const CopyForm& form = kCopyForms[head & 0x7f];
  from = length = 0;
  if (form.unbroken && whole) {
    if (end - in < form.bytes) return false;
    const std::uint64_t word = load_le<std::uint64_t>(in);
    from = word & form.offset_mask;
    length = word >> form.offset_bits & form.size_mask;
    in += form.bytes;
  } else {
    for (unsigned bit = 0; bit < 7; ++bit) {
      if ((head >> bit & 1) == 0) continue;
      if (in == end) return false;
      (bit < 4 ? from : length) |= std::uint64_t{*in++} << (8 * (bit < 4 ? bit : bit - 4));
    }
  }
  if (length == 0) length = 0x10000;
  return true;
}

// One instruction at `at`, which it passes. Nothing is checked against base or result here.
static Fault read_step(Bytes delta, std::size_t& at, DeltaStep& step) {
  const std::uint8_t* in = delta.data() + at;
  const std::uint8_t* const end = delta.data() + delta.size();
  const unsigned head = *in++;
  step.copy = (head & 0x80) != 0;
  if (step.copy) {
    if (!read_copy(head, in, end, end - in >= 8, step.from, step.length)) return Fault::delta_copy;
  } else {
    if (head == 0) return Fault::delta_reserved;
    if (static_cast<std::size_t>(end - in) < head) return Fault::delta_insert;
    step.from = at + 1;
    step.length = head;
    in += head;
  }
  at = static_cast<std::size_t>(in - delta.data());
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

// Pieces are mostly short: whole steps of a fixed size cost less than a call that asks for the length. They touch up to
// a step less one byte behind the piece.
template <bool kSpare>
static inline void copy_piece(std::uint8_t* to, const std::uint8_t* from, std::size_t length) {
  constexpr std::size_t kFew = 8 * kDeltaSlack;
  if (!kSpare || length > kFew) {
    std::memcpy(to, from, length);
    return;
  }
  std::size_t done = 0;
  do {
    std::memcpy(to + done, from + done, kDeltaSlack);
    done += kDeltaSlack;
  } while (done < length);
}

// As DeltaReader does, all state in registers. kSpare: kDeltaSlack bytes behind base, delta and output may be touched.
template <bool kSpare>
static Fault apply(Bytes base, Bytes delta, std::span<std::uint8_t> output) {
  const std::uint8_t* in = delta.data();
  const std::uint8_t* const end = in + delta.size();
  std::uint8_t* out = output.data();
  std::size_t left = output.size();
  while (in != end) {
    const unsigned head = *in++;
    if ((head & 0x80) != 0) {
      std::uint64_t from, length;
      if (!read_copy(head, in, end, kSpare || end - in >= 8, from, length)) return Fault::delta_copy;
      if (from + length > base.size()) return Fault::delta_copy;
      if (length > left) return Fault::delta_result_size;
      copy_piece<kSpare>(out, base.data() + from, length);
      out += length;
      left -= length;
    } else {
      if (head == 0) return Fault::delta_reserved;
      if (static_cast<std::size_t>(end - in) < head) return Fault::delta_insert;
      if (head > left) return Fault::delta_result_size;
      copy_piece<kSpare>(out, in, head);
      in += head;
      out += head;
      left -= head;
    }
  }
  return left == 0 ? Fault::none : Fault::delta_result_size;
}

Fault apply_delta(Bytes base, Bytes delta, std::span<std::uint8_t> output, std::size_t slack) {
  const Outcome<DeltaReader> reader = DeltaReader::open(delta);
  if (!reader) return reader.error().fault;
  if (reader->base_size() != base.size()) return Fault::delta_base_size;
  if (reader->result_size() != output.size()) return Fault::delta_result_size;
  const Bytes instructions = delta.subspan(reader->position());
  return slack >= kDeltaSlack ? apply<true>(base, instructions, output) : apply<false>(base, instructions, output);
}

} // namespace packscope::pack
