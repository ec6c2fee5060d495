// One pass over the tree with a cursor and a stack of our own: trees of real texts are 20 deep, hostile ones
// a million, and recursion would overflow.
//
// The idea: `at_` is the end of what has been given out. Before a node begins and before it ends, whatever lies
// between `at_` and there and is no white space becomes a token of the node around it: grammars hide some leaves
// (the content of a TOML string, a line continuation, a byte order mark), and every byte that is no white space is
// to lie in exactly one token.
#include "syntax/walk.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace packscope::syntax {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Long enough for any name; without a bound, names of nested declarations would grow with the square of the depth.
constexpr std::size_t kMaxName = 256;

// A name on one line: white space becomes single blanks.
std::string tidy(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (!is_space(c)) name += c;
    else if (!name.empty() && name.back() != ' ') name += ' ';
    if (name.size() > kMaxName) break;
  }
  if (name.size() > kMaxName) { // cut before a character, not inside (UTF-8's continuation bytes are 10xxxxxx)
    std::size_t end = kMaxName;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    name.resize(end);
  }
  while (name.ends_with(' ')) name.pop_back();
  return name;
}

class Walk {
public:
  Walk(const NodeTypes& types, std::string_view text, Parser::Want want, Parsed& out) : types_(types), text_(text), want_(want), out_(out) {}
  // `rest` and `before`: null, or of the version's rest.
  Walk(const NodeTypes& types, std::string_view text, Version& out, const Rest* rest, const Version* before)
      : types_(types), text_(text), want_{.tokens = false, .declarations = true}, out_(out.parsed), version_(&out), rest_(rest), before_(before) {}

  // False: the rest of a version, and not all came that has to come again.
  bool run(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    for (bool more = true; more && !failed_;) {
      const TSNode node = ts_tree_cursor_current_node(&cursor);
      enter(node);
      if (!types_.whole(frames_.back().symbol) && ts_tree_cursor_goto_first_child(&cursor)) continue;
      emit_leaf(node);
      leave();
      while (more && !ts_tree_cursor_goto_next_sibling(&cursor)) {
        more = ts_tree_cursor_goto_parent(&cursor);
        if (more) leave();
      }
    }
    ts_tree_cursor_delete(&cursor);
    emit_gap(static_cast<std::uint32_t>(text_.size()), ts_node_symbol(root)); // what follows the root's last leaf
    return !failed_ && (rest_ == nullptr || (next_known_ == rest_->known().size() && next_run_ == rest_->runs().size()));
  }

private:
  // One per level of the tree.
  struct Frame {
    std::uint32_t begin, end;
    TSSymbol symbol;
    bool local;     // inside a function
    bool declares;  // open_ has an entry for it
    bool wraps;     // wrappers_ has one
    std::int32_t item = -1;  // its number among the version's
    bool lists = false;      // what is in it may be items
    unsigned lists_around = 0;
    bool has_items = false;
    std::uint32_t column = 0; // of its items
  };
  struct Open { // a declaration around the current node
    std::int32_t index;
    std::size_t first_token;
  };
  // A node that dresses a declaration. What it holds is known at its end: then the one declaration directly in it
  // takes its span, and the tokens around that declaration.
  struct Wrapper {
    std::size_t first_token, declarations; // both counted when it began
    std::int32_t child = -1;
    unsigned children = 0;
    std::size_t child_first_token = 0, child_end_token = 0, child_end_declarations = 0;
  };

  std::int32_t current() const { return open_.empty() ? -1 : open_.back().index; }
  bool in_type() const { return current() >= 0 && out_.declarations[static_cast<std::size_t>(current())].kind == DeclarationKind::type; }

  // --- versions ---

  // Where a node begins and ends in the whole text.
  std::uint32_t begins(std::uint32_t place) const { return rest_ != nullptr ? rest_->begins(place) : place; }
  std::uint32_t ends(std::uint32_t place) const { return rest_ != nullptr ? rest_->ends(place) : place; }

  Item& item_of(std::int32_t number) { return version_->items[static_cast<std::size_t>(number)]; }

  std::uint32_t line_of(std::uint32_t begin) const {
    std::size_t line = std::min<std::size_t>(begin, text_.size());
    while (line > 0 && (text_[line - 1] == ' ' || text_[line - 1] == '\t')) --line;
    return line == 0 || text_[line - 1] == '\n' ? static_cast<std::uint32_t>(line) : Item::kMidLine;
  }

