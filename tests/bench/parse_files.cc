// parse_files FOLDER [read|parse|oracle] < NUL-separated paths: what a checkout gives, file by file.
//
//   read    reads the files, prints how many bytes
//   parse   reads and parses them as packscope's own parser does, prints how many declarations
//   oracle  a JSON line a file with its declarations, found by rules of its own over tree-sitter's tree (six languages:
//           C, C++, Rust, Python, Go, JavaScript); the others by packscope's parser
//
// The rules are written down a second time, by recursion and node names alone, so that a mistake in the tables and the
// walk of src/syntax/ is a difference. Files that are links are left out.
#include "base/json.h"
#include "syntax/parse.h"

#include <tree_sitter/api.h>

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace packscope;
using syntax::Language;

namespace {

struct Found {
  std::string kind, name;
  std::uint32_t begin, end;
};

class Oracle {
public:
  Oracle(Language language, std::string_view text, std::vector<Found>& out) : language_(language), text_(text), out_(out) {}

  // The number of the declaration that `node` is, or dresses; -1.
  int visit(TSNode node, std::string parent, unsigned parent_begin, bool local, std::string around) {
    const std::string type = ts_node_is_named(node) ? ts_node_type(node) : "";
    if (type.ends_with("comment")) return -1;
    const std::size_t before = out_.size();
    int own = -1;
    std::string name;
    const std::string kind = type.empty() ? "" : kind_of(node, type, parent, parent_begin, local, around, name);
    if (!kind.empty()) {
      own = static_cast<int>(out_.size());
      out_.push_back({kind, tidy(name), ts_node_start_byte(node), end_of(node)});
    }
    int direct = -1, directs = 0;
    std::size_t after = 0;
    const bool inner_local = local || is_scope(type);
    for (std::uint32_t i = 0; i < ts_node_child_count(node); ++i) {
      const int child = visit(ts_node_child(node, i), ts_node_type(node), ts_node_start_byte(node), inner_local, own >= 0 ? kind : around);
      if (child < 0) continue;
      ++directs;
      direct = child;
      after = out_.size();
    }
    if (own >= 0) return own;
    if (!is_wrapper(type) || directs != 1 || static_cast<std::size_t>(direct) != before || after != out_.size()) return -1;
    out_[before].begin = ts_node_start_byte(node);
    out_[before].end = end_of(node);
    return direct;
  }

private:
  static bool space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
  static std::string type_of(TSNode node) { return ts_node_is_null(node) ? "" : ts_node_type(node); }
  static TSNode field(TSNode node, const char* name) {
    return ts_node_child_by_field_name(node, name, static_cast<std::uint32_t>(std::string_view(name).size()));
  }
  std::string text(TSNode node) const {
    return ts_node_is_null(node) ? "" : std::string(text_.substr(ts_node_start_byte(node), ts_node_end_byte(node) - ts_node_start_byte(node)));
  }
  std::string text(TSNode node, const char* name) const { return text(field(node, name)); }
  static std::string unquoted(std::string text) {
    if (text.size() < 2) return text;
    const char first = text.front(), last = text.back();
    if ((first == last && (first == '"' || first == '\'' || first == '`')) || (first == '<' && last == '>')) return text.substr(1, text.size() - 2);
    return text;
  }
  std::uint32_t end_of(TSNode node) const {
    std::uint32_t end = std::min<std::uint32_t>(ts_node_end_byte(node), static_cast<std::uint32_t>(text_.size()));
    while (end > ts_node_start_byte(node) && space(text_[end - 1])) --end;
    // Blanks that end a leaf (a macro's last line that is continued into nothing) belong to it.
    TSNode leaf = node;
    for (bool deeper = true; deeper;) {
      deeper = false;
      for (std::uint32_t i = ts_node_child_count(leaf); i-- > 0 && !deeper;) {
        const TSNode child = ts_node_child(leaf, i);
        const std::string own = text(child);
        const bool blank = !ts_node_is_named(child) && own.find_first_not_of(" \t\n\v\f\r") == std::string::npos;
        if (own.empty() || blank) continue;
        leaf = child;
        deeper = true;
      }
    }
    return type_of(leaf).ends_with("comment") ? end : std::max(end, std::min<std::uint32_t>(ts_node_end_byte(leaf), static_cast<std::uint32_t>(text_.size())));
  }
  static std::string tidy(const std::string& text) {
    std::string name;
    for (const char c : text)
      if (!space(c)) name += c;
      else if (!name.empty() && name.back() != ' ') name += ' ';
    if (name.size() > 256) {
      std::size_t end = 256;
      while (end > 0 && (name[end] & 0xC0) == 0x80) --end;
      name.resize(end);
    }
    while (name.ends_with(' ')) name.pop_back();
    return name;
  }

