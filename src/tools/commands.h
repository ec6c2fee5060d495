// The table of commands, in the order `packscope --help` lists them. A new command: one file with its configure
// function, one line here, one in meson.build.
#pragma once

#include "tools/command.h"

#include <span>

namespace packscope::tools {

std::function<int()> configure_stat(CLI::App& app);
std::function<int()> configure_build_graph(CLI::App& app);
std::function<int()> configure_pack2git(CLI::App& app);
std::function<int()> configure_pack2regex(CLI::App& app);
std::function<int()> configure_compiler_lattice(CLI::App& app);
std::function<int()> configure_compression_lattice(CLI::App& app);
std::function<int()> configure_decompress_rounds(CLI::App& app);
std::function<int()> configure_trace(CLI::App& app);
std::function<int()> configure_ast_classifier(CLI::App& app);
std::function<int()> configure_pack2cargo(CLI::App& app);
std::function<int()> configure_pack2nix(CLI::App& app);
std::function<int()> configure_pack2gitmodules(CLI::App& app);
std::function<int()> configure_pack2lattice(CLI::App& app);
std::function<int()> configure_pack_compiler(CLI::App& app);
std::function<int()> configure_findings(CLI::App& app);

std::span<const Command> commands();

} // namespace packscope::tools
