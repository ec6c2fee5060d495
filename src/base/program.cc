// PATH as execvp(3) searches it, but for its empty parts, which would mean the current folder; dlopen(3).
#include "base/program.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace packscope {

std::string find_program(const std::string& name) {
  const auto runs = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != name.npos) return runs(name) ? name : "";
  const char* given = std::getenv("PATH");
  const std::string_view path = given != nullptr ? given : "/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string candidate = std::string(path.substr(begin, end - begin)) + "/" + name;
    if (end > begin && runs(candidate)) return candidate;
    begin = end + 1;
  }
  return "";
}

std::string module_path(const char* variable, const char* built_in) {
  const char* given = std::getenv(variable);
  return given != nullptr && *given != '\0' ? given : built_in;
}

Result<void> module_installed(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return fail("not installed: no " + path);
  return {};
}

Result<void*> module_entry(const std::string& path, const char* name) {
  void* object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) {
    const char* message = ::dlerror();
    return fail(message != nullptr ? message : path + ": does not load");
  }
  if (void* entry = ::dlsym(object, name)) return entry;
  return fail(path + ": of another packscope: has no " + name);
}

} // namespace packscope
