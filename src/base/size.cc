// Sizes as users write them; see size.h.
#include "base/size.h"

#include <cctype>
#include <charconv>

namespace packscope {

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const std::from_chars_result read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return fail("not a size: '" + std::string(text) + "' (try 256MiB)");
  std::string unit;
  for (const char* at = read.ptr; at != text.data() + text.size(); ++at)
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
  if (unit.size() == 3 && unit.ends_with("ib")) unit.resize(unit.size() - 2);
  else if (unit.ends_with("b")) unit.resize(unit.size() - 1);
  constexpr std::string_view kUnits[] = {"", "k", "m", "g", "t"};
  for (unsigned power = 0; power < 5; ++power) {
    if (unit != kUnits[power]) continue;
    if (number > (UINT64_MAX >> (10 * power))) return fail("size too large: '" + std::string(text) + "'");
    return number << (10 * power);
  }
  return fail("unknown unit in size '" + std::string(text) + "' (k, M, G or T)");
}

} // namespace packscope
