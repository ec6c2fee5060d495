// The table of rungs.
#include "learn/rung.h"

#include "learn/rung_r0.h"
#include "learn/rung_r2.h"
#include "learn/rung_r3.h"

#include <algorithm>
#include <array>

namespace packscope::learn {
namespace {

constexpr std::array<Rung, 5> kRungs = {{
    {"R0", "first 16 bytes of the DEFLATE stream, each / 255", kR0Width, kR0SourceBytes, extract_r0},
    {"R0-bits", "first 128 bits of the DEFLATE stream, lowest of a byte first", kR0BitsWidth, kR0SourceBytes,
     extract_r0_bits},
    {"R2", "first block's type (3) and code lengths of 286 literal/length and 30 distance symbols, (16 - length) / 16, "
           "0 where unused or the block has no code of its own", kR2Width, kR2SourceBytes, extract_r2},
    {"R3-16", "R2, the first 16 symbols one by one (12 each) and their histogram (272)", kR3Width,
     r3_source_bytes(16), extract_r3<16>},
    {"R3-256", "R2, the first 16 symbols one by one (12 each) and the histogram of the first 256 (272)", kR3Width,
     r3_source_bytes(256), extract_r3<256>},
}};

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
