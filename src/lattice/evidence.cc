// Votes by label; see evidence.h for the grammar.
#include "lattice/evidence.h"

#include "lattice/dimension.h"

#include <algorithm>

namespace packscope::lattice {

Votes& Evidence::of(std::string_view label) {
  if (votes_.empty() || votes_.back().label < label) return votes_.emplace_back(Votes{std::string(label), {}, {}});
  if (votes_.back().label == label) return votes_.back();
  const auto at = std::ranges::lower_bound(votes_, label, {}, [](const Votes& one) { return std::string_view(one.label); });
  if (at->label == label) return *at;
  return *votes_.insert(at, Votes{std::string(label), {}, {}});
}

void Evidence::add(std::string_view label, Element repository, Element object) {
  Votes& votes = of(label);
  votes.repositories.add(repository);
  votes.objects.add(object);
  trim(2 * kNames);
}

void Evidence::join(const Votes& theirs) {
  Votes& votes = of(theirs.label);
  votes.repositories.join(theirs.repositories);
  votes.objects.join(theirs.objects);
}

void Evidence::join(const Evidence& other) {
  for (const Votes& theirs : other.votes_) join(theirs);
  trim(kNames);
}

// Names are the last kind: they stand at the end.
void Evidence::trim(std::size_t above) {
  static_assert(LabelKind::name > LabelKind::manifest && LabelKind::name > LabelKind::language && LabelKind::name > LabelKind::ast);
  if (votes_.size() <= above) return;
  const auto first = std::ranges::find_if(votes_, [](const Votes& one) { return one.label[0] == static_cast<char>(LabelKind::name); });
  if (static_cast<std::size_t>(votes_.end() - first) <= above) return;
  std::vector<std::pair<std::uint64_t, std::string_view>> order;
  for (auto at = first; at != votes_.end(); ++at) order.emplace_back(hash_bytes(as_bytes(at->label)), at->label);
  std::ranges::nth_element(order, order.begin() + kNames - 1);
  const std::pair<std::uint64_t, std::string_view> last = order[kNames - 1];
  votes_.erase(std::remove_if(first, votes_.end(), [&](const Votes& one) {
    return std::pair(hash_bytes(as_bytes(one.label)), std::string_view(one.label)) > last;
  }), votes_.end());
}

std::uint64_t Evidence::repositories() const {
  if (votes_.size() == 1) return votes_[0].repositories.count();
  Distinct all;
  for (const Votes& votes : votes_) all.join(votes.repositories);
  return all.count();
}

void Evidence::encode(std::string& out) const {
  Evidence trimmed;
  if (votes_.size() > kNames) {
    trimmed = *this;
    trimmed.trim(kNames);
  }
  const Votes* before = nullptr;
  for (const Votes& votes : trimmed.votes_.empty() ? votes_ : trimmed.votes_) {
    put_varint(out, votes.label.size());
    out += votes.label;
    if (before != nullptr && before->repositories == votes.repositories) out.push_back('\0');
    else votes.repositories.encode(out);
    if (before != nullptr && before->objects == votes.objects) out.push_back('\0');
    else votes.objects.encode(out);
    before = &votes;
  }
}

std::optional<Evidence> Evidence::decode(Bytes value) {
  Evidence evidence;
  std::size_t at = 0, names = 0;
  // A set, or the one before; the same set must not be spelled out again.
  const auto take = [&](Distinct& set, const Distinct* before) {
    if (at < value.size() && value[at] == 0) {
      if (before == nullptr) return false;
      ++at;
      set = *before;
      return true;
    }
    return Distinct::decode(value, at, set) && (before == nullptr || set != *before);
  };
  while (at < value.size()) {
    std::uint64_t length;
    if (!take_varint(value, at, length) || length == 0 || length > kMostLabel || length > value.size() - at) return std::nullopt;
    Votes votes{std::string(as_text(value.subspan(at, length))), {}, {}};
    at += length;
    const Votes* before = evidence.votes_.empty() ? nullptr : &evidence.votes_.back();
    if (before != nullptr && before->label >= votes.label) return std::nullopt;
    if (votes.label[0] == static_cast<char>(LabelKind::name) && ++names > kNames) return std::nullopt;
    if (!take(votes.repositories, before ? &before->repositories : nullptr)) return std::nullopt;
    if (!take(votes.objects, before ? &before->objects : nullptr)) return std::nullopt;
    evidence.votes_.push_back(std::move(votes));
  }
  if (evidence.votes_.empty()) return std::nullopt;
  return evidence;
}

} // namespace packscope::lattice
