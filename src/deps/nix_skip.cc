// Passing over Nix without understanding it; see nix_literal.h.
//
// Only what can hide a ";" matters: brackets, strings (and the code inside their ${…}), comments, and the three words
// that own a ";" of an expression: let … in, with …; and assert …;. All nesting is on a stack of our own, a byte each.
#include "deps/nix_literal.h"

#include <algorithm>
#include <string>

namespace packscope::deps {
namespace {

class Skipper {
public:
  Skipper(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t run() {
    while (at_ < text_.size()) {
      const char top = open_.empty() ? ' ' : open_.back();
      if (top == '"')
        string();
      else if (top == '\'')
        indented();
      else if (!code())
        return done_ ? at_ : text_.npos;
    }
    return text_.npos;
  }

private:
  char peek(std::size_t ahead = 1) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  // nixpkgs' own lexer: "$" takes the next byte along, unless that is "{" or the end.
  void string() {
    switch (text_[at_]) {
    case '"': open_.pop_back(); break;
    case '\\': ++at_; break;
    case '$':
      if (peek() == '{')
        open_ += '$', ++at_;
      else if (peek() == '$')
        ++at_;
      break;
    default: break;
    }
    ++at_;
  }
  void indented() {
    const char byte = text_[at_];
    if (byte == '$' && peek() == '{')
      open_ += '$', ++at_;
    else if (byte == '$' && peek() == '$')
      ++at_;
    else if (byte == '\'' && peek() == '\'') {
      if (peek(2) == '$' || peek(2) == '\'')
        at_ += 2;
      else if (peek(2) == '\\')
        at_ += 3;
      else
        open_.pop_back(), ++at_;
    }
    ++at_;
  }

  // One token of code. False: the end, or a bracket that closes nothing.
  bool code() {
    const std::size_t after = after_space(text_, at_);
    if (after > at_) return at_ = after, true;
    const char byte = text_[at_];
    if (is_letter(byte)) return word(), true;
    switch (byte) {
    case '"':
    case '(':
    case '[':
    case '{': open_ += byte; break;
    case '$':
      if (peek() == '{') open_ += '{', ++at_; // a dynamic attribute
      break;
    case '\'':
      if (peek() == '\'') open_ += '\'', ++at_;
      break;
    case ')':
    case ']':
    case '}': {
      const char wanted = byte == ')' ? '(' : byte == ']' ? '[' : '{';
      if (open_.empty() || (open_.back() != wanted && !(byte == '}' && open_.back() == '$'))) return false;
      open_.pop_back();
      break;
    }
    case ';':
      if (!open_.empty() || lets_ > 0) break;
      if (owned_ == 0) return done_ = true, false;
      --owned_;
      break;
    default: break;
    }
    ++at_;
    return true;
  }

  // A name, a keyword, or a url such as https://x;y (in which ";" cannot be, but "/*" and quotes can).
  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_nix_name(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (at_ < text_.size() && text_[at_] == ':') {
      constexpr std::string_view kUrl = "%/?:@&=+$,-_.!~*'";
      std::size_t end = at_ + 1;
      while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) || kUrl.contains(text_[end]))) ++end;
      if (end > at_ + 1) at_ = end;
      return;
    }
    if (!open_.empty()) return;
    const char before = begin > 0 ? text_[begin - 1] : ' ', behind = at_ < text_.size() ? text_[at_] : ' ';
    if (before == '/' || before == '.' || behind == '/') return; // a part of a file's path
    if (name == "let")
      ++lets_;
    else if (name == "in" && lets_ > 0)
      --lets_;
    else if ((name == "with" || name == "assert") && lets_ == 0)
      ++owned_;
  }

  std::string_view text_;
  std::size_t at_;
  std::string open_; // ( [ { as they are; " and ' strings; $ code inside a string
  std::size_t lets_ = 0, owned_ = 0;
  bool done_ = false;
};

} // namespace

std::size_t after_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))
      ++at;
    else if (text[at] == '#')
      at = std::min(text.find('\n', at), text.size());
    else if (text.substr(at, 2) == "/*")
      at = std::min(text.find("*/", at + 2), text.size() - 2) + 2;
    else
      break;
  }
  return at;
}

std::size_t pass_over(std::string_view text, std::size_t at) { return Skipper(text, at).run(); }

} // namespace packscope::deps