  // As Python's scanner counts it, where the block's first line is no lone backslash (then it looked far).
  std::uint32_t column_of(std::uint32_t place) const {
    const std::string_view before = text_.substr(0, place).substr(place - std::min(place, kFarthestColumn));
    std::uint32_t column = 0;
    for (const char c : before.substr(before.rfind('\n') + 1)) column = c == '\f' || c == '\r' ? 0 : column + (c == '\t' ? 8 : 1);
    return column;
  }

  // Of a part of the text nothing may be left out.
  std::string_view uncut(std::string_view part) {
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(part.data()) - reinterpret_cast<std::uintptr_t>(text_.data());
    if (rest_ == nullptr || part.empty() || begin >= text_.size()) return part;
    const std::uint32_t at = static_cast<std::uint32_t>(begin);
    failed_ = failed_ || ends(at + static_cast<std::uint32_t>(part.size())) - begins(at) != part.size();
    return part;
  }

  static constexpr std::uint32_t kFarthestColumn = 4096; // bytes
  static constexpr unsigned kDeepestList = 64; // items further inside are not told: who reads them calls himself as deep

  // The frame is not yet among the others, and nothing is declared of it.
  void add_item(Frame& frame) {
    Frame& list = frames_.back();
    const std::uint32_t line = line_of(frame.begin);
    if (types_.indented() && !list.has_items) list.column = column_of(frame.begin);
    Item item = {.begin = frame.begin, .end = frame.end, .line = line, .items = 1, .first_declaration = 0, .level = list.lists_around + 1,
                 .column = list.column, .symbol = frame.symbol, .list = list.symbol, .first = !list.has_items, .local = frame.local,
                 .in_type = in_type()};
    if (rest_ != nullptr) {
      meet(item);
      if (failed_) return;
      item.begin = rest_->begins(item.begin);
      item.end = rest_->ends(item.end);
      if (item.line != Item::kMidLine) item.line = rest_->begins(item.line);
    }
    list.has_items = true;
    item.first_declaration = static_cast<std::uint32_t>(out_.declarations.size());
    frame.item = static_cast<std::int32_t>(version_->items.size());
    version_->items.push_back(item);
  }
  // What has to come again next, and what it was.
  std::pair<const Rest::Known&, const Item&> next_known() const {
    const Rest::Known& next = rest_->known()[next_known_];
    return {next, before_->items[next.item]};
  }
  void met() {
    ++next_known_;
    last_known_ = true;
  }
  bool left_out_before(const Rest::Known& known) const { return next_run_ < rest_->runs().size() && rest_->runs()[next_run_].end == known.item; }
  // Is it the next one that has to come again? Before it comes what was left out there.
  void meet(Item& item) {
    const bool after_known = std::exchange(last_known_, false);
    if (next_known_ == rest_->known().size()) return;
    const auto& [next, was] = next_known();
    if (item.begin < next.begin || (item.begin == next.begin && item.level < was.level)) return;
    const std::uint32_t end = next.end == Rest::kOpen ? item.end : next.end;
    failed_ = std::tie(item.begin, item.end, item.level, item.column, item.symbol, item.list, item.local, item.in_type) !=
              std::tie(next.begin, end, was.level, was.column, was.symbol, was.list, was.local, was.in_type);
    if (failed_) return;
    met();
    if (!left_out_before(next)) return;
    // What came before the run may now be in another item: it is the last in this list, though.
    const Rest::Run& run = rest_->runs()[next_run_++];
    failed_ = !after_known || item.first != before_->items[run.first].first;
    if (failed_) return;
    copy(run);
    item.first = false;
  }
  // A function that has a decorator now is no longer an item itself.
  void meet_wrapped(const Frame& frame) {
    if (next_known_ == rest_->known().size()) return;
    const auto& [next, was] = next_known();
    const Frame& wrapper = frames_.back();
    if (frame.begin != next.begin || frame.symbol != was.symbol || wrapper.lists_around != was.level) return;
    const Item& around = item_of(wrapper.item);
    failed_ = std::tie(around.column, around.list, around.local, around.in_type) != std::tie(was.column, was.list, was.local, was.in_type) ||
              (next.end != Rest::kOpen && next.end != frame.end) || left_out_before(next);
    if (!failed_) met();
  }
  void copy(const Rest::Run& run) {
    const std::vector<Item>& old = before_->items;
    const std::uint32_t first = old[run.first].first_declaration, end = old[run.end].first_declaration;
    const std::uint32_t moved = static_cast<std::uint32_t>(out_.declarations.size()) - first; // wraps around, as run.shift may
    const std::int32_t around = current();
    for (std::uint32_t i = first; i < end; ++i) {
      Declaration& one = out_.declarations.emplace_back(before_->parsed.declarations[i]);
      one.begin += run.shift;
      one.end += run.shift;
      one.parent = one.parent < static_cast<std::int32_t>(first) ? around : static_cast<std::int32_t>(static_cast<std::uint32_t>(one.parent) + moved);
    }
    for (std::uint32_t i = run.first; i < run.end; ++i) {
      Item& item = version_->items.emplace_back(old[i]);
      item.begin += run.shift;
      item.end += run.shift;
      if (item.line != Item::kMidLine) item.line += run.shift;
      item.first_declaration += moved;
    }
  }