  bool is_scope(const std::string& type) const {
    switch (language_) {
    case Language::c:
    case Language::cpp: return type == "compound_statement";
    case Language::python: return type == "function_definition";
    case Language::go: return type == "block";
    case Language::javascript: return type == "statement_block" || type == "arrow_function" || type == "for_statement";
    default: return false;
    }
  }
  bool is_wrapper(const std::string& type) const {
    switch (language_) {
    case Language::cpp: return type == "template_declaration";
    case Language::python: return type == "decorated_definition";
    case Language::go:
      return type == "import_declaration" || type == "type_declaration" || type == "const_declaration" || type == "var_declaration";
    case Language::javascript: return type == "export_statement" || type == "lexical_declaration" || type == "variable_declaration";
    default: return false;
    }
  }

  std::string kind_of(TSNode node, const std::string& type, const std::string& parent, unsigned parent_begin, bool local,
                      const std::string& around, std::string& name) const {
    switch (language_) {
    case Language::rust: return rust(node, type, name);
    case Language::python: return python(node, type, local, around, name);
    case Language::go: return go(node, type, local, name);
    case Language::javascript: return javascript(node, type, parent_begin, local, name);
    default: return c_like(node, type, parent, local, name);
    }
  }

  std::string rust(TSNode node, const std::string& type, std::string& name) const {
    static constexpr std::pair<const char*, const char*> kKinds[] = {
        {"function_item", "function"}, {"function_signature_item", "function"}, {"struct_item", "type"}, {"union_item", "type"},
        {"enum_item", "type"}, {"trait_item", "type"}, {"type_item", "type"}, {"associated_type", "type"}, {"const_item", "constant"},
        {"static_item", "constant"}, {"mod_item", "module"}, {"macro_definition", "macro"}, {"extern_crate_declaration", "import"}};
    for (const auto& [what, kind] : kKinds)
      if (type == what) return name = text(node, "name"), kind;
    if (type == "use_declaration") return name = text(node, "argument"), "import";
    if (type == "foreign_mod_item") return name = text(ts_node_named_child(node, 0)), "import";
    if (type != "impl_item") return "";
    const TSNode trait = field(node, "trait"), self = field(node, "type");
    const TSNode first = ts_node_is_null(trait) ? self : trait;
    if (!ts_node_is_null(self)) name = text_.substr(ts_node_start_byte(first), ts_node_end_byte(self) - ts_node_start_byte(first));
    return "implementation";
  }

  std::string python(TSNode node, const std::string& type, bool local, const std::string& around, std::string& name) const {
    if (type == "function_definition" || type == "class_definition") return name = text(node, "name"), type[0] == 'f' ? "function" : "type";
    if (type == "type_alias_statement") return name = text(ts_node_named_child(node, 0)), "type";
    if (type == "import_from_statement") return name = text(node, "module_name"), "import";
    if (type == "future_import_statement") return name = "__future__", "import";
    if (type == "import_statement") {
      const TSNode first = field(node, "name");
      return name = type_of(first) == "aliased_import" ? text(first, "name") : text(first), "import";
    }
    if (type != "assignment" || local || type_of(field(node, "left")) != "identifier") return "";
    name = text(node, "left");
    if (type_of(field(node, "right")) == "lambda") return "function";
    const bool capital = name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos &&
                         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    return capital ? "constant" : around == "type" ? "" : "other";
  }

