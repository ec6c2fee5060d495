// A compiler's family, which says how it is called, is taken from its name.
#include "compile/chain_compiler.h"

#include "base/program.h"
#include "compile/capture.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace packscope::compile {
namespace {

std::string program_of(const std::string& name) {
  std::string program = find_program(name);
  for (int version = 40; program.empty() && name == "clang" && version > 10; --version) program = find_program("clang-" + std::to_string(version));
  return program;
}

Family family_of(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1); // npos + 1 == 0
  if (name.find("mescc") != name.npos) return Family::mescc;
  if (name.find("tcc") != name.npos) return Family::tcc;
  if (name.find("clang") != name.npos) return Family::clang;
  return Family::gcc;
}

// The first word that begins with a digit and has a point: "gcc (Debian 12.2.0-14) 12.2.0" has two, the last word is it.
std::string version_in(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  std::string found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" ()", begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (!word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) != 0 && word.find('.') != word.npos) found = word;
    begin = end + 1;
  }
  return found;
}

std::string version_of(const ChainCompiler& compiler) {
  perf::ChildOptions options{.environment = compiler.environment};
  options.limits.seconds = 20;
  const Result<Captured> said = run_captured({compiler.program, compiler.family == Family::tcc ? "-v" : "--version"}, options);
  return said ? version_in(said->output.empty() ? said->errors : said->output) : "";
}

} // namespace

ChainCompilers find_chain_compilers(const std::vector<std::string>& names, bool slow_mescc) {
  ChainCompilers compilers;
  for (const std::string& name : names) {
    ChainCompiler made{.name = name.substr(name.rfind('/') + 1), .program = program_of(name), .version = {}, .family = family_of(name), .environment = {}};
    if (made.program.empty()) {
      compilers.missing.push_back(name);
      continue;
    }
    made.environment = {"LC_ALL=C", "GCC_COLORS="};
    if (made.family == Family::mescc && std::getenv("SCHEME") == nullptr && !slow_mescc && !find_program("guile").empty())
      made.environment.push_back("SCHEME=guile");
    made.version = version_of(made);
    compilers.found.push_back(std::move(made));
  }
  return compilers;
}

std::vector<std::string> compile_command(const ChainCompiler& compiler, const std::string& level, const std::vector<std::string>& flags,
                                         const std::string& source, const std::string& object) {
  std::vector<std::string> command = {compiler.program, "-c"};
  if (!level.empty()) command.push_back(level);
  if (compiler.family != Family::mescc) command.push_back("-w");
  command.insert(command.end(), flags.begin(), flags.end());
  command.insert(command.end(), {"-o", object, source});
  return command;
}

std::vector<std::string> link_command(const ChainCompiler& compiler, const std::string& object, const std::string& program) {
  // mescc's usual C library has no printf, the larger one has.
  return {compiler.program, "-o", program, object, compiler.family == Family::mescc ? "-lc+gnu" : "-lm"};
}

} // namespace packscope::compile
