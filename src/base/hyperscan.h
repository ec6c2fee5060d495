// Hyperscan, or vectorscan, its continuation: loaded with the first call (lazy_library.h). Ask kHyperscan.load() before.
// `using namespace hyperscan;` inside a namespace of packscope makes its functions read as ever.
#pragma once

#include "base/lazy_folders.h"
#include "base/lazy_library.h"

#include <hs.h>

namespace packscope::hyperscan {

inline const LazyLibrary kHyperscan(PACKSCOPE_HYPERSCAN_FOLDER, "libhs.so.5"); // 5: of Hyperscan 5 and of all vectorscan

#define PACKSCOPE_FUNCTION(name) inline const LazyFunction<decltype(::name)> name(kHyperscan, #name);
PACKSCOPE_FUNCTION(hs_alloc_scratch)
PACKSCOPE_FUNCTION(hs_close_stream)
PACKSCOPE_FUNCTION(hs_compile_lit_multi)
PACKSCOPE_FUNCTION(hs_compile_multi)
PACKSCOPE_FUNCTION(hs_free_compile_error)
PACKSCOPE_FUNCTION(hs_free_database)
PACKSCOPE_FUNCTION(hs_free_scratch)
PACKSCOPE_FUNCTION(hs_open_stream)
PACKSCOPE_FUNCTION(hs_reset_stream)
PACKSCOPE_FUNCTION(hs_scan)
PACKSCOPE_FUNCTION(hs_scan_stream)
#undef PACKSCOPE_FUNCTION

} // namespace packscope::hyperscan
