// dlopen, once; see loader.h.
#include "compile/clang/loader.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

namespace packscope::compile::clang {

std::string module_path() {
  if (const char* path = std::getenv("PACKSCOPE_CLANG_MODULE"); path != nullptr && *path != '\0') return path;
  return PACKSCOPE_CLANG_MODULE_PATH;
}

Result<Module*> load_module() {
  const std::string path = module_path();
  if (::access(path.c_str(), F_OK) != 0) return fail("not installed: no " + path);
  void* object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) {
    const char* message = ::dlerror();
    return fail(message != nullptr ? message : path + ": does not load");
  }
  auto* entry = reinterpret_cast<Entry*>(::dlsym(object, kEntry));
  if (entry == nullptr) return fail(path + ": of another packscope: has no " + kEntry);
  return entry();
}

} // namespace packscope::compile::clang