  std::string go(TSNode node, const std::string& type, bool local, std::string& name) const {
    if (type == "package_clause") return name = text(ts_node_named_child(node, 0)), "module";
    if (type == "import_spec") return name = unquoted(text(node, "path")), "import";
    name = text(node, "name");
    if (type == "function_declaration" || type == "method_declaration" || type == "method_elem") return "function";
    if (type == "type_spec" || type == "type_alias") return "type";
    if (type == "const_spec" && !local) return "constant";
    return type == "var_spec" && !local ? "other" : "";
  }

  static std::string js_value(TSNode value) {
    const std::string type = type_of(value);
    if (type == "arrow_function" || type == "function_expression" || type == "generator_function") return "function";
    return type == "class" ? "type" : "";
  }
  std::string javascript(TSNode node, const std::string& type, unsigned parent_begin, bool local, std::string& name) const {
    name = text(node, "name");
    if (type == "function_declaration" || type == "generator_function_declaration" || type == "method_definition") return "function";
    if (type == "class_declaration") return "type";
    if (type == "import_statement") return name = unquoted(text(node, "source")), "import";
    if (type == "assignment_expression") return name = text(node, "left"), js_value(field(node, "right"));
    if (type == "pair") return name = unquoted(text(node, "key")), js_value(field(node, "value"));
    if (type == "field_definition") return name = text(node, "property"), js_value(field(node, "value"));
    if (type == "export_statement") {
      if (!ts_node_is_null(field(node, "declaration"))) return "";
      if (!ts_node_is_null(field(node, "source"))) return name = unquoted(text(node, "source")), "import";
      const TSNode value = field(node, "value");
      name = ts_node_is_null(value) ? text(ts_node_named_child(node, 0)) : "default";
      const std::string kind = ts_node_is_null(value) ? "" : js_value(value);
      return kind.empty() ? "other" : kind;
    }
    if (type != "variable_declarator") return "";
    const TSNode value = field(node, "value");
    if (const std::string kind = ts_node_is_null(value) ? "" : js_value(value); !kind.empty()) return kind;
    if (local) return "";
    if (type_of(value) == "call_expression" && text(value, "function") == "require") return "import";
    return text_.substr(parent_begin).starts_with("const") ? "constant" : "other";
  }

  // The name inside a declarator, and whether calling it is what the declarator says.
  TSNode declared(TSNode node, bool& function) const {
    TSNode at = field(node, "declarator");
    function = false;
    while (!ts_node_is_null(at)) {
      const std::string type = type_of(at);
      if (type == "operator_cast") return function = true, at;
      TSNode inner = field(at, "declarator");
      const bool plain = type == "parenthesized_declarator" || type == "attributed_declarator";
      if (ts_node_is_null(inner)) {
        if (!plain && type != "reference_declarator") return at;
        inner = ts_node_named_child(at, 0);
      }
      if (!plain) function = type == "function_declarator";
      at = inner;
    }
    return at;
  }
  std::string declared_name(TSNode node) const {
    bool function;
    const TSNode name = declared(node, function);
    if (type_of(name) != "operator_cast" || ts_node_is_null(field(name, "declarator"))) return text(name);
    return std::string(text_.substr(ts_node_start_byte(name), ts_node_start_byte(field(name, "declarator")) - ts_node_start_byte(name)));
  }
  bool says(TSNode node, std::initializer_list<std::string_view> words) const {
    for (std::uint32_t i = 0; i < std::min(ts_node_named_child_count(node), 8u); ++i) {
      const TSNode child = ts_node_named_child(node, i);
      const std::string type = type_of(child);
      if (type.ends_with("declarator")) return false;
      if (type == "type_qualifier" || type == "storage_class_specifier")
        for (const std::string_view word : words)
          if (text(child) == word) return true;
    }
    return false;
  }
  std::string c_like(TSNode node, const std::string& type, const std::string& parent, bool local, std::string& name) const {
    const bool cpp = language_ == Language::cpp;
    if (type == "preproc_include") return name = unquoted(text(node, "path")), "import";
    if (type == "preproc_def" || type == "preproc_function_def") return name = text(node, "name"), "macro";
    if (type == "function_definition") return name = declared_name(node), "function";
    if (type == "type_definition") return name = declared_name(node), "type";
    if (type == "struct_specifier" || type == "union_specifier" || type == "enum_specifier" || (cpp && type == "class_specifier")) {
      name = text(node, "name");
      if (ts_node_is_null(field(node, "body"))) return "";
      const bool part = parent.ends_with("declaration") || parent.ends_with("definition") || parent == "type_descriptor";
      return ts_node_is_null(field(node, "name")) && part ? "" : "type";
    }
    bool function = false;
    if (type == "declaration") {
      if (local || parent == "function_definition" || ts_node_is_null(declared(node, function))) return "";
      name = declared_name(node);
      return function ? "function" : says(node, {"const", "constexpr"}) ? "constant" : "other";
    }
    if (!cpp) return "";
    if (type == "field_declaration") {
      if (ts_node_is_null(declared(node, function))) return "";
      name = declared_name(node);
      return function ? "function" : says(node, {"static"}) && says(node, {"const", "constexpr"}) ? "constant" : "";
    }
    if (type == "using_declaration") {
      const std::uint32_t count = ts_node_named_child_count(node);
      if (count > 0) name = text(ts_node_named_child(node, count - 1));
      return "import";
    }
    name = text(node, "name");
    if (type == "alias_declaration" || type == "concept_definition") return "type";
    if (type == "namespace_definition") return "module";
    return type == "namespace_alias_definition" ? "import" : "";
  }

