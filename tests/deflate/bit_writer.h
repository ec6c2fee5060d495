// Streams by hand, bit by bit, for what no encoder writes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace packscope::test {

class BitWriter {
public:
  // Lowest bit first, as RFC 1951 packs everything but codewords; zeros beyond 64.
  BitWriter& bits(std::uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) bit(i < 64 && (value >> i & 1) != 0);
    return *this;
  }
  // A codeword: its highest bit first.
  BitWriter& codeword(std::uint64_t value, unsigned count) {
    for (unsigned i = count; i-- > 0;) bit(value >> i & 1);
    return *this;
  }
  // The codeword of `symbol` in the canonical code of `lengths` (RFC 1951, 3.2.2).
  BitWriter& symbol(std::span<const std::uint8_t> lengths, unsigned symbol) {
    std::uint64_t code = 0;
    for (unsigned length = 1; length <= lengths[symbol]; ++length) {
      code <<= 1;
      for (unsigned other = 0; other < lengths.size(); ++other)
        if (lengths[other] == length && (length < lengths[symbol] || other < symbol)) ++code;
    }
    return codeword(code, lengths[symbol]);
  }
  BitWriter& align() {
    while (count_ % 8 != 0) bit(false);
    return *this;
  }
  // A dynamic block's header that sends every length as it is (no repeats): a code length code of 16
  // codewords.
  BitWriter& dynamic_header(std::span<const std::uint8_t> literal, std::span<const std::uint8_t> distance,
                            bool final = true) {
    bits(final, 1).bits(2, 2).bits(literal.size() - 257, 5).bits(distance.size() - 1, 5).bits(19 - 4, 4);
    for (unsigned i = 0; i < 19; ++i) bits(i < 3 ? 0 : 4, 3); // 16, 17 and 18 come first in the order
    for (const std::uint8_t length : literal) codeword(length, 4);
    for (const std::uint8_t length : distance) codeword(length, 4);
    return *this;
  }

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  std::uint64_t count() const { return count_; }

private:
  void bit(bool value) {
    if (count_ % 8 == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | value << (count_ % 8));
    ++count_;
  }
  std::vector<std::uint8_t> bytes_;
  std::uint64_t count_ = 0;
};

} // namespace packscope::test
