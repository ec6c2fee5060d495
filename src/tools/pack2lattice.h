// pack2lattice's subcommands; the command itself is in pack2lattice.cc.
#pragma once

#include "tools/command.h"

namespace packscope::tools {

std::function<int()> configure_lattice_build(CLI::App& app);
std::function<int()> configure_lattice_join(CLI::App& app);
std::function<int()> configure_lattice_stat(CLI::App& app);
std::function<int()> configure_lattice_explain(CLI::App& app);
std::function<int()> configure_lattice_measure(CLI::App& app);

} // namespace packscope::tools
