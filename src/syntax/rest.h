// Inside the room: what of a version has to be parsed, where one before it was.
//
// The idea: a language's lists (statements of a block, members of a class) are repetitions. Where one of their items has ended, the
// parser is in the same state whichever came before, so a run of items that both versions have may be left out of the text: what is
// parsed is the rest, in which each change still stands between the items that stood around it, and each list still has its
// last. The items that were not changed are told to the walk over the rest's tree, which has to meet every one of them
// again, where it was and as it was; else, and where the rest has errors, the version is parsed as a whole. So it is where the version
// before has errors: how tree-sitter repairs one may rest on all that is before and behind it.
#pragma once

#include "syntax/difference.h"

#include <tree_sitter/api.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packscope::syntax {

// A named node directly in a list (Rules::lists), comments aside.
struct Item {
  static constexpr std::uint32_t kMidLine = UINT32_MAX;

  std::uint32_t begin, end;
  std::uint32_t line;              // where its first line begins; kMidLine: more than blanks stand there before it
  std::uint32_t items;             // itself and those inside, which come behind it
  std::uint32_t first_declaration; // of those inside: their index, or that of the next one
  std::uint32_t level;             // how many lists are around
  std::uint32_t column;            // of its list, where that tells what is in it (Rules::indented), else 0
  TSSymbol symbol, list;
  bool first;                      // in its list
  // What declarations rest on beside the text itself.
  bool local, in_type;

  std::uint32_t start() const { return line != kMidLine ? line : begin; }
};

class Rest {
public:
  // An item that has to come again: places in text(). It may end elsewhere where `end` is kOpen.
  static constexpr std::uint32_t kOpen = UINT32_MAX;
  struct Known {
    std::uint32_t item, begin, end;
  };
  // The old version's items [first, end) are left out, and `end` comes next; `shift` is how far they moved.
  struct Run {
    std::uint32_t first, end, shift;
  };

  // False where too little can be left out. What is given stands as long as this is used.
  bool make(std::span<const Item> items, std::string_view old_text, std::string_view new_text, std::span<const Edit> edits);

  std::string_view text() const { return text_; }
  std::span<const Known> known() const { return known_; } // in the text's order, outer before inner
  std::span<const Run> runs() const { return runs_; }
  // Of the new version: where what begins, or ends, at a place of text() stands.
  std::uint32_t begins(std::uint32_t place) const { return of_piece(place); }
  std::uint32_t ends(std::uint32_t place) const { return place == 0 ? 0 : of_piece(place - 1) + 1; }

private:
  enum class State : std::uint8_t {
    free,
    kept,    // beside a change; so is a list's last
    changed, // inside: it begins and ends as before
    open,    // it begins as before
    doubtful,
  };

  void settle(std::size_t begin, std::size_t end);
  State changed(std::size_t item) const;
  std::size_t last_inside(std::size_t item) const;
  void open(std::size_t begin, std::size_t end);
  void leave_out(std::size_t begin, std::size_t end);
  void know(std::size_t item);
  void keep(std::size_t item);
  void keep_open(std::size_t item);
  bool first_on_line(const Item& item) const;
  std::string_view indentation(const Item& item) const;
  std::uint32_t shift(std::uint32_t old_place) const;
  std::uint32_t of_piece(std::uint32_t place) const;

  std::span<const Item> items_;
  std::string_view old_, new_;
  std::span<const Edit> edits_;
  std::vector<State> states_;
  std::string text_;
  std::vector<Known> known_;
  std::vector<Run> runs_;
  std::vector<std::uint32_t> borders_, pieces_; // text_ up to the first border is the new text; from the next one on, that from here on
  std::uint32_t removed_ = 0, copied_ = 0; // bytes of the new text: left out so far; done with
};

} // namespace packscope::syntax
