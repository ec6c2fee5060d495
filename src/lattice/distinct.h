// How many distinct things were seen: exactly while they are few, by HyperLogLog registers above.
//
// The idea: both forms are joins (a union; a maximum by register), and which form a set has follows from the set alone, so
// that the join is commutative, associative and idempotent, bit for bit. Proof: let U be the union of all that was ever
// added to the parts. A part is in registers if and only if it holds more than kExact elements. If U holds no more than
// kExact, no part does, whatever the order of joins: all stay exact, and the result is U. If U holds more, the last join at
// the latest sees it (exact and exact: it counts the union; anything with registers: registers), and then the registers are
// the maximum over the elements of U, since those of a union are the maximum of those of its parts. Either way the result
// is a function of U; and a union has the three laws.
//
//   set       := count:varint (element:6){count}                   count <= kExact, elements ascending, big endian
//              | count:varint register:1 {kRegisters}               count > kExact: the estimate, a function of the registers
//   estimate  := P. Flajolet et al., HyperLogLog (2007); where registers are empty, linear counting
#pragma once

#include "base/bytes.h"

#include <string>
#include <vector>

namespace packscope::lattice {

// What a set holds of a thing: 48 bits of its hash.
using Element = std::uint64_t;
inline constexpr unsigned kElementBits = 48, kElementBytes = 6;
Element element_of(Bytes thing);

inline constexpr std::size_t kExact = 64;
inline constexpr unsigned kIndexBits = 9;
inline constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits; // standard error 1.04 / sqrt(512) = 4.6 %

class Distinct {
public:
  void add(Element element);
  void join(const Distinct& other);
  bool exact() const { return registers_.empty(); }
  std::uint64_t count() const;
  std::span<const Element> elements() const { return elements_; } // where exact: ascending
  bool operator==(const Distinct&) const = default;

  void encode(std::string& out) const;
  // Reads a set at `at`, which moves behind it. False: none that encode() would have written.
  static bool decode(Bytes from, std::size_t& at, Distinct& set);

private:
  void raise(Element element);
  void grow();

  std::vector<Element> elements_;        // sorted
  std::vector<std::uint8_t> registers_;  // none: exact
};

// A call that is seldom made, on copies: what nobody else may change stays in registers.
template <class Out> bool slowly(bool (*read)(Bytes, std::size_t&, Out&), Bytes from, std::size_t& at, Out& out) {
  std::size_t place = at;
  Out value = {};
  const bool done = read(from, place, value);
  at = place;
  out = value;
  return done;
}

// The number of a set and where it lies, without reading more of it.
struct DistinctView {
  std::uint64_t count = 0;
  Bytes elements = {}; // where exact: kElementBytes each
  bool holds(Element element) const;
};
bool skip_registers(Bytes from, std::size_t& at, DistinctView& view);
inline bool skip_distinct(Bytes from, std::size_t& at, DistinctView& view) {
  if (at >= from.size() || from[at] - 1u >= kExact) return slowly<DistinctView>(skip_registers, from, at, view);
  const std::size_t count = from[at], bytes = count * kElementBytes;
  if (from.size() - at - 1 < bytes) return false;
  view = {count, from.subspan(at + 1, bytes)};
  at += 1 + bytes;
  return true;
}

// Numbers of seven bits a byte, lowest first, as short as can be.
void put_varint(std::string& out, std::uint64_t number);
bool take_long_varint(Bytes from, std::size_t& at, std::uint64_t& number);
inline bool take_varint(Bytes from, std::size_t& at, std::uint64_t& number) {
  if (at >= from.size() || from[at] >= 128) return slowly<std::uint64_t>(take_long_varint, from, at, number);
  number = from[at++];
  return true;
}

} // namespace packscope::lattice
