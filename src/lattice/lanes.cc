// Three copies of the loops.
#include "lattice/lanes.h"

#include <cstring>

namespace packscope::lattice {
namespace {

using Lanes [[gnu::vector_size(4 * kLanes)]] = float;
using IntLanes [[gnu::vector_size(4 * kLanes)]] = std::int32_t;
using FourLanes [[gnu::vector_size(16)]] = float;

namespace baseline {
#define PACKSCOPE_TARGET
inline constexpr unsigned kRegister = 4; // floats that a register holds
#include "lattice/lanes_body.h"
#undef PACKSCOPE_TARGET
} // namespace baseline

#if defined(__x86_64__)
namespace avx2 {
#define PACKSCOPE_TARGET __attribute__((target("avx2")))
inline constexpr unsigned kRegister = 8;
#include "lattice/lanes_body.h"
#undef PACKSCOPE_TARGET
} // namespace avx2

namespace avx512 {
#define PACKSCOPE_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw")))
inline constexpr unsigned kRegister = 16;
#include "lattice/lanes_body.h"
#undef PACKSCOPE_TARGET
} // namespace avx512
#endif

} // namespace

const LaneKernels& lane_kernels(learn::cpu::Level level) {
#if defined(__x86_64__)
  if (level == learn::cpu::Level::avx512) return avx512::kKernels;
  if (level == learn::cpu::Level::avx2) return avx2::kKernels;
#endif
  return (void)level, baseline::kKernels;
}

const LaneKernels& lane_kernels() { return lane_kernels(learn::cpu::supported_levels().back()); }

} // namespace packscope::lattice
