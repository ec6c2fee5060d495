// Inside the room: which node types of a grammar are declarations, of what kind, and where their name stands.
// The tables are declarations.cc; walk.cc applies them.
//
// What counts: whatever a language declares at file, module, type or implementation level, and functions, types,
// imports, modules and macros at any depth. Not: local variables, parameters, and the data fields of a type.
#pragma once

#include "syntax/parse.h"

#include <tree_sitter/api.h>

#include <optional>
#include <span>

namespace packscope::syntax {

// A node that a rule is asked about, and what the walk knows of the place.
struct Site {
  TSNode node;
  std::string_view text;       // the whole text
  std::string_view parent;     // node type of the parent; empty at the root
  std::uint32_t parent_begin;  // byte where the parent begins
  std::size_t depth;           // 0: the root
  bool local;                  // inside a function's body
  bool in_type;                // the innermost declaration around is a type
};

struct Rule {
  std::string_view node;
  DeclarationKind kind;
  std::string_view (*name)(const Site&);  // null: no name. A part of the text, or a word of the language.
  std::string_view item = {};             // Declaration::item
  std::optional<DeclarationKind> (*decide)(const Site&) = nullptr; // instead of `kind`; nullopt: none after all
};

struct Rules {
  std::span<const Rule> declarations;
  // Nodes that only dress one declaration (a template, a decorator, `export`): it takes their span.
  std::span<const std::string_view> wrappers;
  // Nodes whose inside is `local`.
  std::span<const std::string_view> scopes;
  // Nodes in which statements or members follow each other, whichever and however many (rest.h). None: each version is parsed by itself
  // (in the shell's grammar a quote far above may change what a line is).
  std::span<const std::string_view> lists = {};
  bool indented = false;            // what belongs to which list is told by the columns of lines
  std::string_view comment = "//"; // what a line of comment begins with
};

// Empty where the language has tokens only.
Rules rules(Language language);

} // namespace packscope::syntax
