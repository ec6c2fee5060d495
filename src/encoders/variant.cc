// Names and numbers of variants.
#include "encoders/variant.h"

#include <algorithm>

namespace packscope::encoders {

std::string_view name(Library library) {
  static constexpr std::string_view kNames[] = {"zlib", "zlib-ng", "libdeflate", "isa-l"};
  return kNames[static_cast<std::size_t>(library)];
}

std::string_view name(Strategy strategy) {
  static constexpr std::string_view kNames[] = {"", "default", "filtered", "huffman_only", "rle", "fixed"};
  return kNames[static_cast<std::size_t>(strategy)];
}

Variant variant_of(unsigned number, unsigned window_bits) {
  Variant variant = {.window_bits = static_cast<std::uint8_t>(window_bits)};
  if (number < 2 * kZlibVariants) {
    variant.library = number < kZlibVariants ? Library::zlib : Library::zlib_ng;
    number %= kZlibVariants;
    variant.level = static_cast<std::uint8_t>(number % 10);
    variant.mem_level = static_cast<std::uint8_t>(number / 10 % 9 + 1);
    variant.strategy = static_cast<Strategy>(number / 90 + 1);
    return variant;
  }
  number -= 2 * kZlibVariants;
  variant.strategy = Strategy::none;
  if (number < 13) {
    variant.library = Library::libdeflate;
    variant.level = static_cast<std::uint8_t>(number);
    variant.mem_level = 0;
  } else {
    number -= 13;
    variant.library = Library::isa_l;
    variant.level = static_cast<std::uint8_t>(number / 5);
    variant.mem_level = static_cast<std::uint8_t>(variant.level == 0 ? 0 : number % 5 + 1);
  }
  return variant;
}

std::vector<Variant> VariantSet::list(unsigned window_bits) const {
  std::vector<Variant> all;
  for (unsigned number = 0; number < kVariants; ++number)
    if (has(number)) all.push_back(variant_of(number, window_bits));
  std::ranges::stable_partition(all, [](const Variant& one) {
    return one.library == Library::zlib && one.mem_level == 8 && one.strategy == Strategy::standard;
  });
  return all;
}

} // namespace packscope::encoders
