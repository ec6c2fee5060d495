// dlopen and dlsym, each once; see lazy_library.h.
#include "base/lazy_library.h"

#include <dlfcn.h>

#include <stdexcept>

namespace packscope {

Result<void> LazyLibrary::load() const {
  if (handle_.load(std::memory_order_acquire) != nullptr) return {};
  void* handle = nullptr;
  if (*folder_ == '/') handle = ::dlopen((std::string(folder_) + "/" + file_).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) handle = ::dlopen(file_, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* message = ::dlerror();
    return fail(message != nullptr ? message : std::string(file_) + ": does not load");
  }
  handle_.store(handle, std::memory_order_release); // the same one for all threads that come here
  return {};
}

void* LazyLibrary::symbol(const char* name) const {
  if (const Result<void> loaded = load(); !loaded) throw std::runtime_error(loaded.error().text());
  void* found = ::dlsym(handle_.load(std::memory_order_acquire), name);
  if (found == nullptr) throw std::runtime_error(std::string(file_) + " has no " + name);
  return found;
}

} // namespace packscope
