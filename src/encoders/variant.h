// encoders: which program wrote a DEFLATE stream, and what each program's levels cost. This file: the programs' variants, and
// sets of them.
//
// The idea: what reproduces a stream bit for bit is a set of variants, a row of bits. Sets of many streams meet (and) in what
// may have written all of them; short streams, which nearly everything reproduces, take nothing away.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

namespace packscope::encoders {

enum class Library : std::uint8_t { zlib, zlib_ng, libdeflate, isa_l };
enum class Strategy : std::uint8_t { none, standard, filtered, huffman_only, rle, fixed }; // zlib.h's, in its order
std::string_view name(Library library);   // "isa-l"
std::string_view name(Strategy strategy); // "default"

struct Variant {
  Library library = Library::zlib;
  std::uint8_t level = 6;
  // zlib: memLevel 1..9. ISA-L: its level buffer, 1 (MIN) .. 5 (EXTRA_LARGE). 0: the library has no such thing.
  std::uint8_t mem_level = 8;
  Strategy strategy = Strategy::standard;
  std::uint8_t window_bits = 15; // 9..15, as the stream's header says
  auto operator<=>(const Variant&) const = default;
};

// Variants by number, without their window: 10 levels × 9 × 5 of zlib, as many of zlib-ng, libdeflate 0–12, ISA-L 0–3 × 5.
inline constexpr unsigned kZlibVariants = 10 * 9 * 5;
inline constexpr unsigned kVariants = 2 * kZlibVariants + 13 + 4 * 5;
constexpr unsigned variant_number(const Variant& variant) {
  switch (variant.library) {
  case Library::libdeflate:
    return 2 * kZlibVariants + variant.level;
  case Library::isa_l:
    return 2 * kZlibVariants + 13 + variant.level * 5u + (variant.mem_level == 0 ? 0u : variant.mem_level - 1u);
  default:
    return (variant.library == Library::zlib_ng ? kZlibVariants : 0) +
           ((static_cast<unsigned>(variant.strategy) - 1) * 9 + variant.mem_level - 1u) * 10 + variant.level;
  }
}
Variant variant_of(unsigned number, unsigned window_bits = 15);

class VariantSet {
public:
  void add(const Variant& variant) { add(variant_number(variant)); }
  void add(unsigned number) { words_[number / 64] |= std::uint64_t{1} << number % 64; }
  bool has(unsigned number) const { return words_[number / 64] >> number % 64 & 1; }
  bool has(const Variant& variant) const { return has(variant_number(variant)); }
  bool empty() const { return *this == VariantSet{}; }
  unsigned size() const {
    unsigned sum = 0;
    for (const std::uint64_t word : words_) sum += static_cast<unsigned>(std::popcount(word));
    return sum;
  }
  VariantSet& operator&=(const VariantSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  VariantSet& operator|=(const VariantSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  // In the order of their numbers, but zlib's defaults (memLevel 8, default strategy) first.
  std::vector<Variant> list(unsigned window_bits) const;
  auto operator<=>(const VariantSet&) const = default;

private:
  std::array<std::uint64_t, (kVariants + 63) / 64> words_ = {};
};

} // namespace packscope::encoders
