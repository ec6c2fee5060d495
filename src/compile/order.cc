// A few sets of some hundred units: pairs are simply compared.
#include "compile/order.h"

#include <algorithm>

namespace packscope::compile {

std::size_t UnitSet::count() const { return static_cast<std::size_t>(std::ranges::count(bits_, true)); }

bool UnitSet::within(const UnitSet& other) const {
  for (std::size_t i = 0; i < bits_.size(); ++i)
    if (bits_[i] && !other.bits_[i]) return false;
  return true;
}

UnitSet meet(const UnitSet& a, const UnitSet& b) {
  UnitSet made(a.units());
  for (std::size_t i = 0; i < a.units(); ++i) made.bits_[i] = a.bits_[i] && b.bits_[i];
  return made;
}

UnitSet join(const UnitSet& a, const UnitSet& b) {
  UnitSet made(a.units());
  for (std::size_t i = 0; i < a.units(); ++i) made.bits_[i] = a.bits_[i] || b.bits_[i];
  return made;
}

const char* name(Relation relation) {
  switch (relation) {
  case Relation::equal: return "equal";
  case Relation::below: return "below";
  case Relation::above: return "above";
  case Relation::incomparable: return "incomparable";
  }
  return "";
}

Relation relation(const UnitSet& a, const UnitSet& b) {
  const bool below = a.within(b), above = b.within(a);
  return below && above ? Relation::equal : below ? Relation::below : above ? Relation::above : Relation::incomparable;
}

Order::Order(std::vector<Accepting> all) : all_(std::move(all)) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const auto same = std::ranges::find_if(classes_, [&](const std::vector<std::size_t>& one) { return all_[one[0]].set == all_[i].set; });
    if (same != classes_.end()) same->push_back(i);
    else classes_.push_back({i});
  }
  const auto below = [&](std::size_t a, std::size_t b) {
    return relation(all_[classes_[a][0]].set, all_[classes_[b][0]].set) == Relation::below;
  };
  for (std::size_t a = 0; a < classes_.size(); ++a)
    for (std::size_t b = 0; b < classes_.size(); ++b) {
      if (!below(a, b)) continue;
      bool between = false;
      for (std::size_t c = 0; c < classes_.size() && !between; ++c) between = below(a, c) && below(c, b);
      if (!between) covers_.push_back({a, b});
    }
}

std::optional<std::size_t> Order::smallest_above(const UnitSet& set) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (set.within(all_[i].set) && (!best || all_[i].set.count() < all_[*best].set.count())) best = i;
  return best;
}

std::optional<std::size_t> Order::largest_below(const UnitSet& set) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (all_[i].set.within(set) && (!best || all_[i].set.count() > all_[*best].set.count())) best = i;
  return best;
}

} // namespace packscope::compile
