// First what has to stay: from outside to inside, each list's items against the edits. Then the rest of the text in one pass.
#include "syntax/rest.h"

#include <algorithm>

namespace packscope::syntax {
namespace {

constexpr std::size_t kNone = SIZE_MAX;
constexpr std::uint32_t kWorthLeavingOut = 32; // bytes

} // namespace

std::uint32_t Rest::shift(std::uint32_t old_place) const {
  const auto after = std::ranges::partition_point(edits_, [&](const Edit& edit) { return edit.old_end <= old_place; });
  return after == edits_.begin() ? 0 : after[-1].new_end - after[-1].old_end; // wraps around where the new text is shorter
}

std::uint32_t Rest::of_piece(std::uint32_t place) const {
  const auto next = std::ranges::upper_bound(borders_, place);
  if (next == borders_.begin()) return place;
  const std::size_t border = static_cast<std::size_t>(next - borders_.begin()) - 1;
  return place - borders_[border] + pieces_[border];
}

void Rest::keep(std::size_t item) {
  if (states_[item] == State::free) states_[item] = State::kept;
}

// kNone: there are none inside.
std::size_t Rest::last_inside(std::size_t item) const {
  if (items_[item].items == 1) return kNone;
  std::size_t last = item + 1;
  while (last + items_[last].items < item + items_[item].items) last += items_[last].items;
  return last;
}

// What comes behind it has changed, and may belong to it now, or to the last one in it.
void Rest::keep_open(std::size_t item) {
  for (; item != kNone; item = last_inside(item)) states_[item] = std::max(states_[item], State::open);
}

// Of the items [begin, end), which are all of one or several lists.
void Rest::settle(std::size_t begin, std::size_t end) {
  std::size_t before = kNone;
  for (std::size_t i = begin, next; i < end; i = next) {
    const Item& item = items_[i];
    next = i + item.items;
    const auto edit = std::ranges::partition_point(edits_, [&](const Edit& one) { return one.old_end <= item.start(); });
    const bool inside = edit != edits_.end() && edit->old_begin < item.end;
    if (inside) {
      settle(i + 1, next);
      states_[i] = changed(i);
      if (states_[i] == State::open) keep_open(i);
    }
    if (before == kNone) {
      if (edit != edits_.begin()) keep(i); // it may be what is before the list that has changed
    } else {
      if (states_[before] >= State::open) keep(i);
      const auto behind = std::ranges::partition_point(edits_, [&](const Edit& one) { return one.old_begin < items_[before].end; });
      if (behind < edit || states_[i] == State::doubtful) keep_open(before), keep(i);
    }
    before = i;
  }
}

// One with edits inside: are its head, and all from an item inside on, as before?
Rest::State Rest::changed(std::size_t i) const {
  const Item& item = items_[i];
  const auto first = std::ranges::partition_point(edits_, [&](const Edit& one) { return one.old_end <= item.start(); });
  const auto behind = std::ranges::partition_point(edits_, [&](const Edit& one) { return one.old_begin < item.end; });
  if (first->old_begin <= item.start()) return State::doubtful;
  const std::size_t last = last_inside(i);
  if (last == kNone) return State::open;
  const bool stays = states_[last] <= State::kept ? behind[-1].old_end <= items_[last].start()
                                                  : states_[last] == State::changed && behind[-1].old_end <= items_[last].end;
  return stays ? State::changed : State::open;
}

bool Rest::first_on_line(const Item& item) const {
  if (item.line == Item::kMidLine || item.line < 2) return false;
  const std::string_view before = old_.substr(0, item.line);
  return before.ends_with('\n') && !before.ends_with("\\\n") && !before.ends_with("\\\r\n"); // no continued line
}

std::string_view Rest::indentation(const Item& item) const { return old_.substr(item.line, item.begin - item.line); }

void Rest::know(std::size_t item) {
  const Item& one = items_[item];
  known_.push_back({static_cast<std::uint32_t>(item), one.begin + shift(one.begin) - removed_, one.end + shift(one.end) - removed_});
}

void Rest::open(std::size_t begin, std::size_t end) {
  std::size_t run = kNone;
  for (std::size_t i = begin, next; i < end; i = next) {
    next = i + items_[i].items;
    if (states_[i] == State::free && next != end && !items_[next].first) {
      if (run == kNone) run = i;
      continue;
    }
    if (run != kNone) leave_out(run, i);
    run = kNone;
    const std::size_t place = known_.size();
    const bool known = states_[i] != State::doubtful;
    if (known) know(i);
    open(i + 1, next);
    if (known) known_[place].end = states_[i] >= State::changed ? kOpen : items_[i].end + shift(items_[i].end) - removed_;
  }
}

void Rest::leave_out(std::size_t begin, std::size_t end) {
  const auto stays = [&] { know(begin), begin += items_[begin].items; };
  while (begin < end && !first_on_line(items_[begin])) stays();
  const bool lines = begin < end && first_on_line(items_[end]) && indentation(items_[begin]) == indentation(items_[end]);
  if (!lines || items_[end].line - items_[begin].line < kWorthLeavingOut) {
    while (begin < end) stays();
    return;
  }
  const std::uint32_t line = items_[begin].line, size = items_[end].line - line, moved = shift(line);
  runs_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), moved});
  text_ += new_.substr(copied_, line + moved - copied_);
  copied_ = line + moved + size;
  removed_ += size;
  borders_.push_back(static_cast<std::uint32_t>(text_.size()));
  pieces_.push_back(copied_);
}

bool Rest::make(std::span<const Item> items, std::string_view old_text, std::string_view new_text, std::span<const Edit> edits) {
  items_ = items;
  edits_ = edits;
  old_ = old_text;
  new_ = new_text;
  states_.assign(items.size(), State::free);
  text_.clear();
  known_.clear();
  runs_.clear();
  borders_.clear();
  pieces_.clear();
  removed_ = copied_ = 0;
  settle(0, items.size());
  open(0, items.size());
  if (removed_ < new_text.size() / 8) return false;
  text_ += new_text.substr(copied_);
  return true;
}

} // namespace packscope::syntax
