// Sizes as users write them: "512", "64k", "256MiB", "2G" (binary multiples, any case, optional "iB" or "B").
#pragma once

#include "base/result.h"

namespace packscope {

Result<std::uint64_t> parse_size(std::string_view text);

} // namespace packscope
