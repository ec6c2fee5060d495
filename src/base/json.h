// Writes JSON records, one a line: small, ordered as written, always valid UTF-8.
//
// nlohmann/json reads (and writes what is small); this writer is for records in bulk: it appends to one string,
// and bytes that are no UTF-8 become U+FFFD instead of an exception.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace packscope {

// `text` with every byte that is not part of a well-formed UTF-8 sequence replaced by U+FFFD (Unicode 3.9, D92).
std::string valid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

class JsonWriter {
public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number); // shortest form that reads back equal; null where not finite
  JsonWriter& value(std::integral auto number) { return raw(std::to_string(number)); }
  JsonWriter& null() { return raw("null"); }

  // key(name) and value(...) in one.
  template <class Value>
  JsonWriter& field(std::string_view name, const Value& content) {
    return key(name).value(content);
  }
  JsonWriter& null_field(std::string_view name) { return key(name).null(); }
  // "path", and "path_hex" beside it where the path is not UTF-8.
  JsonWriter& path_field(std::string_view name, std::string_view path);

  // The record so far; `take_line` adds the newline and starts a new record.
  const std::string& text() const { return text_; }
  std::string take_line();

private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& raw(std::string_view token);
  void separate();
  void quote(std::string_view text);

  std::string text_;
  bool need_comma_ = false;
};

} // namespace packscope
