// Which bytes a url is made of, and comparison that does not see case. Private to the room.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace packscope::deps {

// What a byte may be: a table, as every byte around a hit is asked.
enum : std::uint8_t { kAlnum = 1, kWord = 2, kPath = 4 };
inline constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes = {};
  for (unsigned byte = 0; byte < 128; ++byte) {
    const char c = static_cast<char>(byte);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      classes[byte] = kAlnum | kWord | kPath;
  }
  for (const char c : std::string_view("_-.")) classes[static_cast<unsigned char>(c)] = kWord | kPath;
  for (const char c : std::string_view("/~+%@:=&!")) classes[static_cast<unsigned char>(c)] = kPath;
  return classes;
}();
inline bool is(char byte, std::uint8_t kind) { return (kClasses[static_cast<unsigned char>(byte)] & kind) != 0; }
inline bool is_alnum(char byte) { return is(byte, kAlnum); }
inline bool is_word(char byte) { return is(byte, kWord); }
inline bool is_path(char byte) { return is(byte, kPath); }
// After one of these inside a name comes something that a program fills in: "https://github.com/$user/repo".
inline bool opens_template(char byte) { return byte == '$' || byte == '{' || byte == '*' || byte == '<'; }

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& byte : out)
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + ('a' - 'A'));
  return out;
}

inline bool equal_but_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b); });
}

// A sentence's punctuation is not the url's.
inline bool is_ending(char byte) { return std::string_view(".:!?#=&").find(byte) != std::string_view::npos; }

inline bool is_host(std::string_view host) {
  return !host.empty() && is_alnum(host.front()) && is_alnum(host.back()) && host.find("..") == host.npos &&
         std::all_of(host.begin(), host.end(), is_word);
}

} // namespace packscope::deps
