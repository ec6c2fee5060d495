// Git's configuration syntax, read as git's own config.c reads it; see git_config.h.
#include "deps/git_config.h"

#include <algorithm>

namespace packscope::deps {
namespace {

bool space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
bool letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
bool in_name(char byte) { return letter(byte) || (byte >= '0' && byte <= '9') || byte == '-'; }
char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

class ConfigReader {
public:
  explicit ConfigReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  Result<std::vector<GitConfigEntry>> read() {
    for (int byte; (byte = next()) != kEnd;) {
      if (space(static_cast<char>(byte))) continue;
      if (byte == '#' || byte == ';')
        skip_comment();
      else if (byte == '[' ? !section() : !key(static_cast<char>(byte)))
        return fail_in(text_, at_ == 0 ? 0 : at_ - 1, byte == '[' ? "bad section header" : "bad line");
    }
    return std::move(entries_);
  }

private:
  static constexpr int kEnd = -1;

  int next() { // "\r\n" is one line end
    if (at_ >= text_.size()) return kEnd;
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    return static_cast<unsigned char>(text_[at_++]);
  }
  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  bool section() {
    section_.clear();
    subsection_.reset();
    for (int byte; (byte = next()) != kEnd;) {
      if (byte == ']') return !section_.empty() && split_old_form();
      if (space(static_cast<char>(byte))) return quoted_subsection(byte);
      if (!in_name(static_cast<char>(byte)) && byte != '.') return false;
      section_ += lower(static_cast<char>(byte));
    }
    return false;
  }
  // [submodule.name]: the part behind the first dot.
  bool split_old_form() {
    if (const std::size_t dot = section_.find('.'); dot != section_.npos) {
      subsection_ = section_.substr(dot + 1);
      section_.resize(dot);
    }
    return true;
  }
  bool quoted_subsection(int byte) {
    while (byte != kEnd && space(static_cast<char>(byte))) {
      if (byte == '\n') return false;
      byte = next();
    }
    if (byte != '"') return false;
    std::string name;
    while ((byte = next()) != '"') {
      if (byte == '\\') byte = next();
      if (byte == kEnd || byte == '\n') return false;
      name += static_cast<char>(byte);
    }
    if (const std::size_t dot = section_.find('.'); dot != section_.npos) { // [a.b "c"] is a, b.c
      name = section_.substr(dot + 1) + "." + name;
      section_.resize(dot);
    }
    subsection_ = std::move(name);
    return next() == ']';
  }

  bool key(char first) {
    if (!letter(first)) return false;
    GitConfigEntry entry = {.section = section_, .subsection = subsection_, .key = std::string(1, lower(first))};
    int byte = next();
    for (; byte != kEnd && in_name(static_cast<char>(byte)); byte = next()) entry.key += lower(static_cast<char>(byte));
    while (byte == ' ' || byte == '\t') byte = next();
    if (byte != '\n' && byte != kEnd) {
      if (byte != '=') return false;
      entry.value.emplace();
      if (!value(*entry.value)) return false;
    }
    entries_.push_back(std::move(entry));
    return true;
  }

  bool value(std::string& out) {
    bool quoted = false;
    std::string spaces; // held back: those at the end do not count
    for (;;) {
      int byte = next();
      if (byte == '\n' || byte == kEnd) return !quoted;
      if (!quoted && space(static_cast<char>(byte))) {
        if (!out.empty()) spaces += static_cast<char>(byte);
        continue;
      }
      if (!quoted && (byte == '#' || byte == ';')) {
        skip_comment();
        continue;
      }
      out += spaces;
      spaces.clear();
      if (byte == '"') {
        quoted = !quoted;
      } else if (byte == '\\') {
        switch (byte = next()) {
        case '\n': break;
        case 't': out += '\t'; break;
        case 'b': out += '\b'; break;
        case 'n': out += '\n'; break;
        case '\\':
        case '"': out += static_cast<char>(byte); break;
        default: return false;
        }
      } else {
        out += static_cast<char>(byte);
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string section_;
  std::optional<std::string> subsection_;
  std::vector<GitConfigEntry> entries_;
};

} // namespace

Result<std::vector<GitConfigEntry>> parse_git_config(std::string_view text) {
  if (Result<void> fit = check_manifest(text); !fit) return std::unexpected(fit.error());
  return ConfigReader(text).read();
}

} // namespace packscope::deps
