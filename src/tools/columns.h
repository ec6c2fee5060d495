// Figures and words in a table's columns.
#pragma once

#include <cstddef>
#include <string>

namespace packscope::tools {

// With spaces up to `width` columns, behind the text or before it; a character is one column, however many bytes it has.
std::string to_left(std::string text, std::size_t width);
std::string to_right(std::string text, std::size_t width);

std::string decimals(double value, int digits); // 0.5, 3 -> "0.500"

} // namespace packscope::tools
