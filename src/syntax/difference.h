// Inside the room: what of one text is not in another, as edits of whole lines; a version of a file differs from one before in few places.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace packscope::syntax {

// A text by its lines; the text has to stand.
class Lines {
public:
  explicit Lines(std::string_view text);

  std::string_view text() const { return text_; }
  std::size_t size() const { return hashes_.size(); }
  // Where a line begins; of size(): the text's end.
  std::uint32_t at(std::size_t line) const { return begins_[line]; }
  bool same(std::size_t line, const Lines& other, std::size_t of_other) const {
    return hashes_[line] == other.hashes_[of_other] && content(line) == other.content(of_other);
  }
  // How much of both is the same, from 0 to kSketch: an estimate, by the smallest hash in each of as many classes ("One permutation
  // hashing", Li, Owen, Zhang 2012).
  unsigned alike(const Lines& other) const;
  static constexpr unsigned kSketch = 64;

private:
  std::string_view content(std::size_t line) const { return text_.substr(begins_[line], begins_[line + 1] - begins_[line]); }

  std::string_view text_;
  std::vector<std::uint32_t> begins_, hashes_;
  std::array<std::uint32_t, kSketch> sketch_;
};

// The bytes [old_begin, old_end) of the old text became [new_begin, new_end) of the new one.
struct Edit {
  std::uint32_t old_begin, old_end, new_begin, new_end;
};

// In order, disjoint, with a line that is the same between any two. Empty: the texts are equal. Texts that have little in common
// are one edit, or a few; time is bounded: some hundred ms at worst, for 20,000 lines each.
std::vector<Edit> difference(const Lines& from, const Lines& to);

} // namespace packscope::syntax
