// compression_lattice's subcommands, and how it names variants.
#pragma once

#include "encoders/verdict.h"
#include "tools/command.h"

namespace packscope::tools {

std::function<int()> configure_fingerprint(CLI::App& app);
std::function<int()> configure_cost(CLI::App& app);
std::function<int()> configure_classify(CLI::App& app);

// [{"library":…,"level":…,"mem_level":…,"strategy":…,"window_bits":…},…]; null where a library has no such thing.
void write_variants(JsonWriter& json, const encoders::VariantSet& set, unsigned window_bits);
// "zlib level 6, memory level 8–9"
std::string describe(const encoders::VariantSet& set, unsigned window_bits);

} // namespace packscope::tools
