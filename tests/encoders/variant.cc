// Numbers, names and sets of variants.
#include "encoders/variant.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace packscope::encoders;

TEST_CASE("a variant's number leads back to it", "[variant]") {
  std::set<Variant> all;
  for (unsigned number = 0; number < kVariants; ++number) {
    const Variant variant = variant_of(number, 12);
    if (variant.library == Library::isa_l && variant.level == 0 && number != variant_number(variant)) continue; // has one buffer
    CHECK(variant_number(variant) == number);
    CHECK(all.insert(variant).second);
  }
  CHECK(all.size() == kVariants - 4);
}

TEST_CASE("sets meet, join and list the usual variants first", "[variant]") {
  VariantSet a, b;
  const Variant usual, filtered = {.level = 6, .strategy = Strategy::filtered}, other = {.library = Library::libdeflate, .level = 12, .mem_level = 0, .strategy = Strategy::none};
  const Variant low = {.level = 6, .mem_level = 1};
  for (const Variant& one : {filtered, low, usual}) a.add(one);
  for (const Variant& one : {other, usual}) b.add(one);
  VariantSet meet = a, join = a;
  meet &= b;
  join |= b;
  CHECK(meet.list(15) == std::vector{usual});
  CHECK(join.size() == 4);
  CHECK(join.list(15).front() == usual);
  CHECK(join.list(15).back() == other);
  CHECK(VariantSet().empty());
  CHECK_FALSE(meet.empty());
  CHECK(usual.window_bits == 15);
  CHECK(meet.list(9).front().window_bits == 9);
}
