// lld has no virtual file system: objects come as /proc/self/fd/N, files in memory.
#include "compile/clang/link.h"

#include <lld/Common/Driver.h>

LLD_HAS_DRIVER(elf)

namespace packscope::compile::clang {

bool link_with_lld(const std::vector<const char*>& arguments) {
  const lld::DriverDef drivers[] = {{lld::Gnu, &lld::elf::link}};
  const lld::Result result = lld::lldMain(arguments, llvm::outs(), llvm::errs(), drivers);
  llvm::outs().flush();
  llvm::errs().flush();
  return result.retCode == 0;
}

} // namespace packscope::compile::clang