  const Language language_;
  const std::string_view text_;
  std::vector<Found>& out_;
};

bool has_oracle(Language language) {
  return language == Language::c || language == Language::cpp || language == Language::rust || language == Language::python ||
         language == Language::go || language == Language::javascript;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: parse_files FOLDER read|parse|oracle < NUL-separated paths\n"), 2;
  const std::string folder = argv[1], what = argv[2];
  std::vector<std::string> paths;
  for (std::string path; std::getline(std::cin, path, '\0');) paths.push_back(path);
  syntax::HeaderVote vote;
  for (const std::string& path : paths) vote.count(path);
  syntax::Grammars grammars;
  syntax::Parser parser(grammars);
  syntax::Parsed parsed;
  TSParser* plain = ts_parser_new();
  std::uint64_t bytes = 0, declarations = 0, files = 0;
  for (const std::string& path : paths) {
    struct stat status;
    if (::lstat((folder + "/" + path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    std::ifstream in(folder + "/" + path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    ++files;
    bytes += text.size();
    const Language language = vote.language_of(path);
    if (what == "read" || !syntax::has_declarations(language)) continue;
    std::vector<Found> found;
    if (what == "oracle" && has_oracle(language)) {
      ts_parser_set_language(plain, *grammars.get(language));
      TSTree* tree = ts_parser_parse_string(plain, nullptr, text.data(), static_cast<std::uint32_t>(text.size()));
      Oracle(language, text, found).visit(ts_tree_root_node(tree), "", 0, false, "");
      ts_tree_delete(tree);
    } else {
      if (const Result<void> done = parser.parse(language, as_bytes(text), parsed, {.tokens = false, .declarations = true}); !done) {
        std::fprintf(stderr, "%s: %s\n", path.c_str(), done.error().text().c_str());
        continue;
      }
      declarations += parsed.declarations.size();
      for (const syntax::Declaration& one : parsed.declarations)
        found.push_back({std::string(syntax::name(one.kind)), one.name, one.begin, one.end});
    }
    if (what != "oracle") continue;
    JsonWriter record;
    record.begin_object().path_field("path", path).field("language", syntax::name(language)).key("declarations").begin_array();
    for (const Found& one : found) {
      record.begin_object().field("kind", one.kind);
      if (one.name.empty()) record.null_field("name");
      else record.field("name", one.name);
      record.field("begin", one.begin).field("end", one.end).end_object();
    }
    record.end_array().end_object();
    std::fputs(record.take_line().c_str(), stdout);
  }
  ts_parser_delete(plain);
  if (what != "oracle")
    std::printf("%llu files, %llu bytes, %llu declarations\n", static_cast<unsigned long long>(files), static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(declarations));
}
