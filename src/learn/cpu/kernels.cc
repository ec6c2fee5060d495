// Three copies of the loops and the choice between them. (target_clones would choose too, but a test could not ask for
// a copy, and its resolvers run before a sanitizer is ready.)
#include "learn/cpu/kernels.h"

#include <array>
#include <cstring>

#define PACKSCOPE_INLINE [[gnu::always_inline]] inline

namespace packscope::learn::cpu {
namespace {

using Lanes [[gnu::vector_size(64)]] = float;
using IntLanes [[gnu::vector_size(64)]] = std::int32_t;

std::uint32_t first_greatest(const float* row, std::size_t classes) {
  std::uint32_t best = 0;
#pragma GCC unroll 4
  for (std::uint32_t c = 1; c < classes; ++c)
    if (row[c] > row[best]) best = c;
  return best;
}

// Blocks: as many sums as registers hold, with room for B. 16 floats are 4 SSE, 2 AVX, 1 AVX-512 register.
namespace baseline {
#define PACKSCOPE_TARGET
inline constexpr std::size_t kRows = 2, kVectors = 1; // 8 of 16 registers
inline constexpr std::size_t kRegister = 4, kSums = 12; // floats a register; of one row's sums at a time
#include "learn/cpu/lanes_body.h"
#include "learn/cpu/kernels_body.h"
#undef PACKSCOPE_TARGET
} // namespace baseline

#if defined(__x86_64__)
namespace avx2 {
#define PACKSCOPE_TARGET __attribute__((target("avx2")))
inline constexpr std::size_t kRows = 4, kVectors = 1; // 8 of 16
inline constexpr std::size_t kRegister = 8, kSums = 12;
#include "learn/cpu/lanes_body.h"
#include "learn/cpu/kernels_body.h"
#undef PACKSCOPE_TARGET
} // namespace avx2

namespace avx512 {
#define PACKSCOPE_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw")))
inline constexpr std::size_t kRows = 8, kVectors = 2; // 16 of 32
inline constexpr std::size_t kRegister = 16, kSums = 16;
#include "learn/cpu/lanes_body.h"
#include "learn/cpu/kernels_body.h"
#undef PACKSCOPE_TARGET
} // namespace avx512
#endif

constexpr std::array<Level, 3> kLevels = {Level::baseline, Level::avx2, Level::avx512};

} // namespace

std::string_view name(Level level) {
  switch (level) {
  case Level::baseline: return "baseline";
  case Level::avx2: return "avx2";
  case Level::avx512: return "avx512";
  }
  return "?";
}

std::span<const Level> supported_levels() {
  std::size_t count = 1;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    count = 2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
      count = 3;
  }
#endif
  return std::span(kLevels).first(count);
}

const Kernels& kernels(Level level) {
#if defined(__x86_64__)
  if (level == Level::avx512) return avx512::kTable;
  if (level == Level::avx2) return avx2::kTable;
#endif
  (void)level;
  return baseline::kTable;
}

} // namespace packscope::learn::cpu
