// What a clue stands for: by label, the distinct repositories that vote for it and the distinct objects they vote with.
//
//   evidence     := entry+                              labels ascending by their bytes
//   entry        := length:varint label repositories objects
//   repositories := set | 0                             0: the same as the entry's before
//   objects      := set | 0
//   label        := kind:1 text                         kinds: label.h
//
// Labels are text, not numbers: two files need no common list to be joined.
// File names are without end, so of them (kind kName) an evidence keeps the kNames whose hashes are least: what the least k
// of a union are follows from the least k of its parts, so that this, too, is a join.
#pragma once

#include "lattice/distinct.h"

#include <optional>
#include <string_view>

namespace packscope::lattice {

enum class LabelKind : char {
  ast = 'a',      // a fact of the text's declarations: "struct"
  language = 'l', // "rust"
  manifest = 'm', // "cargo"
  name = 'n',     // the path's last part
};
inline constexpr std::size_t kNames = 64, kMostLabel = 256; // bytes, with its kind

struct Votes {
  std::string label;
  Distinct repositories, objects;
  bool operator==(const Votes&) const = default;
};

class Evidence {
public:
  void add(std::string_view label, Element repository, Element object);
  void join(const Votes& votes);
  void join(const Evidence& other);
  std::span<const Votes> votes() const { return votes_; }
  std::uint64_t repositories() const; // of all labels together
  bool operator==(const Evidence&) const = default;

  void encode(std::string& out) const;
  // Nullopt: nothing that encode() would have written.
  static std::optional<Evidence> decode(Bytes value);

private:
  Votes& of(std::string_view label);
  void trim(std::size_t above);
  std::vector<Votes> votes_; // sorted by label
};

// One entry after the other, reading no more of the sets than their numbers. Always into the same Entry: a set may be the one
// before.
class EvidenceReader {
public:
  explicit EvidenceReader(Bytes value) : value_(value) {}
  struct Entry {
    std::string_view label;
    DistinctView repositories, objects;
  };
  // False at the end, and where what follows is no entry. Inline: a few instructions for what is short, as nearly all is.
  bool next(Entry& entry) {
    std::uint64_t length;
    std::size_t at = at_;
    if (!take_varint(value_, at, length) || length == 0 || length > value_.size() - at) return false;
    entry.label = as_text(value_.subspan(at, length));
    at += length;
    if (!take(at, entry.repositories) || !take(at, entry.objects)) return false;
    at_ = at;
    return true;
  }
  bool whole() const { return at_ == value_.size(); }
  Bytes value() const { return value_; }

private:
  // A set, or the one before.
  bool take(std::size_t& at, DistinctView& view) const {
    if (at >= value_.size()) return false;
    if (value_[at] != 0) return skip_distinct(value_, at, view);
    ++at;
    return view.count != 0; // else none was before
  }
  Bytes value_;
  std::size_t at_ = 0;
};

} // namespace packscope::lattice
