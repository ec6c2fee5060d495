// Whether AddressSanitizer watches the memory: then each block is malloc's own, so that it sees each.
#pragma once

#ifndef __has_feature // clang's
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define PACKSCOPE_SANITIZED 1
#else
#define PACKSCOPE_SANITIZED 0
#endif

namespace packscope {
inline constexpr bool kSanitized = PACKSCOPE_SANITIZED;
}
