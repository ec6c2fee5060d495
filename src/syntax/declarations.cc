// The declarations of each language: one table a language, node type → kind, name, Rust item.
//
// The idea: most rows need no code. Where syntax alone leaves the kind open (a C `declaration` may be a prototype,
// a constant or a variable) a row names a small function that decides. Rows that a grammar doesn't know are never
// met, so a table may serve several versions of it.
//
// Decided here, because languages don't agree:
// - C, C++: a struct, union, enum or class counts where it has a body; prototypes are functions; a variable at file
//   or namespace level is `constant` if const or constexpr stands before its declarator, else `other`;
//   every #define is a macro; an alias of a namespace is an import, of a type a type.
// - JavaScript: a variable, property or assignment whose value is a function or class is one; `require` and
//   re-exports are imports; `const` is a constant, `let` and `var` are `other`.
// - Python: assignments at module level are `constant` in ALL_CAPS (also in a class), else `other`.
// - Go: const and var by the name they declare; the package clause is a module; methods of an interface count.
// - Rust: what is not in `item`'s ten (extern crate, extern blocks) has none; static counts as const, union as struct.
// - TOML: a table is a module, a key outside inline tables a constant. JSON: a key of the outermost object is one.
// - Shell: variables outside functions are `other`, `readonly` ones constants; `source` and `.` are imports.
// - Nix, Perl, YAML, Markdown: tokens only.
#include "syntax/declarations.h"

#include <algorithm>

