// The one symbol of the shared object.
#include "learn/cuda/backend.h"
#include "learn/cuda/gpu.h"
#include "learn/cuda/loader.h"

using namespace packscope;
using namespace packscope::learn;

extern "C" [[gnu::visibility("default")]] cuda::Entry packscope_cuda_backend_1;

void packscope_cuda_backend_1(void* driver, Result<std::unique_ptr<Backend>>* out) {
  Result<std::unique_ptr<cuda::Device>> gpu = cuda::open_gpu(driver);
  if (gpu) *out = cuda::make_backend(std::move(*gpu));
  else *out = std::unexpected(gpu.error());
}
