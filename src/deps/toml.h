// toml++ for this room: header only, without exceptions, behind limits of our own.
//
// toml++ 3.3 bounds nested arrays and inline tables, but not dotted keys: "[a.a.a.…" of a megabyte is a tree whose
// destruction overflows the stack. too_deep() looks at the text before the parser does.
#pragma once

#include "deps/manifest.h"

#undef TOML_HEADER_ONLY // the library's .pc file asks for its shared object, which throws
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <optional>

namespace packscope::deps {

// The offset at which brackets, or the parts of a dotted key, are nested deeper than kMaxNesting.
std::optional<std::size_t> too_deep(std::string_view toml);

Result<toml::table> parse_toml(std::string_view text);

} // namespace packscope::deps