namespace packscope::syntax {
namespace {

using Kind = DeclarationKind;
using Decision = std::optional<Kind>;

// --- nodes -------------------------------------------------------------------------------------------------------

std::string_view type(TSNode node) { return ts_node_is_null(node) ? std::string_view() : ts_node_type(node); }

TSNode field(TSNode node, std::string_view name) {
  return ts_node_child_by_field_name(node, name.data(), static_cast<std::uint32_t>(name.size()));
}
bool has(TSNode node, std::string_view name) { return !ts_node_is_null(field(node, name)); }

// By range, so that a name can end where another node begins.
std::string_view between(const Site& site, std::size_t begin, std::size_t end) {
  end = std::min(end, site.text.size());
  return begin < end ? site.text.substr(begin, end - begin) : std::string_view();
}
std::string_view text(const Site& site, TSNode node) {
  return ts_node_is_null(node) ? std::string_view() : between(site, ts_node_start_byte(node), ts_node_end_byte(node));
}

std::string_view unquoted(std::string_view text) {
  if (text.size() < 2) return text;
  const char first = text.front(), last = text.back();
  const bool quoted = (first == last && (first == '"' || first == '\'' || first == '`')) || (first == '<' && last == '>');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

bool is_function_value(TSNode node) {
  const std::string_view value = type(node);
  return value == "arrow_function" || value == "function_expression" || value == "generator_function" ||
         value == "function" || value == "lambda";
}

// --- names -------------------------------------------------------------------------------------------------------

std::string_view name_field(const Site& site) { return text(site, field(site.node, "name")); }
std::string_view path_field(const Site& site) { return unquoted(text(site, field(site.node, "path"))); }
std::string_view argument_field(const Site& site) { return text(site, field(site.node, "argument")); }
std::string_view source_field(const Site& site) { return unquoted(text(site, field(site.node, "source"))); }
std::string_view left_field(const Site& site) { return text(site, field(site.node, "left")); }
std::string_view key_field(const Site& site) { return unquoted(text(site, field(site.node, "key"))); }
std::string_view property_field(const Site& site) { return text(site, field(site.node, "property")); }
std::string_view first_child(const Site& site) { return text(site, ts_node_named_child(site.node, 0)); }
std::string_view first_key(const Site& site) { return unquoted(first_child(site)); }

// --- C and C++ ---------------------------------------------------------------------------------------------------

struct Declarator {
  TSNode name;            // null where there is none
  std::string_view maker; // the declarator directly around the name, parentheses aside
};

// "*f(int)" → f, made by function_declarator; "(*f)(int)" → f, made by pointer_declarator. Follows one path down, so
// the cost is the depth of one declarator.
Declarator declarator(TSNode node) {
  Declarator found{field(node, "declarator"), {}};
  while (!ts_node_is_null(found.name)) {
    const std::string_view around = type(found.name);
    if (around == "operator_cast") return {found.name, "function_declarator"};
    TSNode inner = field(found.name, "declarator");
    if (ts_node_is_null(inner)) {
      if (around != "parenthesized_declarator" && around != "reference_declarator" && around != "attributed_declarator")
        return found;
      inner = ts_node_named_child(found.name, 0); // these three have no field
    }
    if (around != "parenthesized_declarator" && around != "attributed_declarator") found.maker = around;
    found.name = inner;
  }
  return found;
}

std::string_view declarator_name(const Site& site) {
  const TSNode name = declarator(site.node).name;
  if (type(name) == "operator_cast") { // "operator bool() const" is named "operator bool"
    const TSNode rest = field(name, "declarator");
    if (!ts_node_is_null(rest)) return between(site, ts_node_start_byte(name), ts_node_start_byte(rest));
  }
  return text(site, name);
}

// The specifiers before a declarator: "static const int".
bool has_specifier(const Site& site, std::initializer_list<std::string_view> wanted) {
  constexpr std::uint32_t kMostSpecifiers = 8; // enough for any declaration, and a bound
  const std::uint32_t count = std::min(ts_node_named_child_count(site.node), kMostSpecifiers);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TSNode child = ts_node_named_child(site.node, i);
    const std::string_view what = type(child);
    if (what.ends_with("declarator")) break;
    if (what != "type_qualifier" && what != "storage_class_specifier") continue;
    if (std::ranges::find(wanted, text(site, child)) != wanted.end()) return true;
  }
  return false;
}

Decision c_declaration(const Site& site) {
  // The parameters of a K&R definition are declarations between its head and its body.
  if (site.local || site.parent == "function_definition") return std::nullopt;
  const Declarator found = declarator(site.node);
  if (ts_node_is_null(found.name)) return std::nullopt;
  if (found.maker == "function_declarator") return Kind::function;
  return has_specifier(site, {"const", "constexpr"}) ? Kind::constant : Kind::other;
}

// A member: a method's prototype, a static constant, or data, which is part of the type.
Decision cpp_member(const Site& site) {
  const Declarator found = declarator(site.node);
  if (ts_node_is_null(found.name)) return std::nullopt;
  if (found.maker == "function_declarator") return Kind::function;
  if (has_specifier(site, {"static"}) && has_specifier(site, {"const", "constexpr"})) return Kind::constant;
  return std::nullopt;
}

// With a body; unnamed only where it stands alone, as `enum { a, b };` does and `struct { int x; } point;` doesn't.
Decision c_specifier(const Site& site) {
  if (!has(site.node, "body")) return std::nullopt;
  if (!has(site.node, "name") && (site.parent.ends_with("declaration") || site.parent.ends_with("definition") ||
                                  site.parent == "type_descriptor"))
    return std::nullopt;
  return Kind::type;
}

std::string_view last_child(const Site& site) {
  const std::uint32_t count = ts_node_named_child_count(site.node);
  return count == 0 ? std::string_view() : text(site, ts_node_named_child(site.node, count - 1));
}

constexpr Rule kC[] = {
    {"function_definition", Kind::function, declarator_name},
    {"declaration", Kind::other, declarator_name, "", c_declaration},
    {"struct_specifier", Kind::type, name_field, "", c_specifier},
    {"union_specifier", Kind::type, name_field, "", c_specifier},
    {"enum_specifier", Kind::type, name_field, "", c_specifier},
    {"type_definition", Kind::type, declarator_name},
    {"preproc_include", Kind::import_, path_field},
    {"preproc_def", Kind::macro, name_field},
    {"preproc_function_def", Kind::macro, name_field},
};
constexpr Rule kCpp[] = {
    {"function_definition", Kind::function, declarator_name},
    {"declaration", Kind::other, declarator_name, "", c_declaration},
    {"field_declaration", Kind::other, declarator_name, "", cpp_member},
    {"class_specifier", Kind::type, name_field, "", c_specifier},
    {"struct_specifier", Kind::type, name_field, "", c_specifier},
    {"union_specifier", Kind::type, name_field, "", c_specifier},
    {"enum_specifier", Kind::type, name_field, "", c_specifier},
    {"type_definition", Kind::type, declarator_name},
    {"alias_declaration", Kind::type, name_field},
    {"concept_definition", Kind::type, name_field},
    {"namespace_definition", Kind::module, name_field},
    {"namespace_alias_definition", Kind::import_, name_field},
    {"using_declaration", Kind::import_, last_child},
    {"preproc_include", Kind::import_, path_field},
    {"preproc_def", Kind::macro, name_field},
    {"preproc_function_def", Kind::macro, name_field},
};
constexpr std::string_view kCScopes[] = {"compound_statement"};
constexpr std::string_view kCppWrappers[] = {"template_declaration"};
constexpr std::string_view kCLists[] = {"translation_unit", "compound_statement", "field_declaration_list"};
constexpr std::string_view kCppLists[] = {"translation_unit", "declaration_list", "compound_statement", "field_declaration_list"};

// --- Rust --------------------------------------------------------------------------------------------------------

// "Display for Foo<T>", or the type alone.
std::string_view impl_name(const Site& site) {
  const TSNode trait = field(site.node, "trait"), self = field(site.node, "type");
  if (ts_node_is_null(self)) return {};
  return between(site, ts_node_start_byte(ts_node_is_null(trait) ? self : trait), ts_node_end_byte(self));
}

constexpr Rule kRust[] = {
    {"function_item", Kind::function, name_field, "fn"},
    {"function_signature_item", Kind::function, name_field, "fn"},
    {"struct_item", Kind::type, name_field, "struct"},
    {"union_item", Kind::type, name_field, "struct"},
    {"enum_item", Kind::type, name_field, "enum"},
    {"impl_item", Kind::implementation, impl_name, "impl"},
    {"use_declaration", Kind::import_, argument_field, "use"},
    {"extern_crate_declaration", Kind::import_, name_field},
    {"foreign_mod_item", Kind::import_, first_child},
    {"const_item", Kind::constant, name_field, "const"},
    {"static_item", Kind::constant, name_field, "const"},
    {"mod_item", Kind::module, name_field, "mod"},
    {"trait_item", Kind::type, name_field, "trait"},
    {"type_item", Kind::type, name_field, "type"},
    {"associated_type", Kind::type, name_field, "type"},
    {"macro_definition", Kind::macro, name_field, "macro"},
};
constexpr std::string_view kRustLists[] = {"source_file", "declaration_list", "block"};

// --- Python ------------------------------------------------------------------------------------------------------

bool all_caps(std::string_view name) {
  bool letter = false;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') letter = true;
    else if (c != '_' && !(c >= '0' && c <= '9')) return false;
  }
  return letter;
}

Decision python_assignment(const Site& site) {
  const TSNode left = field(site.node, "left");
  if (site.local || type(left) != "identifier") return std::nullopt;
  if (is_function_value(field(site.node, "right"))) return Kind::function;
  if (all_caps(text(site, left))) return Kind::constant;
  return site.in_type ? Decision() : Kind::other;
}

std::string_view python_import(const Site& site) {
  const TSNode module = field(site.node, "module_name");
  if (!ts_node_is_null(module)) return text(site, module);
  if (type(site.node) == "future_import_statement") return "__future__";
  const TSNode name = field(site.node, "name");
  return text(site, type(name) == "aliased_import" ? field(name, "name") : name);
}

constexpr Rule kPython[] = {
    {"function_definition", Kind::function, name_field},
    {"class_definition", Kind::type, name_field},
    {"type_alias_statement", Kind::type, first_child},
    {"import_statement", Kind::import_, python_import},
    {"import_from_statement", Kind::import_, python_import},
    {"future_import_statement", Kind::import_, python_import},
    {"assignment", Kind::other, left_field, "", python_assignment},
};
constexpr std::string_view kPythonWrappers[] = {"decorated_definition"};
constexpr std::string_view kPythonScopes[] = {"function_definition"};
constexpr std::string_view kPythonLists[] = {"module", "block"};

// --- Go ----------------------------------------------------------------------------------------------------------

Decision go_variable(const Site& site) { return site.local ? Decision() : Kind::other; }
Decision go_constant(const Site& site) { return site.local ? Decision() : Kind::constant; }

constexpr Rule kGo[] = {
    {"package_clause", Kind::module, first_child},
    {"import_spec", Kind::import_, path_field},
    {"function_declaration", Kind::function, name_field},
    {"method_declaration", Kind::function, name_field},
    {"method_elem", Kind::function, name_field},
    {"method_spec", Kind::function, name_field}, // method_elem before grammar 0.23
    {"type_spec", Kind::type, name_field},
    {"type_alias", Kind::type, name_field},
    {"const_spec", Kind::constant, name_field, "", go_constant},
    {"var_spec", Kind::other, name_field, "", go_variable},
};
constexpr std::string_view kGoWrappers[] = {"import_declaration", "type_declaration", "const_declaration",
                                            "var_declaration"};
constexpr std::string_view kGoScopes[] = {"block"};
constexpr std::string_view kGoLists[] = {"source_file", "block"};

// --- JavaScript --------------------------------------------------------------------------------------------------

Decision js_value(TSNode value) {
  if (is_function_value(value)) return Kind::function;
  return type(value) == "class" ? Decision(Kind::type) : std::nullopt;
}
Decision js_assignment(const Site& site) { return js_value(field(site.node, "right")); }
Decision js_property(const Site& site) { return js_value(field(site.node, "value")); }

Decision js_variable(const Site& site) {
  const TSNode value = field(site.node, "value");
  if (const Decision kind = js_value(value)) return kind;
  if (site.local) return std::nullopt;
  if (type(value) == "call_expression" && text(site, field(value, "function")) == "require") return Kind::import_;
  return site.text.substr(site.parent_begin).starts_with("const") ? Kind::constant : Kind::other;
}

Decision js_export(const Site& site) {
  if (has(site.node, "declaration")) return std::nullopt; // dresses it
  if (has(site.node, "source")) return Kind::import_;
  return js_value(field(site.node, "value")).value_or(Kind::other);
}
std::string_view js_export_name(const Site& site) {
  if (has(site.node, "source")) return source_field(site);
  return has(site.node, "value") ? "default" : first_child(site);
}

constexpr Rule kJavaScript[] = {
    {"function_declaration", Kind::function, name_field},
    {"generator_function_declaration", Kind::function, name_field},
    {"method_definition", Kind::function, name_field},
    {"class_declaration", Kind::type, name_field},
    {"import_statement", Kind::import_, source_field},
    {"export_statement", Kind::other, js_export_name, "", js_export},
    {"variable_declarator", Kind::other, name_field, "", js_variable},
    {"assignment_expression", Kind::function, left_field, "", js_assignment},
    {"pair", Kind::function, key_field, "", js_property},
    {"field_definition", Kind::function, property_field, "", js_property},
};
constexpr std::string_view kJavaScriptWrappers[] = {"export_statement", "lexical_declaration", "variable_declaration"};
constexpr std::string_view kJavaScriptScopes[] = {"statement_block", "arrow_function", "for_statement"};

// --- TOML, JSON, shell -------------------------------------------------------------------------------------------

Decision toml_pair(const Site& site) { return site.parent == "inline_table" ? Decision() : Kind::constant; }

constexpr Rule kToml[] = {
    {"table", Kind::module, first_child},
    {"table_array_element", Kind::module, first_child},
    {"pair", Kind::constant, first_key, "", toml_pair},
};
constexpr std::string_view kTomlLists[] = {"document", "table", "table_array_element"};

// document → object → pair
Decision json_pair(const Site& site) { return site.depth == 2 ? Decision(Kind::constant) : std::nullopt; }

constexpr Rule kJson[] = {
    {"pair", Kind::constant, key_field, "", json_pair},
};
constexpr std::string_view kJsonLists[] = {"object", "array"};

Decision shell_variable(const Site& site) {
  if (site.local || site.parent == "command") return std::nullopt; // FOO=bar make
  return site.parent == "declaration_command" && site.text.substr(site.parent_begin).starts_with("readonly")
             ? Kind::constant
             : Kind::other;
}

Decision shell_command(const Site& site) {
  const std::string_view command = name_field(site);
  return command == "source" || command == "." ? Decision(Kind::import_) : std::nullopt;
}
std::string_view first_argument(const Site& site) { return unquoted(argument_field(site)); }

constexpr Rule kShell[] = {
    {"function_definition", Kind::function, name_field},
    {"variable_assignment", Kind::other, name_field, "", shell_variable},
    {"command", Kind::import_, first_argument, "", shell_command},
};
constexpr std::string_view kShellScopes[] = {"function_definition"};

} // namespace

Rules rules(Language language) {
  switch (language) {
  case Language::c: return {kC, {}, kCScopes, kCLists};
  case Language::cpp: return {kCpp, kCppWrappers, kCScopes, kCppLists};
  case Language::rust: return {kRust, {}, {}, kRustLists};
  case Language::python: return {kPython, kPythonWrappers, kPythonScopes, kPythonLists, true, "#"};
  case Language::go: return {kGo, kGoWrappers, kGoScopes, kGoLists};
  case Language::javascript: return {kJavaScript, kJavaScriptWrappers, kJavaScriptScopes};
  case Language::toml: return {kToml, {}, {}, kTomlLists, false, "#"};
  case Language::json: return {kJson, {}, {}, kJsonLists};
  case Language::shell: return {kShell, {}, kShellScopes};
  default: return {};
  }
}

bool has_declarations(Language language) { return !rules(language).declarations.empty(); }

} // namespace packscope::syntax
