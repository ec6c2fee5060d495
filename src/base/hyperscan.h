// Hyperscan, or vectorscan, its continuation: loaded with the first call (lazy_library.h). Ask kHyperscan.load() before.
// `using namespace hyperscan;` inside a namespace of packscope makes its functions read as ever.
#pragma once

#include "base/lazy_folders.h"
#include "base/lazy_library.h"

#include <hs.h>

#include <cstdint>
#include <string>
#include <string_view>

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

// Hyperscan's AVX-512 matcher of literals reads a few bytes behind a text (VectorCamp/vectorscan issue 322; Hyperscan up to
// 5.4.2 has it, too), which kills the program where a page ends there: such a text is given out as a copy.
inline std::string_view with_readable_end(std::string_view text, std::string& copy) {
  constexpr std::uintptr_t kBehind = 64, kPage = 4096;
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(text.data() + text.size()) - 1;
  if (text.empty() || last / kPage == (last + kBehind) / kPage) return text;
  copy.clear();
  copy.reserve(text.size() + kBehind);
  return copy.assign(text);
}

} // namespace packscope::hyperscan
