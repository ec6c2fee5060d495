// nlohmann/json behind this room's limits: a JSON manifest is bounded in size and depth before it is parsed.
#pragma once

#include "deps/manifest.h"

#include <nlohmann/json.hpp>

namespace packscope::deps {

inline Result<nlohmann::json> parse_json(std::string_view text) {
  if (Result<void> fit = check_manifest(text); !fit) return std::unexpected(fit.error());
  std::size_t nesting = 0; // a byte of "[[[[…" would cost 80 in the parsed tree
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    } else if (text[at] == '[' || text[at] == '{') {
      if (++nesting > kMaxNesting) return fail_in(text, at, "nested deeper than " + std::to_string(kMaxNesting));
    } else if ((text[at] == ']' || text[at] == '}') && nesting > 0) {
      --nesting;
    }
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return fail_in(text, error.byte, "not JSON");
  } catch (const nlohmann::json::exception& error) { // a number out of range
    return fail(shortened(error.what()));
  }
}

} // namespace packscope::deps
