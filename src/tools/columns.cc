// See columns.h.
#include "tools/columns.h"

#include <algorithm>
#include <cstdio>

namespace packscope::tools {

static std::size_t missing(const std::string& text, std::size_t width) {
  const auto columns = static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; })); // UTF-8
  return width - std::min(width, columns);
}

std::string to_left(std::string text, std::size_t width) {
  return text.append(missing(text, width), ' ');
}

std::string to_right(std::string text, std::size_t width) {
  return text.insert(0, missing(text, width), ' ');
}

std::string decimals(double value, int digits) {
  char text[400]; // the largest double has 309 digits before the point
  const int size = std::snprintf(text, sizeof text, "%.*f", digits, value);
  return std::string(text, std::min(sizeof text - 1, static_cast<std::size_t>(std::max(size, 0))));
}

} // namespace packscope::tools
