// packscope-tcc: libtcc as a program of its own, because libtcc ends the process that it fails in. Not for people:
// `packscope pack_compiler build --backend tcc` starts it (descriptors.h).
//
// libtcc takes no headers from memory, but opens every file by open(): this program's own comes before the C library's,
// and asks whoever started it (file_service.h). Beside that the process is shut in (sandbox.h): no other way leads to a file.
#include "compile/file_service.h"
#include "compile/sandbox.h"
#include "compile/tcc/descriptors.h"

#include <libtcc.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace packscope;
using namespace packscope::compile;

constexpr const char* kOutputName = "packscope's output"; // what libtcc is told to write
bool compiling = false;
std::vector<std::pair<std::string, int>> objects; // by the names that libtcc knows them by

int open_for_tcc(const char* path, int flags) {
  if (std::string_view(path) == kOutputName) return ::dup(tcc::kOutput);
  if ((flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY) {
    errno = EACCES;
    return -1;
  }
  int fd = -1;
  if (compiling) ask_file(tcc::kSocket, 'o', path, fd);
  for (const auto& [name, object] : objects)
    if (name == path) ::lseek(fd = ::dup(object), 0, SEEK_SET);
  errno = ENOENT;
  if (fd >= 0 || compiling) return fd;
  if (*path != '/') return -1; // libraries lie in folders of this machine, objects in memory
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0));
}

void print(void*, const char* message) { std::fprintf(stderr, "%s\n", message); }

bool set_options(TCCState* state, const std::vector<std::string>& flags) {
  for (std::size_t i = 0; i < flags.size(); ++i) {
    // libtcc splits at spaces outside of quotes.
    std::string text;
    for (std::size_t one = 0; one < (flags[i] == "-include" || flags[i] == "-isystem" ? 2U : 1U) && i + one < flags.size(); ++one) {
      text += one > 0 ? " \"" : "\"";
      for (const char byte : flags[i + one]) {
        if (byte == '"' || byte == '\\') text += '\\';
        text += byte;
      }
      text += '"';
    }
    i += flags[i] == "-include" || flags[i] == "-isystem";
    tcc_set_options(state, text.c_str());
  }
  return true;
}

} // namespace

// What libtcc calls instead of the C library's.
extern "C" {
int open(const char* path, int flags, ...) { return open_for_tcc(path, flags); }
int open64(const char* path, int flags, ...) { return open_for_tcc(path, flags); }
FILE* fopen(const char*, const char*) { // lists of dependencies, and what sources ask to be written
  errno = EACCES;
  return nullptr;
}
FILE* fopen64(const char* path, const char* mode) { return fopen(path, mode); }
int unlink(const char*) noexcept { return 0; } // it clears the place of its output
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2 || (arguments[0] != "compile" && arguments[0] != "link")) {
    std::fputs("packscope-tcc is a part of packscope: packscope pack_compiler build --backend tcc\n", stderr);
    return 2;
  }
  compiling = arguments[0] == "compile";
  TCCState* state = tcc_new();
  if (state == nullptr) return 2;
  tcc_set_error_func(state, nullptr, print);
  const std::size_t first = compiling ? 2 : 1;
  std::vector<std::string> flags;
  for (std::size_t i = first; i < arguments.size(); ++i) {
    if (compiling || arguments[i].starts_with('-')) flags.push_back(arguments[i]);
    else objects.emplace_back(arguments[i].substr(arguments[i].find(':') + 1), std::atoi(arguments[i].c_str()));
  }
  if (compiling) {
    if (const Result<Sandbox> sandbox = Sandbox::enter(); !sandbox) {
      std::fprintf(stderr, "packscope: no sources are compiled unguarded: %s\n", sandbox.error().text().c_str());
      return 2;
    }
  }
  set_options(state, flags);
  tcc_set_output_type(state, compiling ? TCC_OUTPUT_OBJ : TCC_OUTPUT_EXE);
  bool failed = false;
  if (compiling) failed = tcc_add_file(state, arguments[1].c_str()) < 0;
  for (const auto& [name, object] : objects) failed = failed || tcc_add_file(state, name.c_str()) < 0;
  if (!compiling)
    for (const std::string& flag : flags)
      if (flag.starts_with("-l")) failed = failed || tcc_add_library(state, flag.c_str() + 2) < 0;
  failed = failed || tcc_output_file(state, kOutputName) < 0;
  std::fflush(nullptr);
  ::_exit(failed ? 1 : 0);
}
