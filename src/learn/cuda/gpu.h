// A real GPU: memory by cudart, products by cuBLAS, kernels by NVRTC and the driver.
#pragma once

#include "learn/cuda/device.h"

namespace packscope::learn::cuda {

// `driver`: libcuda's handle from dlopen (learn/cuda_loader.h finds it); kept for the program's life. Device 0 is the
// one that CUDA_VISIBLE_DEVICES puts first. Errors: no device, a driver older than the toolkit, NVRTC's and the driver's
// with their logs.
Result<std::unique_ptr<Device>> open_gpu(void* driver);

} // namespace packscope::learn::cuda
