// Inside the room: from tree-sitter's tree to tokens and declarations.
#pragma once

#include "syntax/declarations.h"
#include "syntax/difference.h"
#include "syntax/parse.h"

#include <tree_sitter/api.h>

#include <cstdint>
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

private:
  struct Type {
    std::string_view name;
    const Rule* rule = nullptr;
    bool wraps = false, scopes = false, whole = false;
  };
  std::vector<Type> types_;
};

// What a walk met in nodes of some size, so that a walk over the next version need not enter those that are the same.
struct Walked {
  struct Node {
    std::uint32_t begin, end, at, last_end; // the latter two: Walk's, once the node was left (last_end 0: no token was met in it)
    std::uint32_t depth, nodes;             // itself and those inside
    std::uint32_t first_declaration, declarations;
    // What its declarations rest on beside its own text.
    std::uint64_t parent_head; // the text where the node around begins
    TSSymbol symbol, parent;
    bool local, in_type;
  };
  std::vector<Node> nodes; // outer before inner, in the text's order
};

// The version before, and where it differs.
struct Before {
  const Walked& walked;
  const Parsed& parsed;
  std::span<const Edit> edits;
  std::span<const TSRange> changed; // of the new text: what has another structure (ts_tree_get_changed_ranges)
};

// Declarations alone, of a tree that was parsed in the light of the one before: the same as by walk(). `before` may be null.
void walk_version(TSNode root, const NodeTypes& types, std::string_view text, const Before* before, Walked& walked, Parsed& out);

// Appends to `out`. Memory: 16 bytes a level of depth besides what it appends; time: linear in the tree.
void walk(TSNode root, const NodeTypes& types, std::string_view text, Parser::Want want, Parsed& out);

} // namespace packscope::syntax
