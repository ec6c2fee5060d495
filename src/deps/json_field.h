// What the records of this room write alike.
#pragma once

#include "base/json.h"

#include <optional>

namespace packscope::deps {

inline void optional_field(JsonWriter& json, std::string_view key, const std::optional<std::string>& text) {
  if (text)
    json.field(key, *text);
  else
    json.null_field(key);
}

} // namespace packscope::deps
