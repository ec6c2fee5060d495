// The CUDA backend over any device: what learn/backend.h promises, on the device's products and kernels.
#pragma once

#include "learn/backend.h"
#include "learn/cuda/device.h"

namespace packscope::learn::cuda {

std::unique_ptr<Backend> make_backend(std::unique_ptr<Device> device);

} // namespace packscope::learn::cuda
