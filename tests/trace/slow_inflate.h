// An independent DEFLATE decoder for tests: bit by bit, canonical codes counted as in RFC 1951, 3.2.2, sharing no
// code with src/deflate. Slow on purpose; it keeps the position of every symbol.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace packscope::test {

struct SlowStream {
  struct Mark { // a literal, a match or a stored byte
    std::uint64_t bit, bit_end, out;
  };
  std::vector<std::uint8_t> text;
  std::vector<Mark> marks; // everything that makes output, in order
  std::uint64_t bit_end = 0;
};

class SlowInflate {
public:
  // `zlib`: a zlib stream, trailing bytes allowed. Throws on anything it cannot decode.
  static SlowStream run(std::span<const std::uint8_t> zlib) {
    SlowInflate state(zlib);
    state.at_ = 16;
    while (!state.block()) {}
    state.out_.bit_end = state.at_;
    return std::move(state.out_);
  }

private:
  explicit SlowInflate(std::span<const std::uint8_t> input) : input_(input) {}

  struct Code {
    std::array<unsigned, 16> count{};
    std::vector<unsigned> symbols; // in order of code
    explicit Code(const std::vector<unsigned>& lengths) {
      for (unsigned length = 1; length < 16; ++length)
        for (unsigned symbol = 0; symbol < lengths.size(); ++symbol)
          if (lengths[symbol] == length) {
            ++count[length];
            symbols.push_back(symbol);
          }
    }
  };

  unsigned bit() {
    if (at_ / 8 >= input_.size()) throw std::runtime_error("slow inflate: end of input");
    const unsigned value = input_[at_ / 8] >> (at_ % 8) & 1u;
    ++at_;
    return value;
  }
  unsigned bits(unsigned count) {
    unsigned value = 0;
    for (unsigned i = 0; i < count; ++i) value |= bit() << i;
    return value;
  }
  unsigned symbol(const Code& code) {
    unsigned value = 0, first = 0, index = 0;
    for (unsigned length = 1; length < 16; ++length) {
      value |= bit();
      const unsigned count = code.count[length];
      if (value - first < count) return code.symbols[index + (value - first)];
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    throw std::runtime_error("slow inflate: no such code");
  }

  bool block() {
    const bool final = bit() != 0;
    const unsigned type = bits(2);
    if (type == 0) stored();
    else if (type == 1) fixed();
    else if (type == 2) dynamic();
    else throw std::runtime_error("slow inflate: block type");
    return final;
  }

  void stored() {
    at_ = (at_ + 7) / 8 * 8;
    const unsigned length = bits(16);
    bits(16);
    for (unsigned i = 0; i < length; ++i) {
      out_.marks.push_back({at_, at_ + 8, out_.text.size()});
      out_.text.push_back(static_cast<std::uint8_t>(bits(8)));
    }
  }

  void fixed() {
    std::vector<unsigned> literal(288, 8);
    for (unsigned i = 144; i < 256; ++i) literal[i] = 9;
    for (unsigned i = 256; i < 280; ++i) literal[i] = 7;
    data(Code(literal), Code(std::vector<unsigned>(30, 5)));
  }

  void dynamic() {
    static constexpr unsigned kOrder[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const unsigned literals = bits(5) + 257, distances = bits(5) + 1, lengths = bits(4) + 4;
    std::vector<unsigned> meta(19, 0);
    for (unsigned i = 0; i < lengths; ++i) meta[kOrder[i]] = bits(3);
    const Code code(meta);
    std::vector<unsigned> all;
    while (all.size() < literals + distances) {
      const unsigned next = symbol(code);
      if (next < 16) all.push_back(next);
      else if (next == 16) all.insert(all.end(), 3 + bits(2), all.at(all.size() - 1));
      else all.insert(all.end(), next == 17 ? 3 + bits(3) : 11 + bits(7), 0u);
    }
    data(Code({all.begin(), all.begin() + literals}), Code({all.begin() + literals, all.end()}));
  }

  void data(const Code& literal, const Code& distance) {
    static constexpr unsigned kLengthBase[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                               31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static constexpr unsigned kLengthExtra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    for (;;) {
      const std::uint64_t begin = at_;
      const unsigned next = symbol(literal);
      if (next == 256) break;
      out_.marks.push_back({begin, at_, out_.text.size()});
      if (next < 256) {
        out_.text.push_back(static_cast<std::uint8_t>(next));
        continue;
      }
      const unsigned length = kLengthBase[next - 257] + bits(kLengthExtra[next - 257]);
      const unsigned code = symbol(distance);
      // RFC 1951, 3.2.5: bases double every two codes, extra bits grow by one.
      const unsigned extra = code < 4 ? 0 : code / 2 - 1;
      const unsigned base = code < 4 ? code + 1 : ((2 + code % 2) << extra) + 1;
      const unsigned back = base + bits(extra);
      if (back > out_.text.size()) throw std::runtime_error("slow inflate: distance");
      for (unsigned i = 0; i < length; ++i) out_.text.push_back(out_.text[out_.text.size() - back]);
      out_.marks.back().bit_end = at_;
    }
  }

  std::span<const std::uint8_t> input_;
  std::uint64_t at_ = 0;
  SlowStream out_;
};

} // namespace packscope::test
