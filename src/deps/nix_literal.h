// The literal subset of Nix in which a flake says what it needs (nix.dev/manual: "Flakes", "Syntax and semantics").
//
//   flake     := "rec"? "{" binding* "}"
//   binding   := path "=" value ";" | "inherit" … ";"        path := part ("." part)*     part := name | string
//   value     := string | indented | url | file | integer | "true" | "false" | "rec"? "{" binding* "}" | "(" value ")"
//   string    := '"' … '"'       escapes: \n \r \t \X; no ${…}
//   indented  := "''" … "''"     escapes: ''$ ''' ''\X; the lines' common indentation is taken off
//   url       := scheme ":" …    file := ./… ../… /… ~/…     comments: # … and /* … */
//
// Nix itself takes nothing else in `inputs` (its "forceTrivialValue"), but for names of a `rec` set. What is not asked
// for, `outputs` first of all, is passed over by its brackets, strings and `let … in`, without being understood.
#pragma once

#include "deps/manifest.h"

#include <functional>
#include <map>
#include <optional>

namespace packscope::deps {

enum class NixKind : std::uint8_t { set, string, path, integer, boolean, passed_over };

struct NixValue {
  NixKind kind = NixKind::set;
  std::string text = {};   // string, path
  std::int64_t number = 0; // integer, boolean
  std::map<std::string, NixValue, std::less<>> set = {};
  std::size_t offset = 0; // in the text, for messages

  const NixValue* get(std::string_view name) const {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : &found->second;
  }
};

// The whole text as one set. Attributes for which `wanted` says no are passed over.
Result<NixValue> parse_nix_literals(std::string_view text, const std::function<bool(std::string_view)>& wanted);

// What a name begins with, and what it holds.
inline bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_'; }
inline bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
inline bool in_nix_name(char byte) { return is_letter(byte) || is_digit(byte) || byte == '\'' || byte == '-'; }

// The offset of the ";" that ends the expression at `at`, or npos: passes over any Nix expression.
std::size_t pass_over(std::string_view text, std::size_t at);
// The offset after spaces and comments.
std::size_t after_space(std::string_view text, std::size_t at);

// The text between the quotes of a '' string: escapes, indentation. nullopt: it has ${…}.
std::optional<std::string> indented_text(std::string_view inner);

} // namespace packscope::deps
