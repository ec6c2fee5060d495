// The pack and the index among what the loader brought: modules of their own, or members of a cpio archive, which is how
// one -initrd carries both.
//
//   archive := (header name pad data pad)*              cpio "newc", cpio(5): fields are 8 hexadecimal digits, pads to 4
//   header  := "070701" ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
#pragma once

#include "base/bytes.h"

#include <string_view>

namespace packscope::boot {

struct Modules {
  Bytes pack, index; // the first of each; empty: none
};
// Adds what `module` is or holds. False: an archive that breaks off or is none; what came before it was added.
bool add_module(Bytes module, Modules& modules);

} // namespace packscope::boot
