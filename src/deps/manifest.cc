// Limits and error texts of all manifest parsers; see manifest.h.
#include "deps/manifest.h"

#include "base/json.h"

#include <algorithm>

namespace packscope::deps {

Result<void> check_manifest(std::string_view text) {
  if (text.size() > kMaxManifest)
    return fail("a manifest of " + std::to_string(text.size()) + " bytes is above the limit of " +
                std::to_string(kMaxManifest));
  if (const std::size_t nul = text.find('\0'); nul != text.npos) return fail_in(text, nul, "a NUL byte");
  if (is_valid_utf8(text)) return {};
  std::size_t line = 0, begin = 0; // name the line: a multi-byte character never spans two
  for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1, ++line)
    if (!is_valid_utf8(text.substr(begin, end - begin))) break;
  return fail("line " + std::to_string(line + 1) + ": not UTF-8");
}

std::unexpected<Error> fail_in(std::string_view text, std::size_t offset, std::string_view what) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return fail("line " + std::to_string(1 + std::count(text.begin(), end, '\n')) + ": " + shortened(what));
}

std::string shortened(std::string_view message) {
  constexpr std::size_t kMost = 160;
  if (message.size() <= kMost) return std::string(message);
  return valid_utf8(message.substr(0, kMost)) + "…";
}

} // namespace packscope::deps
