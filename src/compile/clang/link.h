// lld, whose headers and clang's do not go well together.
#pragma once

#include <vector>

namespace packscope::compile::clang {

// `arguments`: ld.lld's. "-o -" writes the executable to descriptor 1; messages go to 2.
bool link_with_lld(const std::vector<const char*>& arguments);

} // namespace packscope::compile::clang
