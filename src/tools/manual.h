// Man pages and shell completions, written at build time by the program itself: one source for help and manual.
#pragma once

#include <string>

namespace packscope::tools {

// Writes packscope.1, packscope-COMMAND.1, packscope.bash, _packscope and packscope.fish into `folder`, which
// exists. Returns an exit code.
int write_manual(const std::string& folder);

} // namespace packscope::tools
