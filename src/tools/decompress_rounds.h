// What decompress_rounds consists of: one file each.
#pragma once

#include "tools/command.h"

namespace packscope::tools {

std::function<int()> configure_ladder(CLI::App& app); // without a subcommand: every rung on any packs
std::function<int()> configure_corpus(CLI::App& app);
std::function<int()> configure_inherit(CLI::App& app);
std::function<int()> configure_steps(CLI::App& app);
std::function<int()> configure_traditional(CLI::App& app);

} // namespace packscope::tools
