// Sets that become registers: the three laws, the count, and bytes that are no set.
#include "lattice/distinct.h"

#include "learn/random.h"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <set>

using namespace packscope;
using namespace packscope::lattice;

namespace {

std::string encoded(const Distinct& set) {
  std::string out;
  set.encode(out);
  return out;
}
Element number(std::uint64_t i) { return element_of(as_bytes(std::to_string(i))); }

Distinct random_set(learn::Random& random) {
  Distinct set;
  const unsigned many = random.below(3) == 0 ? static_cast<unsigned>(kExact) - 2 + random.below(5) : random.below(150);
  for (unsigned i = 0; i < many; ++i) set.add(number(random.below(160)));
  return set;
}

Distinct joined(Distinct a, const Distinct& b) {
  a.join(b);
  return a;
}

} // namespace

TEST_CASE("join is commutative, associative and idempotent, bit for bit", "[distinct]") {
  learn::Random random(1);
  for (unsigned round = 0; round < 3000; ++round) {
    const Distinct a = random_set(random), b = random_set(random), c = random_set(random);
    REQUIRE(encoded(joined(a, b)) == encoded(joined(b, a)));
    REQUIRE(encoded(joined(joined(a, b), c)) == encoded(joined(a, joined(b, c))));
    REQUIRE(encoded(joined(a, a)) == encoded(a));
    REQUIRE(encoded(joined(joined(a, b), b)) == encoded(joined(a, b)));
  }
}

TEST_CASE("however elements come, and through whatever parts, the set is the same", "[distinct]") {
  learn::Random random(2);
  for (unsigned round = 0; round < 300; ++round) {
    const unsigned many = 1 + random.below(192);
    Distinct whole;
    std::vector<Distinct> parts(1 + random.below(6));
    std::set<Element> all;
    for (unsigned i = 0; i < many; ++i) {
      const Element element = number(random.below(128));
      all.insert(element);
      whole.add(element);
      parts[random.below(static_cast<std::uint32_t>(parts.size()))].add(element);
    }
    Distinct joined_parts;
    while (!parts.empty()) {
      const std::size_t which = random.below(static_cast<std::uint32_t>(parts.size()));
      joined_parts.join(parts[which]);
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(which));
    }
    REQUIRE(encoded(joined_parts) == encoded(whole));
    REQUIRE(whole.exact() == (all.size() <= kExact));
    if (whole.exact()) REQUIRE(whole.count() == all.size());
    else REQUIRE(whole.count() > kExact);
  }
}

TEST_CASE("the estimate is within five standard errors up to a million", "[distinct]") {
  Distinct set;
  std::uint64_t next = 100;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) {
    set.add(number(i));
    if (i != next) continue;
    next = next * 17 / 10;
    INFO(i << " counted as " << set.count());
    CHECK(std::abs(static_cast<double>(set.count()) / static_cast<double>(i) - 1) < 5 * 1.04 / std::sqrt(512.0));
  }
}

TEST_CASE("what was encoded is decoded, and nothing else is", "[distinct]") {
  learn::Random random(3);
  for (unsigned round = 0; round < 500; ++round) {
    Distinct set = random_set(random);
    set.add(number(1));
    std::string bytes = encoded(set);
    std::size_t at = 0;
    Distinct back;
    REQUIRE(Distinct::decode(as_bytes(bytes), at, back));
    REQUIRE(at == bytes.size());
    REQUIRE(back == set);
    at = 0;
    REQUIRE_FALSE(Distinct::decode(as_bytes(bytes).first(bytes.size() - 1), at, back));
    // Whatever a broken byte makes of it: what is accepted is written the same again.
    bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] ^= static_cast<char>(1 << random.below(8));
    at = 0;
    if (Distinct::decode(as_bytes(bytes), at, back)) REQUIRE(encoded(back) == bytes.substr(0, at));
  }
}

TEST_CASE("numbers of any size are one varint each", "[distinct]") {
  for (const std::uint64_t number : {0ull, 1ull, 127ull, 128ull, 16383ull, 16384ull, (1ull << 62)}) {
    std::string bytes;
    put_varint(bytes, number);
    std::size_t at = 0;
    std::uint64_t back = 1;
    CHECK(take_varint(as_bytes(bytes), at, back));
    CHECK(back == number);
  }
  std::size_t at = 0;
  std::uint64_t back;
  CHECK_FALSE(take_varint(as_bytes(std::string("\x80\x00", 2)), at, back)); // longer than need be
}
