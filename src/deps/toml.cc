// TOML behind limits; see toml.h.
//
//   string := """ … """ | ''' … ''' | " … " | ' … '      a backslash escapes in the first and third
//   dotted := part ("." part)*      part := bare | string
#include "deps/toml.h"

#include <algorithm>

namespace packscope::deps {
namespace {

class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<void> run() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    while (at_ < text_.size()) {
      const char byte = text_[at_];
      if (byte == '"' || byte == '\'') {
        string(byte);
      } else if (byte == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (static_cast<unsigned char>(byte) >= 0x80) {
        return fail_in(text_, at_, "a character that is not ASCII, outside strings and comments");
      } else {
        plain(byte);
        if (nesting_ + parts_ > kMaxNesting)
          return fail_in(text_, at_, "nested deeper than " + std::to_string(kMaxNesting));
        ++at_;
      }
    }
    return {};
  }

private:
  void plain(char byte) {
    if (byte == '[' || byte == '{') ++nesting_;
    if ((byte == ']' || byte == '}') && nesting_ > 0) --nesting_;
    if (byte == '.') ++parts_;
    else if (byte == '=' || byte == ',' || byte == '\n' || byte == ']' || byte == '}') parts_ = 0;
  }

  // To behind the string that begins here; an unclosed one ends the text, or its line.
  void string(char quote) {
    const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
    const bool long_one = text_.substr(at_, 3) == triple;
    for (at_ += long_one ? 3 : 1; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (!long_one && (text_[at_] == quote || text_[at_] == '\n')) {
        return static_cast<void>(++at_);
      } else if (long_one && text_.substr(at_, 3) == triple) {
        at_ += 3;
        while (at_ < text_.size() && text_[at_] == quote) ++at_; // """a""""" holds two quotes more
        return;
      }
    }
    at_ = text_.size();
  }
  std::string_view text_;
  std::size_t at_ = 0, nesting_ = 0;
  std::size_t parts_ = 0; // of the dotted key that we are in, if we are in one
};

} // namespace

Result<void> check_toml(std::string_view text) { return Scanner(text).run(); }

Result<toml::table> parse_toml(std::string_view text) {
  if (Result<void> fit = check_manifest(text); !fit) return std::unexpected(fit.error());
  if (Result<void> fit = check_toml(text); !fit) return std::unexpected(fit.error());
  toml::parse_result parsed = toml::parse(text);
  if (parsed) return std::move(parsed).table();
  const toml::parse_error& error = parsed.error();
  return fail("line " + std::to_string(error.source().begin.line) + ": " + shortened(error.description()));
}

} // namespace packscope::deps
