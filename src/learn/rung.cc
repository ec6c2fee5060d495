// The table of rungs.
#include "learn/rung.h"

#include "learn/rung_r0.h"
#include "learn/rung_r1.h"
#include "learn/rung_r2.h"
#include "learn/rung_r3.h"
#include "learn/rung_text.h"

#include <algorithm>
#include <array>

namespace packscope::learn {
namespace {

constexpr std::array<Rung, 11> kRungs = {{
    {"R0", "first 16 bytes of the DEFLATE stream, each / 255", kR0Width, kR0Bytes, kR0Width, kR0SourceBytes, true, read_r0,
     kR0FoldedWidth, fold_r0},
    {"R0-bits", "first 128 bits of the DEFLATE stream, lowest of a byte first", kR0BitsWidth, kR0BitsWidth, 0,
     kR0SourceBytes, false, read_r0_bits, kR0FoldedWidth, fold_r0_bits},
    {"sizes", "inflated size and its ratio to the packed size, as the pack states them", kSizesWidth, 0, kSizesMost, 0, false,
     read_sizes},
    {"R1", "first block's type, HLIT, HDIST and HCLEN one-hot; sizes", kR1Width, kR1Most, kSizesMost, kR1SourceBytes, false, read_r1},
    {"R2", "first block's type, sizes, and the code lengths of 286 literal/length and 30 distance symbols: (16 - length) / "
           "16, and each length one-hot; of a block without any its first 4 bytes by position, 16 as a bag",
     kR2Width, kR2MostUnits, kR2MostValued, kR2SourceBytes, false, read_r2, kR2FoldedWidth, fold_r2},
    {"R2-bits", "the code lengths of R2, and the first 128 bits of the block's data, not decoded", kR2LengthsWidth + kR0BitsWidth,
     kR2MostUnits + kR0BitsWidth, kR2MostValued, kR2SourceBytes + kR0Bytes + 1, false, read_r2_bits,
     kR2FoldedLengthsWidth + kR0BitsWidth, fold_r2_bits},
    {"R3-16", "the code lengths of R2, and the first 16 symbols: each by its position, as a bag, and by pairs", kR3Width, r3_most(16),
     kR2MostValued, r3_source_bytes(16), false, read_r3<16>, kR3FoldedWidth, fold_symbols},
    {"R3-64", "the code lengths of R2, the first 16 symbols by position, the first 64 as a bag and by pairs", kR3Width, r3_most(64),
     kR2MostValued + r3_most(64), r3_source_bytes(64), false, read_r3<64>, kR3FoldedWidth, fold_more_symbols},
    {"R3-256", "the code lengths of R2, the first 16 symbols by position, the first 256 as a bag and by pairs", kR3Width, r3_most(256),
     kR2MostValued + r3_most(256), r3_source_bytes(256), false, read_r3<256>, kR3FoldedWidth, fold_more_symbols},
    {"R4", "sizes, the code lengths of R2, and of the first 512 bytes of text: bytes, triples of bytes, words, and the first line",
     kR4Width, kR2MostUnits, text_most(kR4Bytes, kR4Buckets) + kR2MostValued, SIZE_MAX, false, read_r4, kR4FoldedWidth, fold_r4},
    {"R5", "of the whole text (its first 64 KiB): sizes, bytes, triples of bytes, words, and the first line", kR5Width, 0,
     text_most(kR5Bytes, kR5Buckets) + kSizesMost, SIZE_MAX, false, read_r5},
}};

static_assert([] {
  for (const Rung& rung : kRungs)
    if (rung.width > std::size_t{1} << 16 || rung.folded_width > std::size_t{1} << 16) return false;
  return true;
}(), "a feature's index is a Unit");

bool same(std::string_view a, std::string_view b) { // ASCII case folded
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

} // namespace

std::span<const Rung> rungs() { return kRungs; }

const Rung* find_rung(std::string_view name) {
  for (const Rung& rung : kRungs)
    if (same(rung.name, name)) return &rung;
  return nullptr;
}

std::string rung_names() {
  std::string names;
  for (const Rung& rung : kRungs) names += (names.empty() ? "" : ", ") + std::string(rung.name);
  return names;
}

} // namespace packscope::learn
