// The two notations; see print.h.
#include "patterns/print.h"

#include <cstdio>

#include <algorithm>
#include <utility>
#include <vector>

namespace packscope::patterns {

namespace {

std::string hex_byte(unsigned byte, const char* format) {
  char text[8];
  std::snprintf(text, sizeof text, format, byte);
  return text;
}

// Only what means itself inside and outside of a class, in every engine.
std::string regex_byte(std::uint8_t byte) {
  const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                     byte == '_' || byte == '/' || byte == '=' || byte == '%' || byte == ';' || byte == '<' ||
                     byte == '>' || byte == '"' || byte == '@' || byte == ',' || byte == '\'';
  return plain ? std::string(1, static_cast<char>(byte)) : hex_byte(byte, "\\x%02x");
}

std::string regex_set(const ByteSet& set) {
  if (set.is_all()) return ".";
  if (set.is_one()) return regex_byte(set.first());
  std::string text = "[";
  for (unsigned first = 0; first < 256; ++first) {
    if (!set.has(static_cast<std::uint8_t>(first))) continue;
    unsigned last = first;
    while (last < 255 && set.has(static_cast<std::uint8_t>(last + 1))) ++last;
    text += regex_byte(static_cast<std::uint8_t>(first));
    if (last > first) text += (last > first + 1 ? "-" : "") + regex_byte(static_cast<std::uint8_t>(last));
    first = last;
  }
  return text + "]";
}

std::string yara_set(const ByteSet& set) {
  if (set.is_one()) return hex_byte(set.first(), "%02X");
  std::string text;
  unsigned parts = 0;
  const auto add = [&](const std::string& part) {
    text += (parts++ == 0 ? "" : " | ") + part;
  };
  ByteSet left = set;
  for (unsigned low = 0; low < 16; ++low) { // all bytes that end in this half
    ByteSet rest;
    bool whole = true;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if ((byte & 15) == low) whole &= left.has(static_cast<std::uint8_t>(byte));
      else if (left.has(static_cast<std::uint8_t>(byte))) rest.insert(static_cast<std::uint8_t>(byte));
    }
    if (!whole) continue;
    add(hex_byte(low, "?%X"));
    left = rest;
  }
  for (unsigned high = 0; high < 16; ++high) {
    std::string bytes;
    unsigned count = 0;
    for (unsigned byte = high * 16; byte < high * 16 + 16; ++byte) {
      if (!left.has(static_cast<std::uint8_t>(byte))) continue;
      bytes += (count++ == 0 ? "" : " | ") + hex_byte(byte, "%02X");
    }
    if (count == 16) add(hex_byte(high, "%X?"));
    else if (count > 0) add(bytes);
  }
  return parts == 1 && text.size() == 2 ? text : "( " + text + " )";
}

} // namespace

std::string regex_of(const Pattern& pattern) {
  std::string text = "(?s)";
  for (std::size_t i = 0; i < pattern.steps.size();) {
    const Step& step = pattern.steps[i];
    std::size_t same = i + 1; // a set that repeats is written once
    while (step.min == step.max && same < pattern.steps.size() && pattern.steps[same] == step) ++same;
    const std::size_t count = (same - i) * step.min;
    const std::string set = regex_set(step.set);
    i = same;
    if (step.min != step.max)
      text += set + "{" + std::to_string(step.min) + "," + std::to_string(step.max) + "}?";
    else if (count > 3 || (count > 1 && set.size() > 4))
      text += set + "{" + std::to_string(count) + "}";
    else
      for (std::size_t k = 0; k < count; ++k) text += set;
  }
  return text;
}

std::string yara_of(const Pattern& pattern) {
  // YARA takes at most 128 branches in a rule (RE_MAX_SPLIT_ID): the sets with the most ways to write give way to any byte,
  // until 96 are left.
  constexpr std::size_t kBranches = 96;
  std::vector<std::string> parts;
  std::vector<std::size_t> branches;
  for (const Step& step : pattern.steps) {
    if (!step.gap()) parts.push_back(yara_set(step.set));
    else if (step.min == step.max) parts.push_back("[" + std::to_string(step.min) + "]");
    else parts.push_back("[" + std::to_string(step.min) + "-" + std::to_string(step.max) + "]");
    branches.push_back(static_cast<std::size_t>(std::ranges::count(parts.back(), '|')));
  }
  std::size_t all = 0;
  for (const std::size_t one : branches) all += one;
  while (all > kBranches) {
    const std::size_t most = static_cast<std::size_t>(std::ranges::max_element(branches) - branches.begin());
    all -= std::exchange(branches[most], 0);
    parts[most] = "??";
  }
  std::string text = "{";
  for (const std::string& part : parts) text += " " + part;
  return text + " }";
}

bool has_yara_atom(const Pattern& pattern) {
  std::vector<std::uint8_t> run;
  for (const Step& step : pattern.steps) {
    if (!step.set.is_one()) {
      run.clear();
      continue;
    }
    run.push_back(step.set.first());
    const std::size_t size = run.size();
    if (size >= 4 && (run[size - 1] != run[size - 2] || run[size - 2] != run[size - 3] || run[size - 3] != run[size - 4]))
      return true;
  }
  return false;
}

} // namespace packscope::patterns
