// See loader.h.
#include "compile/clang/loader.h"

#include "base/program.h"

namespace packscope::compile::clang {

std::string module_path() { return packscope::module_path("PACKSCOPE_CLANG_MODULE", PACKSCOPE_CLANG_MODULE_PATH); }

Result<Module*> load_module() {
  const std::string path = module_path();
  if (const Result<void> there = module_installed(path); !there) return std::unexpected(there.error());
  const Result<void*> entry = module_entry(path, kEntry);
  if (!entry) return std::unexpected(entry.error());
  return reinterpret_cast<Entry*>(*entry)();
}

} // namespace packscope::compile::clang
