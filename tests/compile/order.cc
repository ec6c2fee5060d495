// The lattice of accepted sets, on sets made by hand.
#include "compile/order.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using compile::Order;
using compile::Relation;
using compile::UnitSet;

namespace {

UnitSet set_of(const std::string& units) { // "1.11": units 0, 2 and 3 of four
  UnitSet made(units.size());
  for (std::size_t i = 0; i < units.size(); ++i)
    if (units[i] == '1') made.add(i);
  return made;
}
std::vector<UnitSet> all_of_four() {
  std::vector<UnitSet> all;
  for (unsigned bits = 0; bits < 16; ++bits) {
    UnitSet one(4);
    for (unsigned i = 0; i < 4; ++i)
      if ((bits >> i & 1) != 0) one.add(i);
    all.push_back(one);
  }
  return all;
}

} // namespace

TEST_CASE("meet and join are commutative, associative, idempotent, and absorb each other") {
  const std::vector<UnitSet> all = all_of_four();
  bool holds = true;
  for (const UnitSet& a : all) {
    holds = holds && meet(a, a) == a && join(a, a) == a;
    for (const UnitSet& b : all) {
      holds = holds && meet(a, b) == meet(b, a) && join(a, b) == join(b, a);
      holds = holds && meet(a, join(a, b)) == a && join(a, meet(a, b)) == a;
      // The order is that of the lattice: a is within b just if their meet is a, or their join b.
      holds = holds && a.within(b) == (meet(a, b) == a) && a.within(b) == (join(a, b) == b);
      for (const UnitSet& c : all) holds = holds && meet(a, meet(b, c)) == meet(meet(a, b), c) && join(a, join(b, c)) == join(join(a, b), c);
    }
  }
  CHECK(holds);
  CHECK(meet(set_of("110."), set_of("011.")) == set_of(".1.."));
  CHECK(join(set_of("110."), set_of("011.")) == set_of("111."));
  CHECK(join(set_of("110."), set_of("011.")).count() == 3);
}

TEST_CASE("relations are those of sets") {
  CHECK(relation(set_of("1.1"), set_of("1.1")) == Relation::equal);
  CHECK(relation(set_of("1.."), set_of("1.1")) == Relation::below);
  CHECK(relation(set_of("111"), set_of("1.1")) == Relation::above);
  CHECK(relation(set_of("11."), set_of(".11")) == Relation::incomparable);
  CHECK(std::string(name(Relation::incomparable)) == "incomparable");
}

TEST_CASE("who accepts the same is one class, and only neighbours are joined by a line") {
  const Order order({{"mescc", set_of("1...")}, {"tcc", set_of("11..")}, {"gcc -O0", set_of("1111")}, {"gcc -O2", set_of("1111")}, {"clang", set_of("1.1.")}});
  REQUIRE(order.classes().size() == 4);
  CHECK(order.classes()[2] == std::vector<std::size_t>{2, 3});
  std::vector<std::pair<std::size_t, std::size_t>> lines;
  for (const Order::Cover& cover : order.covers()) lines.push_back({cover.below, cover.above});
  CHECK(lines == std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {0, 3}, {1, 2}, {3, 2}}); // mescc to gcc is none
}

TEST_CASE("the smallest compiler for two, and the largest within both; or none") {
  const Order order({{"a", set_of("11..")}, {"b", set_of(".11.")}, {"both", set_of("111.")}, {"more", set_of("1111")}, {"low", set_of(".1..")}});
  CHECK(order.smallest_above(join(set_of("11.."), set_of(".11."))) == 2);
  CHECK(order.largest_below(meet(set_of("11.."), set_of(".11."))) == 4);
  const Order apart({{"a", set_of("11..")}, {"b", set_of("..11")}});
  CHECK(!apart.smallest_above(set_of("1111")));
  CHECK(!apart.largest_below(set_of("....")));
  CHECK(apart.covers().empty());
}
