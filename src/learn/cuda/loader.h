// Finds the CUDA backend, which is a shared object of its own, and loads it on demand: the program links no CUDA library.
#pragma once

#include "learn/backend.h"

namespace packscope::learn::cuda {

// What the shared object exports. The number is the interface's (learn/backend.h, base/result.h): an object of another
// build is refused by its symbol's name.
inline constexpr const char* kEntry = "packscope_cuda_backend_1";
using Entry = void(void* driver, Result<std::unique_ptr<Backend>>* out);

// PACKSCOPE_CUDA_BACKEND, else LIBDIR/packscope/packscope-cuda.so as compiled in.
std::string object_path();

// The Error says why there is none, in the order of the search: no such object, no driver, no CUDA library, no GPU.
Result<std::unique_ptr<Backend>> load_backend();

} // namespace packscope::learn::cuda
