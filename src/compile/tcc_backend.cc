// packscope-tcc as a backend: started for each unit and for the link, and served with the files that it asks for.
#include "base/program.h"
#include "compile/backend.h"
#include "compile/file_service.h"
#include "compile/tcc/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace packscope::compile {
namespace {

std::string program_path() { return module_path("PACKSCOPE_TCC_PROGRAM", PACKSCOPE_TCC_PATH); }

// Flags of clang that tcc has, or that mean nothing to it; the others are left out, they only tune code.
std::vector<std::string> flags_for_tcc(const std::vector<std::string>& flags) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const std::string_view flag = flags[i];
    const bool two = flag == "-include" || flag == "-isystem" || flag == "-iquote" || flag == "-idirafter" || flag == "-imacros";
    if (flag == "-include" || flag == "-isystem") kept.insert(kept.end(), {flags[i], i + 1 < flags.size() ? flags[i + 1] : ""});
    else if (flag == "-iquote" || flag == "-idirafter") kept.push_back("-I" + (i + 1 < flags.size() ? flags[i + 1] : ""));
    else if (flag.starts_with("-I") || flag.starts_with("-D") || flag.starts_with("-U") || flag.starts_with("-std=") || flag == "-w" || flag == "-nostdinc" ||
             flag == "-g" || flag == "-Werror" || flag == "-funsigned-char" || flag == "-fsigned-char" || flag == "-fms-extensions" || flag == "-fno-common" ||
             flag.starts_with("-l") || flag.starts_with("-L") || flag == "-static" || flag == "-rdynamic" || flag == "-nostdlib" || flag == "-pthread")
      kept.push_back(flags[i]);
    i += two;
  }
  return kept;
}

class TccBackend : public Backend {
public:
  explicit TccBackend(std::string program) : program_(std::move(program)) {}
  std::string version() const override { return "tcc " PACKSCOPE_TCC_VERSION; }
  bool compiles_cplusplus() const override { return false; }

  int compile(const Unit& unit, const HostFolders& given, const MemoryFile& object) override {
    HostFolders host = given;
    const std::string_view folders = PACKSCOPE_TCC_INCLUDES;
    for (std::size_t at = 0; at < folders.size();) {
      const std::size_t end = std::min(folders.find(':', at), folders.size());
      host.allow(folders.substr(at, end - at));
      at = end + 1;
    }
    std::vector<std::string> arguments = {program_, "compile", unit.path};
    for (const std::string& flag : flags_for_tcc(unit.flags)) arguments.push_back(flag);
    return run_served(*unit.tree, host, "tcc", [&](int socket) { return start(arguments, socket, object.fd()); });
  }

  int link(const std::vector<Object>& objects, const std::vector<std::string>& flags, bool, const MemoryFile& executable) override {
    std::vector<std::string> arguments = {program_, "link"};
    for (const std::string& flag : flags_for_tcc(flags)) arguments.push_back(flag);
    for (const Object& object : objects) // a descriptor that exec leaves open, away from the numbers that it uses itself
      arguments.push_back(std::to_string(::fcntl(object.fd, F_DUPFD, 10)) + ":" + object.name);
    return start(arguments, -1, executable.fd());
  }

private:
  // In place of this process.
  static int start(const std::vector<std::string>& arguments, int socket, int output) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    // Away from the numbers that they are to have, first.
    const int far_socket = socket >= 0 ? ::fcntl(socket, F_DUPFD_CLOEXEC, 10) : -1, far_output = ::fcntl(output, F_DUPFD_CLOEXEC, 10);
    if (far_socket >= 0) ::dup2(far_socket, tcc::kSocket);
    ::dup2(far_output, tcc::kOutput);
    ::execv(argv[0], argv.data());
    std::perror("packscope: packscope-tcc");
    return 2;
  }

  std::string program_;
};

} // namespace

Result<std::unique_ptr<Backend>> tcc_backend() {
  std::string program = program_path();
  if (::access(program.c_str(), X_OK) != 0) return fail("not installed: no " + program);
  return std::make_unique<TccBackend>(std::move(program));
}

} // namespace packscope::compile
