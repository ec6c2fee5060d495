// The CPU's backend: the same bits on every processor and with any number of threads (why: cpu/kernels.h).
#pragma once

#include "learn/backend.h"
#include "learn/cpu/kernels.h"

namespace packscope::learn::cpu {

// `level`: must be supported; by default the best. PACKSCOPE_CPU=baseline|avx2|avx512 lowers it for a whole program.
std::unique_ptr<Backend> make_backend(unsigned threads, Level level);
std::unique_ptr<Backend> make_backend(unsigned threads);

} // namespace packscope::learn::cpu