  // --- nodes ---

  void enter(TSNode node) {
    Frame frame{ts_node_start_byte(node), ts_node_end_byte(node), ts_node_symbol(node), false, false, false};
    if (!frames_.empty()) {
      emit_gap(frame.begin, frames_.back().symbol);
      frame.local = frames_.back().local || types_.scopes(frames_.back().symbol);
      frame.lists_around = frames_.back().lists_around + frames_.back().lists;
    } else {
      emit_gap(frame.begin, frame.symbol);
    }
    if (version_ != nullptr) {
      frame.lists = frame.lists_around < kDeepestList && types_.lists(frame.symbol);
      if (!frames_.empty() && frames_.back().lists && frame.end > frame.begin && !types_.whole(frame.symbol) && ts_node_is_named(node)) add_item(frame);
      else if (rest_ != nullptr && !frames_.empty() && frames_.back().wraps && frames_.back().item >= 0) meet_wrapped(frame);
    }
    if (want_.declarations) {
      if (const Rule* rule = types_.rule(frame.symbol); rule != nullptr && ts_node_is_named(node))
        frame.declares = declare(node, frame, *rule);
      if (!frame.declares && types_.wraps(frame.symbol) && ts_node_is_named(node)) {
        frame.wraps = true;
        wrappers_.push_back({out_.tokens.size(), out_.declarations.size()});
      }
    }
    frames_.push_back(frame);
  }

  bool declare(TSNode node, const Frame& frame, const Rule& rule) {
    const std::int32_t parent = current();
    Site site{node, text_, {}, 0, frames_.size(), frame.local, false};
    if (!frames_.empty()) {
      site.parent = types_.name(frames_.back().symbol);
      site.parent_begin = frames_.back().begin;
    }
    site.in_type = in_type();

    const std::optional<DeclarationKind> kind = rule.decide != nullptr ? rule.decide(site) : rule.kind;
    if (!kind) return false;
    Declaration declaration;
    const std::uint32_t end = std::min(frame.end, static_cast<std::uint32_t>(text_.size()));
    if (end <= frame.begin) return false; // tree-sitter invented it in a repair
    declaration.begin = begins(frame.begin);
    declaration.end = ends(end);
    declaration.kind = *kind;
    declaration.node = types_.name(frame.symbol);
    declaration.item = rule.item;
    if (rule.name != nullptr) declaration.name = tidy(uncut(rule.name(site)));
    declaration.parent = parent;
    open_.push_back({static_cast<std::int32_t>(out_.declarations.size()), out_.tokens.size()});
    out_.declarations.push_back(std::move(declaration));
    return true;
  }

  void leave() {
    const Frame frame = frames_.back();
    emit_gap(frame.end, frame.symbol);
    frames_.pop_back();
    if (frame.declares) {
      const Open open = open_.back();
      open_.pop_back();
      close(frame, out_.declarations[static_cast<std::size_t>(open.index)]);
      tell_wrapper(open.index, open.first_token);
    } else if (frame.wraps) {
      const Wrapper wrapper = wrappers_.back();
      wrappers_.pop_back();
      unwrap(frame, wrapper);
    }
    if (frame.item >= 0) item_of(frame.item).items = static_cast<std::uint32_t>(version_->items.size() - static_cast<std::size_t>(frame.item));
  }

  // It ends with its last token: some nodes (#include, a TOML table) reach over the line's end or empty lines.
  void close(const Frame& frame, Declaration& declaration) {
    if (last_end_ > frame.begin) declaration.end = ends(last_end_);
  }

  // A declaration ended. If a wrapper stands directly around it, it is that wrapper's child.
  void tell_wrapper(std::int32_t index, std::size_t first_token) {
    if (frames_.empty() || !frames_.back().wraps) return;
    Wrapper& wrapper = wrappers_.back();
    ++wrapper.children;
    wrapper.child = index;
    wrapper.child_first_token = first_token;
    wrapper.child_end_token = out_.tokens.size();
    wrapper.child_end_declarations = out_.declarations.size();
  }

