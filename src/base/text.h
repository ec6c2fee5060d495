// Small text helpers that several rooms need.
#pragma once

#include "base/bytes.h"

#include <string>
#include <string_view>

namespace packscope {

std::string hex(Bytes bytes);
inline std::string hex(std::string_view text) { return hex(as_bytes(text)); }

// One line that no terminal obeys: bytes that are no UTF-8 as U+FFFD, control characters as \x1b.
std::string printable(std::string_view text);

// "1.9 GB", "772 B": decimal units, three significant digits, for people.
std::string human_bytes(std::uint64_t bytes);
// "274,978"
std::string human_count(std::uint64_t count);

} // namespace packscope
