// One pass over the tree with a cursor and a stack of our own: trees of real texts are 20 deep, hostile ones
// a million, and recursion would overflow.
//
// The idea: `at_` is the end of what has been given out. Before a node begins and before it ends, whatever lies
// between `at_` and there and is no white space becomes a token of the node around it: grammars hide some leaves
// (the content of a TOML string, a line continuation, a byte order mark), and every byte that is no white space is
// to lie in exactly one token.
#include "syntax/walk.h"

#include <algorithm>
#include <cstring>
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
  // `walked` and `before`: null, or for walk_version().
  Walk(const NodeTypes& types, std::string_view text, Parser::Want want, Parsed& out, Walked* walked = nullptr, const Before* before = nullptr)
      : types_(types), text_(text), want_(want), out_(out), walked_(walked), before_(before) {}

  void run(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    for (bool more = true; more;) {
      const TSNode node = ts_tree_cursor_current_node(&cursor);
      if (!take_known(node)) {
        enter(node);
        if (!types_.whole(frames_.back().symbol) && ts_tree_cursor_goto_first_child(&cursor)) continue;
        emit_leaf(node);
        leave();
      }
      while (more && !ts_tree_cursor_goto_next_sibling(&cursor)) {
        more = ts_tree_cursor_goto_parent(&cursor);
        if (more) leave();
      }
    }
    ts_tree_cursor_delete(&cursor);
    emit_gap(static_cast<std::uint32_t>(text_.size()), ts_node_symbol(root)); // what follows the root's last leaf
  }

