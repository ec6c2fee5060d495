// zlib's memory as the model: a text belongs to the class whose preset dictionary compresses it into the fewest bits.
//
// The idea (Frank, Chui, Witten 2000; Benedetto, Caglioti, Loreto 2002): a compressor that has just seen Rust needs few bits
// for more Rust. deflateSetDictionary() is that memory; nothing is trained. A peer to measure the ladder by, not a rung of it:
// its answer costs millions of instructions, as every class compresses the text anew.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace packscope::learn {

class Dictionaries {
public:
  static constexpr std::size_t kText = 512;      // bytes of a text that are compressed
  static constexpr std::size_t kBytes = 32506;   // of a dictionary: what zlib uses of one, 2^15 - 262
  static constexpr std::size_t kTexts = (kBytes + kText - 1) / kText; // beginnings of texts that fill it

  // By class, the beginnings of some of its texts; the last are the nearest, and so the cheapest to refer to. A class without
  // texts is never said.
  explicit Dictionaries(const std::vector<std::vector<std::vector<std::uint8_t>>>& texts);
  // By class, a dictionary as it is; of a longer one its end, which is what zlib can refer to.
  explicit Dictionaries(const std::vector<std::vector<std::uint8_t>>& dictionaries);
  Dictionaries(Dictionaries&&) noexcept;
  ~Dictionaries();

  struct Answer {
    std::uint32_t label = 0;
    float confidence = 0; // 2^-bits of the class, of all classes' sum: far too sure, as such likelihoods are
  };
  // Of the text's first kText bytes. Safe from any thread.
  Answer answer(Bytes text) const;
  std::vector<std::uint64_t> bits(Bytes text) const; // by class; UINT64_MAX: no dictionary

private:
  struct State;
  std::unique_ptr<State> state_;
};

// The first `limit` bytes of a zlib stream's text, or as many as there are.
std::vector<std::uint8_t> inflate_beginning(Bytes zlib, std::size_t limit);

} // namespace packscope::learn
