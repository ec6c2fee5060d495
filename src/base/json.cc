// JSON out; see json.h. Grammar: RFC 8259. Escapes: quote, backslash and control characters only.
#include "base/json.h"

#include "base/bytes.h"
#include "base/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace packscope {
namespace {

// Length of the well-formed UTF-8 sequence at `at`, 0 where there is none (Unicode table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(at), second = byte(at + 1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    return second >= low && second <= high && continues(at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high && continues(at + 2) && continues(at + 3) ? 4 : 0;
  }
  return 0;
}

// Stands in a JSON string as it is, whatever stands before and behind.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain = {};
  for (unsigned byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

// Whether all eight do: no byte of the word is above 127, below 32, a quote or a backslash. (A borrow can only find too much
// above a byte that was found.)
bool all_plain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  const auto zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  return ((word | (word - kOnes * 0x20) | zero(word ^ kOnes * '"') | zero(word ^ kOnes * '\\')) & kHighs) == 0;
}

// From `at` to the first byte that doesn't.
std::size_t plain_end(std::string_view text, std::size_t at) {
  const Bytes bytes = as_bytes(text);
  while (text.size() - at >= 8 && all_plain(load_le<std::uint64_t>(bytes.data() + at))) at += 8;
  while (at < text.size() && kPlain[bytes[at]]) ++at;
  return at;
}

} // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) out += "\xEF\xBF\xBD";
    else out.append(text, at, length);
    at += length == 0 ? 1 : length;
  }
  return out;
}

void JsonWriter::separate() {
  if (need_comma_) text_ += ',';
  need_comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view token) {
  separate();
  text_ += token;
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  text_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = plain_end(text, at); // nearly all of nearly every text
    text_.append(text, at, plain - at);
    if ((at = plain) == text.size()) break;
    const unsigned char byte = static_cast<unsigned char>(text[at]);
    if (byte == '"' || byte == '\\') {
      text_ += '\\';
      text_ += text[at++];
    } else if (byte == '\n') {
      text_ += "\\n";
      ++at;
    } else if (byte == '\t') {
      text_ += "\\t";
      ++at;
    } else if (byte < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      text_ += "\\u00";
      text_ += kDigits[byte >> 4];
      text_ += kDigits[byte & 15];
      ++at;
    } else if (const std::size_t length = sequence_length(text, at); length != 0) {
      text_.append(text, at, length);
      at += length;
    } else {
      text_ += "\xEF\xBF\xBD";
      ++at;
    }
  }
  text_ += '"';
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  text_ += ':';
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  char buffer[32];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, number);
  return raw({buffer, end.ptr});
}

JsonWriter& JsonWriter::path_field(std::string_view name, std::string_view path) {
  field(name, path);
  if (!is_valid_utf8(path)) field(std::string(name) + "_hex", hex(path));
  return *this;
}

std::string JsonWriter::take_line() {
  std::string line = std::move(text_);
  text_.clear();
  need_comma_ = false;
  line += '\n';
  return line;
}

} // namespace packscope
