// Two settings of glibc; see memory.h.
#include "base/memory.h"

#include <malloc.h>

namespace packscope {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kKept = 16 << 20, kLarge = 2 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kKept);
  ::mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
}

} // namespace packscope
