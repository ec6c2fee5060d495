// The compiler's file system: the pack below kMount, and this machine's system headers; nothing else exists.
#pragma once

#include "compile/clang/module.h"
#include "compile/sandbox.h"

#include <llvm/Support/VirtualFileSystem.h>

namespace packscope::compile::clang {

// Where the driver looks around: the pack, and of this machine everything but the pack's place. It opens no source.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> driver_files(Files& files);
// Where sources and headers are read.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> compiler_files(Files& files, const HostFolders& host, const Sandbox& sandbox);

} // namespace packscope::compile::clang
