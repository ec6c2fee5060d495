// The driver is looked for before the object: loading cuBLAS costs half a gigabyte of mappings, and is of no use without one.
//
// libcuda.so.1 belongs to the host, not to whoever built this program, so the loader's own search does not find it from a
// Nix store on another distribution. It is opened by its usual paths then; cudart, asking for the same name later, gets the
// one that is already there. So no LD_LIBRARY_PATH is needed, which would reach every library of the program.
#include "learn/cuda/loader.h"

#include "base/program.h"

#include <dlfcn.h>
#include <unistd.h>

namespace packscope::learn::cuda {
namespace {

constexpr const char* kDriver = "libcuda.so.1";
constexpr const char* kDriverFolders[] = {
    "/run/opengl-driver/lib",    // NixOS
    "/usr/lib/wsl/lib",          // WSL
    "/usr/lib/x86_64-linux-gnu", // Debian, Ubuntu
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",                // Fedora, RHEL, openSUSE
    "/usr/lib",                  // Arch
};

Result<void*> open_driver() {
  if (void* found = ::dlopen(kDriver, RTLD_NOW | RTLD_GLOBAL)) return found;
  ::dlerror();
  for (const char* folder : kDriverFolders) {
    const std::string path = std::string(folder) + "/" + kDriver;
    if (::access(path.c_str(), F_OK) != 0) continue;
    if (void* found = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) return found;
    const char* message = ::dlerror();
    return fail(std::string("no driver: ") + (message != nullptr ? message : path.c_str()));
  }
  return fail(std::string("no driver: ") + kDriver + " not found");
}

} // namespace

std::string object_path() { return module_path("PACKSCOPE_CUDA_BACKEND", PACKSCOPE_CUDA_BACKEND_PATH); }

Result<std::unique_ptr<Backend>> load_backend() {
  const std::string path = object_path();
  if (const Result<void> there = module_installed(path); !there) return std::unexpected(there.error());
  const Result<void*> driver = open_driver();
  if (!driver) return std::unexpected(driver.error());
  // Neither is ever closed: a backend's code and its errors' texts live in them.
  const Result<void*> entry = module_entry(path, kEntry);
  if (!entry) return std::unexpected(entry.error());
  Result<std::unique_ptr<Backend>> backend;
  reinterpret_cast<Entry*>(*entry)(*driver, &backend);
  return backend;
}

} // namespace packscope::learn::cuda
