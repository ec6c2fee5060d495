// What pack_compiler consists of: one file a subcommand.
#pragma once

#include "tools/command.h"

namespace packscope::tools {

std::function<int()> configure_outline(CLI::App& app);
std::function<int()> configure_tokens(CLI::App& app);
std::function<int()> configure_facts(CLI::App& app); // predict
std::function<int()> configure_build(CLI::App& app);

} // namespace packscope::tools
