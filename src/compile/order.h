// The lattice of compilers: each is the set of what it accepts, and sets are ordered by inclusion.
//
// Meet and join are intersection and union. The compilers themselves are only some of the sets: a meet or a join may be no
// compiler's, and then there is a best one below or above it, or none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace packscope::compile {

class UnitSet {
public:
  explicit UnitSet(std::size_t units = 0) : bits_(units) {}
  void add(std::size_t unit) { bits_[unit] = true; }
  bool has(std::size_t unit) const { return bits_[unit]; }
  std::size_t units() const { return bits_.size(); }
  std::size_t count() const;
  bool within(const UnitSet& other) const; // of the same number of units
  bool operator==(const UnitSet&) const = default;

  friend UnitSet meet(const UnitSet& a, const UnitSet& b);
  friend UnitSet join(const UnitSet& a, const UnitSet& b);

private:
  std::vector<bool> bits_;
};

enum class Relation : std::uint8_t { equal, below, above, incomparable };
const char* name(Relation relation);
Relation relation(const UnitSet& a, const UnitSet& b);

struct Accepting {
  std::string name;
  UnitSet set;
};

class Order {
public:
  explicit Order(std::vector<Accepting> all);

  const std::vector<Accepting>& all() const { return all_; }
  // Those that accept the same, by index, in the order given; and the classes that are covered: below with none between.
  const std::vector<std::vector<std::size_t>>& classes() const { return classes_; }
  struct Cover {
    std::size_t below, above; // classes
  };
  const std::vector<Cover>& covers() const { return covers_; }
  // Of those that accept all of `set` the one that accepts least; of equals the first. Null: none does.
  std::optional<std::size_t> smallest_above(const UnitSet& set) const;
  // Of those that accept nothing outside of `set` the one that accepts most.
  std::optional<std::size_t> largest_below(const UnitSet& set) const;

private:
  std::vector<Accepting> all_;
  std::vector<std::vector<std::size_t>> classes_;
  std::vector<Cover> covers_;
};

} // namespace packscope::compile