  void unwrap(const Frame& frame, const Wrapper& wrapper) {
    // Declarations beside the child (in a decorator's argument) would end up inside it without being its own.
    if (wrapper.children != 1 || static_cast<std::size_t>(wrapper.child) != wrapper.declarations ||
        wrapper.child_end_declarations != out_.declarations.size())
      return;
    Declaration& child = out_.declarations[static_cast<std::size_t>(wrapper.child)];
    child.begin = begins(frame.begin);
    close(frame, child);
    for (std::size_t i = wrapper.first_token; i < wrapper.child_first_token; ++i)
      out_.tokens[i].declaration = wrapper.child;
    for (std::size_t i = wrapper.child_end_token; i < out_.tokens.size(); ++i)
      out_.tokens[i].declaration = wrapper.child;
    tell_wrapper(wrapper.child, wrapper.first_token); // `export` around `const` around one variable
  }

  void emit_leaf(TSNode node) {
    const Frame& frame = frames_.back();
    const std::uint32_t end = std::min(frame.end, static_cast<std::uint32_t>(text_.size()));
    if (end <= at_ || end <= frame.begin) return; // zero width: an automatic semicolon, or missing
    const bool named = ts_node_is_named(node);
    const std::string_view content = text_.substr(frame.begin, end - frame.begin);
    if (types_.whole(frame.symbol)) return emit_gap(end, frame.symbol); // without the end of its line
    // Some grammars show the end of a line as a token "\n"; a string of blanks is content, though.
    if (!named && std::ranges::all_of(content, is_space)) return;
    emit(frame.begin, end, frame.symbol, named);
  }

  // What lies between at_ and `end` belongs to a node that shows no leaf for it.
  void emit_gap(std::uint32_t end, TSSymbol symbol) {
    end = std::min(end, static_cast<std::uint32_t>(text_.size()));
    if (end <= at_) return;
    std::uint32_t begin = at_;
    at_ = end;
    while (begin < end && is_space(text_[begin])) ++begin;
    while (end > begin && is_space(text_[end - 1])) --end;
    if (begin < end) emit(begin, end, symbol, true);
  }

  void emit(std::uint32_t begin, std::uint32_t end, TSSymbol symbol, bool named) {
    last_end_ = end;
    at_ = std::max(at_, end);
    if (want_.tokens) out_.tokens.push_back({begin, end, types_.name(symbol), named, current()});
  }

  const NodeTypes& types_;
  const std::string_view text_;
  const Parser::Want want_;
  Parsed& out_;
  std::vector<Frame> frames_;
  std::vector<Open> open_;
  std::vector<Wrapper> wrappers_;
  std::uint32_t at_ = 0;       // all before is given out or white space
  std::uint32_t last_end_ = 0; // of the last token
  Version* const version_ = nullptr;
  const Rest* const rest_ = nullptr;
  const Version* const before_ = nullptr;
  std::size_t next_known_ = 0, next_run_ = 0; // of rest_
  bool last_known_ = true;                   // was the last item one that has to come again?
  bool failed_ = false;
};

} // namespace

NodeTypes::NodeTypes(const TSLanguage* grammar, Language language) : NodeTypes(grammar, rules(language)) {}

NodeTypes::NodeTypes(const TSLanguage* grammar, const Rules& table) : indented_(table.indented), comment_(table.comment) {
  types_.resize(ts_language_symbol_count(grammar));
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const TSSymbol symbol = static_cast<TSSymbol>(i);
    const char* name = ts_language_symbol_name(grammar, symbol);
    if (name == nullptr) continue;
    Type& type = types_[i];
    type.name = *name != '\0' ? std::string_view(name) : "\\0"; // Go ends a statement by "\0", too
    if (ts_language_symbol_type(grammar, symbol) != TSSymbolTypeRegular) continue; // "import" is also a keyword
    const auto rule = std::ranges::find(table.declarations, type.name, &Rule::node);
    if (rule != table.declarations.end()) type.rule = &*rule;
    type.whole = type.name.ends_with("comment");
    type.wraps = std::ranges::find(table.wrappers, type.name) != table.wrappers.end();
    type.lists = std::ranges::find(table.lists, type.name) != table.lists.end();
    type.scopes = std::ranges::find(table.scopes, type.name) != table.scopes.end();
  }
}

void walk(TSNode root, const NodeTypes& types, std::string_view text, Parser::Want want, Parsed& out) {
  Walk(types, text, want, out).run(root);
}

void walk_version(TSNode root, const NodeTypes& types, std::string_view text, Version& out) {
  out.parsed.has_error = ts_node_has_error(root);
  Walk(types, text, out, nullptr, nullptr).run(root);
}

bool walk_rest(TSNode root, const NodeTypes& types, const Rest& rest, const Version& before, Version& out) {
  return Walk(types, rest.text(), out, &rest, &before).run(root);
}

} // namespace packscope::syntax
