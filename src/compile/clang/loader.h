// Finds packscope-clang.so and loads it on demand: the program links no LLVM.
#pragma once

#include "compile/clang/module.h"

namespace packscope::compile::clang {

// PACKSCOPE_CLANG_MODULE, else LIBDIR/packscope/packscope-clang.so as compiled in.
std::string module_path();

// Never unloaded. The Error says why there is none: not installed, of another build, a library of it is missing.
Result<Module*> load_module();

} // namespace packscope::compile::clang
