// Inside the room: from tree-sitter's tree to tokens and declarations.
#pragma once

#include "syntax/declarations.h"
#include "syntax/parse.h"
#include "syntax/rest.h"

#include <tree_sitter/api.h>

#include <string_view>
#include <vector>

namespace packscope::syntax {

// What the walk asks about a node type, by the grammar's number for it: names and rules are looked up once per
// grammar, not once per node.
class NodeTypes {
public:
  NodeTypes(const TSLanguage* grammar, Language language);

  std::string_view name(TSSymbol symbol) const {
    return symbol < types_.size() ? types_[symbol].name : std::string_view("ERROR"); // errors are numbered 65535
  }
  const Rule* rule(TSSymbol symbol) const { return symbol < types_.size() ? types_[symbol].rule : nullptr; }
  bool wraps(TSSymbol symbol) const { return symbol < types_.size() && types_[symbol].wraps; }
  // One token, whatever the grammar sees in it: a comment.
  bool whole(TSSymbol symbol) const { return symbol < types_.size() && types_[symbol].whole; }
  bool scopes(TSSymbol symbol) const { return symbol < types_.size() && types_[symbol].scopes; }
  bool lists(TSSymbol symbol) const { return symbol < types_.size() && types_[symbol].lists; }
  bool indented() const { return indented_; } // of Rules, as is comment()
  std::string_view comment() const { return comment_; }

private:
  NodeTypes(const TSLanguage* grammar, const Rules& rules);

  struct Type {
    std::string_view name;
    const Rule* rule = nullptr;
    bool wraps = false, scopes = false, lists = false, whole = false;
  };
  std::vector<Type> types_;
  const bool indented_;
  const std::string_view comment_;
};

// A version, as those after it need it.
struct Version {
  std::vector<Item> items; // outer before inner, in the text's order
  Parsed parsed;           // no tokens
};

// As walk(), without tokens.
void walk_version(TSNode root, const NodeTypes& types, std::string_view text, Version& out);
// Of the tree of rest.text(): the whole version. False: it has not all that `before` says it has.
bool walk_rest(TSNode root, const NodeTypes& types, const Rest& rest, const Version& before, Version& out);

// Appends to `out`. Memory: some 40 bytes a level of depth besides what it appends; time: linear in the tree.
void walk(TSNode root, const NodeTypes& types, std::string_view text, Parser::Want want, Parsed& out);

} // namespace packscope::syntax
