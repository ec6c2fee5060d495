// The hash and the side.
#include "learn/split.h"

#include "learn/random.h"

namespace packscope::learn {

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ mix(seed);
  for (const char byte : text) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3u;
  return mix(hash);
}

bool Split::is_test(std::string_view group) const {
  return stable_hash(group, stable_hash(salt)) % 100 < test_percent;
}

} // namespace packscope::learn
