// The compilers of the chain from mes to LLVM that a machine has, and how each is asked to compile and to link.
#pragma once

#include <string>
#include <vector>

namespace packscope::compile {

enum class Family { mescc, tcc, gcc, clang };

struct ChainCompiler {
  std::string name;    // "gcc", as it was asked for
  std::string program; // its path
  std::string version; // "12.2.0"; empty: it tells none
  Family family = Family::gcc;
  std::vector<std::string> environment; // that it wants

  bool has_levels() const { return family == Family::gcc || family == Family::clang; } // of optimization, -O0 to -O3
};

struct ChainCompilers {
  std::vector<ChainCompiler> found;
  std::vector<std::string> missing; // names
};

inline constexpr const char* kChain[] = {"mescc", "tcc", "gcc", "clang"};

// Names are looked up in PATH, or are paths; where there is no "clang" the newest clang-N stands for it.
// mescc runs by Guile where that is, which takes a tenth of the time that mes takes, for the same bytes; `slow_mescc`: by mes.
ChainCompilers find_chain_compilers(const std::vector<std::string>& names, bool slow_mescc = false);

// `level`: "-O2", or empty.
std::vector<std::string> compile_command(const ChainCompiler& compiler, const std::string& level, const std::vector<std::string>& flags,
                                         const std::string& source, const std::string& object);
std::vector<std::string> link_command(const ChainCompiler& compiler, const std::string& object, const std::string& program);

} // namespace packscope::compile
