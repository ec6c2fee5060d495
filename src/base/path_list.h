// Paths as a command takes them.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace packscope {

// The same with each "-" replaced by the lines of standard input; that it has none goes to `errors`. A line that ends in a
// carriage return loses it, unless a file is called so.
std::vector<std::string> read_path_list(const std::vector<std::string>& paths, std::vector<Error>& errors);

} // namespace packscope
