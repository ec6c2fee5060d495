// Exact sets, registers, and the one estimate of both.
#include "lattice/distinct.h"

#include "lattice/dimension.h"

#include <algorithm>
#include <array>
#include <bit>

namespace packscope::lattice {
namespace {

constexpr unsigned kMostRank = kElementBits - kIndexBits + 1;

// With z of m registers empty: how many draws it takes on average until no more than z are. The sum is exact to the last
// bit everywhere, as a logarithm from a library is not.
constexpr std::array<std::uint64_t, kRegisters + 1> kByEmpty = [] {
  std::array<std::uint64_t, kRegisters + 1> counts = {};
  double sum = 0;
  for (std::size_t empty = kRegisters; empty-- > 0;) {
    sum += static_cast<double>(kRegisters) / static_cast<double>(empty + 1);
    counts[empty] = static_cast<std::uint64_t>(sum + 0.5);
  }
  return counts;
}();

// 2^-rank.
constexpr std::array<double, kMostRank + 1> kShare = [] {
  std::array<double, kMostRank + 1> shares = {};
  double share = 1;
  for (double& one : shares) {
    one = share;
    share /= 2;
  }
  return shares;
}();

std::uint64_t estimate(std::span<const std::uint8_t> registers) {
  constexpr double m = kRegisters;
  constexpr double alpha = 0.7213 / (1 + 1.079 / m);
  double sum = 0; // of at most 512 powers of two down to 2^-40: exact in any order
  std::size_t empty = 0;
  for (const std::uint8_t rank : registers) {
    sum += kShare[rank];
    empty += rank == 0;
  }
  const double harmonic = alpha * m * m / sum;
  const std::uint64_t count = harmonic <= 2.5 * m && empty != 0 ? kByEmpty[empty] : static_cast<std::uint64_t>(harmonic + 0.5);
  return std::max<std::uint64_t>(count, kExact + 1); // it is known to be more
}

Element load_element(const std::uint8_t* at) {
  return std::uint64_t{load_be<std::uint32_t>(at)} << 16 | load_be<std::uint16_t>(at + 4);
}

} // namespace

Element element_of(Bytes thing) { return hash_bytes(thing, 1) >> (64 - kElementBits); }

void Distinct::raise(Element element) {
  const std::size_t index = element >> (kElementBits - kIndexBits);
  const std::uint64_t rest = element << (64 - kElementBits + kIndexBits);
  const std::uint8_t rank = static_cast<std::uint8_t>(std::min<unsigned>(static_cast<unsigned>(std::countl_zero(rest)) + 1, kMostRank));
  registers_[index] = std::max(registers_[index], rank);
}

void Distinct::grow() {
  registers_.assign(kRegisters, 0);
  for (const Element element : elements_) raise(element);
  elements_ = {};
}

void Distinct::add(Element element) {
  if (!exact()) return raise(element);
  if (elements_.empty() || elements_.back() < element) elements_.push_back(element);
  else {
    const auto at = std::ranges::lower_bound(elements_, element);
    if (*at == element) return;
    elements_.insert(at, element);
  }
  if (elements_.size() > kExact) grow();
}

void Distinct::join(const Distinct& other) {
  if (other.exact()) {
    for (const Element element : other.elements_) add(element);
    return;
  }
  if (exact()) grow();
  for (std::size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::uint64_t Distinct::count() const { return exact() ? elements_.size() : estimate(registers_); }

void Distinct::encode(std::string& out) const {
  put_varint(out, count());
  for (const Element element : elements_)
    for (unsigned shift = kElementBits; shift > 0;) out.push_back(static_cast<char>(element >> (shift -= 8) & 255));
  out.append(registers_.begin(), registers_.end());
}

bool Distinct::decode(Bytes from, std::size_t& at, Distinct& set) {
  set = {};
  DistinctView view;
  if (!skip_distinct(from, at, view)) return false;
  if (view.count <= kExact) {
    for (std::size_t i = 0; i < view.elements.size(); i += kElementBytes) {
      const Element element = load_element(view.elements.data() + i);
      if (!set.elements_.empty() && set.elements_.back() >= element) return false;
      set.elements_.push_back(element);
    }
    return true;
  }
  const Bytes registers = from.subspan(at - kRegisters, kRegisters);
  if (std::ranges::max(registers) > kMostRank) return false;
  set.registers_.assign(registers.begin(), registers.end());
  return estimate(registers) == view.count;
}

bool DistinctView::holds(Element element) const {
  for (std::size_t i = 0; i < elements.size(); i += kElementBytes)
    if (load_element(elements.data() + i) == element) return true;
  return false;
}

bool skip_registers(Bytes from, std::size_t& at, DistinctView& view) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 52; // registers tell of fewer
  if (!take_varint(from, at, view.count) || view.count <= kExact || view.count >= kMost || from.size() - at < kRegisters) return false;
  view.elements = {};
  at += kRegisters;
  return true;
}

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 128; number >>= 7) out.push_back(static_cast<char>(number | 128));
  out.push_back(static_cast<char>(number));
}

bool take_long_varint(Bytes from, std::size_t& at, std::uint64_t& number) {
  number = 0;
  for (unsigned shift = 0; shift < 63 && at < from.size(); shift += 7) {
    const std::uint8_t byte = from[at++];
    number |= std::uint64_t{byte & 127u} << shift;
    if (byte < 128) return byte != 0 || shift == 0;
  }
  return false;
}

} // namespace packscope::lattice