private:
  // One per level of the tree.
  struct Frame {
    std::uint32_t begin, end;
    TSSymbol symbol;
    bool local;     // inside a function
    bool declares;  // open_ has an entry for it
    bool wraps;     // wrappers_ has one
    std::int32_t kept = -1; // its number in walked_
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

  // Smaller ones are walked as fast as they are looked up. What stands directly in a wrapper is told to it.
  static constexpr std::uint32_t kWorthKeeping = 64;
  bool keeps(std::uint32_t begin, std::uint32_t end) const {
    return walked_ != nullptr && end - begin >= kWorthKeeping && !frames_.empty() && !frames_.back().wraps;
  }
  Walked::Node to_keep(const Frame& frame) const {
    Walked::Node node = {.begin = frame.begin, .end = frame.end, .at = 0, .last_end = 0, .depth = static_cast<std::uint32_t>(frames_.size()), .nodes = 0,
                         .first_declaration = static_cast<std::uint32_t>(out_.declarations.size()), .declarations = 0, .parent_head = 0,
                         .symbol = frame.symbol, .parent = frames_.back().symbol, .local = frame.local, .in_type = in_type()};
    const std::string_view head = text_.substr(std::min<std::size_t>(frames_.back().begin, text_.size()), sizeof node.parent_head);
    std::memcpy(&node.parent_head, head.data(), head.size());
    return node;
  }

  // A node that the version before had, too, is not entered.
  bool take_known(TSNode ts_node) {
    if (before_ == nullptr) return false;
    Frame frame{ts_node_start_byte(ts_node), ts_node_end_byte(ts_node), 0, false, false, false};
    if (!keeps(frame.begin, frame.end) || changed_near(frame.begin, frame.end)) return false;
    frame.symbol = ts_node_symbol(ts_node);
    frame.local = frames_.back().local || types_.scopes(frames_.back().symbol);
    const std::uint32_t shift = shift_here(); // wraps around where the new text is shorter
    const std::vector<Walked::Node>& old = before_->walked.nodes;
    const std::pair<std::uint32_t, std::size_t> place = {frame.begin - shift, frames_.size()};
    while (next_old_ < old.size() && std::pair<std::uint32_t, std::size_t>(old[next_old_].begin, old[next_old_].depth) < place) ++next_old_;
    if (next_old_ == old.size()) return false;
    const Walked::Node& was = old[next_old_];
    Walked::Node now = to_keep(frame);
    const std::uint32_t new_first = now.first_declaration;
    if (std::tie(was.begin, was.end, was.depth, was.symbol, was.parent, was.parent_head, was.local, was.in_type) !=
        std::tuple(now.begin - shift, now.end - shift, now.depth, now.symbol, now.parent, now.parent_head, now.local, now.in_type))
      return false;
    emit_gap(frame.begin, frames_.back().symbol);
    const std::int32_t around = current();
    for (std::uint32_t i = 0; i < was.declarations; ++i) {
      Declaration& one = out_.declarations.emplace_back(before_->parsed.declarations[was.first_declaration + i]);
      one.begin += shift;
      one.end += shift;
      one.parent = one.parent < static_cast<std::int32_t>(was.first_declaration) ? around : one.parent - static_cast<std::int32_t>(was.first_declaration) + static_cast<std::int32_t>(new_first);
    }
    for (std::uint32_t i = 0; i < was.nodes; ++i) {
      Walked::Node& node = walked_->nodes.emplace_back(old[next_old_ + i]);
      for (std::uint32_t* const place_of : {&node.begin, &node.end, &node.at}) *place_of += shift;
      if (node.last_end != 0) node.last_end += shift;
      node.first_declaration += new_first - was.first_declaration;
    }
    at_ = std::max(at_, was.at + shift);
    if (was.last_end != 0) last_end_ = was.last_end + shift;
    next_old_ += was.nodes;
    return true;
  }
  // Both go with nodes whose beginnings never go back.
  bool changed_near(std::uint32_t begin, std::uint32_t end) {
    const auto near = [begin, end]<class Range>(std::span<const Range> ranges, std::size_t& next, auto first, auto last) {
      while (next < ranges.size() && last(ranges[next]) < begin) ++next;
      return next < ranges.size() && first(ranges[next]) <= end;
    };
    return near(before_->edits, next_edit_, [](const Edit& edit) { return edit.new_begin; }, [](const Edit& edit) { return edit.new_end; }) ||
           near(before_->changed, next_changed_, [](const TSRange& range) { return range.start_byte; }, [](const TSRange& range) { return range.end_byte; });
  }
  // Of what lies between two edits; next_edit_ is the first that doesn't end before.
  std::uint32_t shift_here() const {
    if (next_edit_ == 0) return 0;
    const Edit& last = before_->edits[next_edit_ - 1];
    return last.new_end - last.old_end;
  }

  void enter(TSNode node) {
    Frame frame{ts_node_start_byte(node), ts_node_end_byte(node), ts_node_symbol(node), false, false, false};
    if (!frames_.empty()) {
      emit_gap(frame.begin, frames_.back().symbol);
      frame.local = frames_.back().local || types_.scopes(frames_.back().symbol);
    } else {
      emit_gap(frame.begin, frame.symbol);
    }
    if (want_.declarations) {
      if (const Rule* rule = types_.rule(frame.symbol); rule != nullptr && ts_node_is_named(node))
        frame.declares = declare(node, frame, *rule);
      if (!frame.declares && types_.wraps(frame.symbol) && ts_node_is_named(node)) {
        frame.wraps = true;
        wrappers_.push_back({out_.tokens.size(), out_.declarations.size()});
      }
    }
    if (keeps(frame.begin, frame.end)) {
      frame.kept = static_cast<std::int32_t>(walked_->nodes.size());
      Walked::Node kept = to_keep(frame);
      if (frame.declares) { // as it was before it declared
        --kept.first_declaration;
        kept.in_type = parent_in_type_;
      }
      walked_->nodes.push_back(kept);
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
    site.in_type = parent_in_type_ = in_type();

    const std::optional<DeclarationKind> kind = rule.decide != nullptr ? rule.decide(site) : rule.kind;
    if (!kind) return false;
    Declaration declaration;
    declaration.begin = frame.begin;
    declaration.end = std::min(frame.end, static_cast<std::uint32_t>(text_.size()));
    if (declaration.end <= declaration.begin) return false; // tree-sitter invented it in a repair
    declaration.kind = *kind;
    declaration.node = types_.name(frame.symbol);
    declaration.item = rule.item;
    if (rule.name != nullptr) declaration.name = tidy(rule.name(site));
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
      close(out_.declarations[static_cast<std::size_t>(open.index)]);
      tell_wrapper(open.index, open.first_token);
    } else if (frame.wraps) {
      const Wrapper wrapper = wrappers_.back();
      wrappers_.pop_back();
      unwrap(frame, wrapper);
    }
    if (frame.kept < 0) return;
    Walked::Node& node = walked_->nodes[static_cast<std::size_t>(frame.kept)];
    node.nodes = static_cast<std::uint32_t>(walked_->nodes.size() - static_cast<std::size_t>(frame.kept));
    node.declarations = static_cast<std::uint32_t>(out_.declarations.size() - node.first_declaration);
    node.at = at_;
    node.last_end = last_end_ > frame.begin ? last_end_ : 0;
  }

  // It ends with its last token: some nodes (#include, a TOML table) reach over the line's end or empty lines.
  void close(Declaration& declaration) {
    if (last_end_ > declaration.begin) declaration.end = last_end_;
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
    child.begin = frame.begin;
    close(child);
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
  Walked* const walked_;
  const Before* const before_;
  std::size_t next_old_ = 0, next_edit_ = 0, next_changed_ = 0;
  bool parent_in_type_ = false; // in_type() before the last declaration
};

} // namespace

NodeTypes::NodeTypes(const TSLanguage* grammar, Language language) {
  const Rules table = rules(language);
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
    type.scopes = std::ranges::find(table.scopes, type.name) != table.scopes.end();
  }
}

void walk(TSNode root, const NodeTypes& types, std::string_view text, Parser::Want want, Parsed& out) {
  Walk(types, text, want, out).run(root);
}

void walk_version(TSNode root, const NodeTypes& types, std::string_view text, const Before* before, Walked& walked, Parsed& out) {
  Walk(types, text, {.tokens = false, .declarations = true}, out, &walked, before).run(root);
}

} // namespace packscope::syntax
