// Reads bits in DEFLATE order (RFC 1951, 3.1.1: least significant bit of a byte first) and knows where it is.
//
// The idea: keep up to 64 bits in a register and refill whole words, so that a symbol costs a shift and a mask.
// Past the end of the input the reader supplies zeros and `overran()` turns true: a decoder checks once a
// symbol instead of once a bit. Allocates nothing and calls nothing.
#pragma once

#include "base/bytes.h"

namespace packscope {

class BitReader {
public:
  // Bit 0 is the lowest bit of input[0]; `position` starts there.
  explicit BitReader(Bytes input, std::uint64_t first_bit = 0)
      : data_(input.data()), size_(input.size()), next_(first_bit / 8 < size_ ? first_bit / 8 : size_),
        past_(first_bit / 8 < size_ ? 0 : first_bit / 8 - size_) {
    refill();
    if (first_bit % 8 != 0) consume(static_cast<unsigned>(first_bit % 8));
  }

  // At least 56 bits are in the register after this, zeros past the end of the input.
  void refill() {
    if (next_ + 8 <= size_) {
      word_ |= load_le<std::uint64_t>(data_ + next_) << count_;
      const unsigned taken = (63 - count_) >> 3;
      next_ += taken;
      count_ += taken * 8;
      return;
    }
    while (count_ <= 56) {
      if (next_ < size_) word_ |= static_cast<std::uint64_t>(data_[next_++]) << count_;
      else ++past_;
      count_ += 8;
    }
  }

  // The next `bits` <= 56 bits without taking them; call refill() first where fewer may be held.
  std::uint64_t peek(unsigned bits) const { return word_ & ((std::uint64_t{1} << bits) - 1); }
  std::uint64_t peek_word() const { return word_; }
  void consume(unsigned bits) {
    word_ >>= bits;
    count_ -= bits;
  }
  std::uint64_t take(unsigned bits) { // bits <= 56
    if (count_ < bits) refill();
    const std::uint64_t value = peek(bits);
    consume(bits);
    return value;
  }
  unsigned held() const { return count_; }

  // Bits consumed so far, counted from bit 0 of the input.
  std::uint64_t position() const { return (next_ + past_) * 8 - count_; }
  std::uint64_t size() const { return std::uint64_t{size_} * 8; }
  bool overran() const { return past_ != 0 && position() > size(); }

private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t next_;     // first byte not yet in the register
  std::uint64_t past_;   // zero bytes supplied past the end
  std::uint64_t word_ = 0;
  unsigned count_ = 0;   // bits valid in word_
};

} // namespace packscope
