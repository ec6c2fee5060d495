// The table of rungs.
#include "learn/rung.h"

#include "learn/rung_stream.h"
#include "learn/rung_text.h"

#include <algorithm>
#include <array>

namespace packscope::learn {
namespace {

constexpr std::array<Rung, 2> kTextRungs = {{
    {"R4", "sizes, the code lengths of R2, and of the first 512 bytes of text: bytes, triples of bytes, words, and the first line",
     kR4Width, kR2MostUnits, text_most(kR4Bytes, kR4Buckets) + kR2MostValued, SIZE_MAX, false, read_r4, kR4FoldedWidth, fold_r4},
    {"R5", "of the whole text (its first 64 KiB): sizes, bytes, triples of bytes, words, and the first line", kR5Width, 0,
     text_most(kR5Bytes, kR5Buckets) + kSizesMost, SIZE_MAX, false, read_r5, 0, nullptr, true},
}};

constexpr std::array<Rung, kStreamRungs.size() + kTextRungs.size()> kRungs = [] {
  std::array<Rung, kStreamRungs.size() + kTextRungs.size()> all = {};
  std::ranges::copy(kTextRungs, std::ranges::copy(kStreamRungs, all.begin()).out);
  return all;
}();

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
