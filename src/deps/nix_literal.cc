// The literal subset of Nix; see nix_literal.h for the grammar.
#include "deps/nix_literal.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace packscope::deps {
namespace {

class Parser {
public:
  Parser(std::string_view text, const std::function<bool(std::string_view)>& wanted) : text_(text), wanted_(wanted) {}

  Result<NixValue> parse() {
    NixValue root;
    skip();
    word("rec");
    if (!take('{'))
      refuse("a flake is a set: '{' is missing");
    else
      bindings(root, 0);
    if (!failed_ && at_ < text_.size()) refuse("something follows the set");
    if (failed_) return std::unexpected(error_);
    return root;
  }

private:
  void refuse(std::string_view what) { refuse_at(at_, what); }
  void refuse_at(std::size_t offset, std::string_view what) {
    if (!failed_) error_ = fail_in(text_, offset, what).error();
    failed_ = true;
  }

  void skip() { at_ = after_space(text_, at_); }
  bool take(char byte) { // and the space behind it
    if (at_ >= text_.size() || text_[at_] != byte) return false;
    ++at_;
    skip();
    return true;
  }
  std::string_view peek_name() const {
    std::size_t end = at_;
    if (end < text_.size() && is_letter(text_[end]))
      while (end < text_.size() && in_nix_name(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool word(std::string_view wanted) {
    if (peek_name() != wanted) return false;
    at_ += wanted.size();
    skip();
    return true;
  }

  // After "{", to after "}".
  void bindings(NixValue& set, std::size_t depth) {
    if (depth > kMaxNesting) return refuse("sets nested deeper than " + std::to_string(kMaxNesting));
    while (!failed_ && !take('}')) {
      if (at_ >= text_.size()) return refuse("the set is not closed");
      if (depth == 0 && peek_name() == "inherit")
        pass();
      else
        binding(set, depth);
    }
  }

  void binding(NixValue& set, std::size_t depth) {
    const std::size_t begin = at_;
    std::vector<std::string> path;
    do {
      std::optional<std::string> part = attribute_name();
      if (!part) return;
      path.push_back(std::move(*part));
      if (path.size() + depth > kMaxNesting)
        return refuse("more than " + std::to_string(kMaxNesting) + " parts in a name");
    } while (take('.'));
    if (!take('=')) return refuse(depth == 0 ? "'=' is missing: a flake is a set, and no function" : "'=' is missing");
    if (depth == 0 && !wanted_(path.front())) {
      set.set.try_emplace(path.front(), NixValue{.kind = NixKind::passed_over, .offset = begin});
      return pass();
    }
    NixValue* into = &set;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      into = &into->set.try_emplace(path[i], NixValue{.offset = begin}).first->second;
      if (into->kind != NixKind::set) return refuse_at(begin, "'" + path[i] + "' is already defined");
    }
    NixValue made = value(depth + path.size());
    if (failed_) return;
    if (!take(';')) return refuse("'" + path.back() + "' is not a literal");
    NixValue& slot = into->set.try_emplace(path.back(), NixValue{.offset = begin}).first->second;
    const bool merges = slot.kind == NixKind::set && made.kind == NixKind::set; // a = { x = 1; }; a.y = 2;
    if (!merges && (slot.kind != NixKind::set || !slot.set.empty()))
      return refuse_at(begin, "'" + path.back() + "' is already defined");
    if (!merges)
      slot = std::move(made);
    else
      merge(slot, std::move(made), begin);
  }

  void merge(NixValue& into, NixValue from, std::size_t begin) {
    for (auto& [key, one] : from.set) {
      const auto [slot, fresh] = into.set.try_emplace(key);
      if (fresh)
        slot->second = std::move(one);
      else if (slot->second.kind == NixKind::set && one.kind == NixKind::set)
        merge(slot->second, std::move(one), begin);
      else
        return refuse_at(begin, "'" + key + "' is already defined");
    }
  }

  // Passes over everything up to and with the next ";" that is not inside something.
  void pass() {
    const std::size_t begin = at_;
    at_ = pass_over(text_, at_);
    if (at_ != text_.npos) return static_cast<void>(take(';'));
    at_ = text_.size();
    refuse_at(begin, "an expression that no ';' ends");
  }

  std::optional<std::string> attribute_name() {
    if (at_ < text_.size() && text_[at_] == '"') return string();
    const std::string_view name = peek_name();
    if (name.empty()) return refuse("a name is missing"), std::nullopt;
    if (name == "inherit") return refuse("'inherit' is not a literal"), std::nullopt;
    at_ += name.size();
    skip();
    return std::string(name);
  }

  NixValue value(std::size_t depth) {
    NixValue out = {.kind = NixKind::string, .offset = at_};
    if (depth > kMaxNesting) return refuse("nested deeper than " + std::to_string(kMaxNesting)), out;
    const std::string_view rest = text_.substr(at_);
    if (take('(')) {
      out = value(depth + 1);
      if (!failed_ && !take(')')) refuse("not a literal: ')' is missing");
    } else if (rest.starts_with('"')) {
      out.text = string().value_or("");
    } else if (rest.starts_with("''")) {
      indented(out);
    } else if (take('{')) {
      out.kind = NixKind::set;
      bindings(out, depth + 1);
    } else if (rest.starts_with("./") || rest.starts_with("../") || rest.starts_with('/') || rest.starts_with("~/")) {
      out.kind = NixKind::path;
      out.text = run_of("/._-+~");
    } else if (!rest.empty() && (is_digit(rest[0]) || rest[0] == '-')) {
      integer(out);
    } else {
      bare(out, depth);
    }
    return out;
  }

  void integer(NixValue& out) {
    out.kind = NixKind::integer;
    const char* end = text_.data() + text_.size();
    const auto [stop, code] = std::from_chars(text_.data() + at_, end, out.number);
    if (code != std::errc{}) return refuse("not an integer");
    at_ = static_cast<std::size_t>(stop - text_.data());
    skip();
  }

  // true, false, rec { … }, or a url without quotes.
  void bare(NixValue& out, std::size_t depth) {
    const std::string_view name = peek_name();
    std::size_t scheme = at_;
    while (scheme < text_.size() &&
           (is_letter(text_[scheme]) || is_digit(text_[scheme]) || std::string_view("+.-").contains(text_[scheme])))
      ++scheme;
    constexpr std::string_view kUrl = "%/?:@&=+$,-_.!~*'";
    const auto in_url = [&](std::size_t at) {
      return at < text_.size() && (is_letter(text_[at]) || is_digit(text_[at]) || kUrl.contains(text_[at]));
    };
    if (!name.empty() && name[0] != '_' && scheme < text_.size() && text_[scheme] == ':' && in_url(scheme + 1)) {
      out.text = run_of(kUrl);
    } else if (name == "true" || name == "false") {
      out.kind = NixKind::boolean;
      out.number = name == "true";
      at_ += name.size();
      skip();
    } else if (word("rec") && take('{')) {
      out.kind = NixKind::set;
      bindings(out, depth + 1);
    } else {
      refuse_at(out.offset, "not a literal");
    }
  }

  std::string run_of(std::string_view others) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) || others.contains(text_[at_]))) ++at_;
    std::string out(text_.substr(begin, at_ - begin));
    skip();
    return out;
  }

  std::optional<std::string> string() {
    const std::size_t begin = at_++;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      char byte = text_[at_++];
      const char next = at_ < text_.size() ? text_[at_] : '\0';
      if (byte == '$' && next == '{') return refuse_at(begin, "a string with ${…} is not a literal"), std::nullopt;
      if (byte == '$' && next == '$') out += text_[at_++]; // "$${" is text
      if (byte == '\\' && at_ < text_.size()) {
        ++at_;
        byte = next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next;
      } else if (byte == '\r') { // nix reads line ends as \n
        byte = '\n';
        if (next == '\n') ++at_;
      }
      out += byte;
    }
    if (at_ >= text_.size()) return refuse_at(begin, "a string that is not closed"), std::nullopt;
    ++at_;
    skip();
    return out;
  }

  void indented(NixValue& out) {
    const std::size_t begin = at_ + 2;
    for (std::size_t at = begin; (at = text_.find("''", at)) != text_.npos; at += 3) {
      const char behind = at + 2 < text_.size() ? text_[at + 2] : ' ';
      if (behind == '$' || behind == '\'') continue;
      if (behind == '\\') {
        ++at;
        continue;
      }
      const std::optional<std::string> text = indented_text(text_.substr(begin, at - begin));
      if (!text) return refuse("a string with ${…} is not a literal");
      out.text = *text;
      at_ = at + 2;
      return skip();
    }
    refuse("a string that is not closed");
  }

  std::string_view text_;
  const std::function<bool(std::string_view)>& wanted_;
  std::size_t at_ = 0;
  bool failed_ = false;
  Error error_;
};

} // namespace

Result<NixValue> parse_nix_literals(std::string_view text, const std::function<bool(std::string_view)>& wanted) {
  if (Result<void> fit = check_manifest(text); !fit) return std::unexpected(fit.error());
  return Parser(text, wanted).parse();
}

} // namespace packscope::deps
