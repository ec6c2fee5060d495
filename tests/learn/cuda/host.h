// A device without a GPU: the kernels' own text compiled as C++, one thread after the other, and products in plain loops.
//
// Products are summed from the last term to the first, which no other backend does: what holds against it does not hang on
// the order of a sum, as cuBLAS's is its own. Memory is malloc's: a sanitizer sees an index too far.
#pragma once

#include "learn/cuda/device.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace packscope::test::cuda_shim {
struct Index {
  unsigned x = 0;
};
inline thread_local Index block, thread, block_size;
} // namespace packscope::test::cuda_shim

#define __global__ inline
#define __device__
#define blockIdx ::packscope::test::cuda_shim::block
#define threadIdx ::packscope::test::cuda_shim::thread
#define blockDim ::packscope::test::cuda_shim::block_size
#include "learn/cuda/kernels.cu"
#undef __global__
#undef __device__
#undef blockIdx
#undef threadIdx
#undef blockDim

namespace packscope::test {

class HostDevice : public learn::cuda::Device {
public:
  struct Log {
    std::size_t live = 0, peak = 0; // allocations
    std::size_t launches = 0, products = 0;
    std::size_t fail_at = 0; // the allocation that fails, counted from 1; 0: none
    std::size_t allocations = 0;
  };
  explicit HostDevice(Log& log) : log_(log) {}

  std::string name() const override { return "the host"; }
  void* allocate(std::size_t bytes) override {
    if (failure_ || bytes == 0) return nullptr;
    if (++log_.allocations == log_.fail_at) {
      failure_ = Error{"host: no memory"};
      return nullptr;
    }
    log_.peak = std::max(log_.peak, ++log_.live);
    return std::calloc(1, bytes);
  }
  void release(void* memory) override {
    log_.live -= memory != nullptr;
    std::free(memory);
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    if (!failure_) std::memcpy(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    if (!failure_) std::memcpy(to, from, bytes);
  }
  Result<void> status() override {
    if (!failure_) return {};
    const Error error = *failure_;
    failure_.reset();
    return std::unexpected(error);
  }

  void product(const learn::cuda::Product& p) override {
    if (failure_) return;
    ++log_.products;
    std::vector<float> b(p.depth * p.columns); // as [depth][columns], whichever way it lay
    for (std::size_t k = 0; k < p.depth; ++k)
      for (std::size_t c = 0; c < p.columns; ++c)
        b[k * p.columns + c] = p.b_transposed ? p.b[c * p.b_stride + k] : p.b[k * p.b_stride + c];
    for (std::size_t r = 0; r < p.rows; ++r) {
      std::fill_n(p.c + r * p.c_stride, p.columns, 0.0f);
      for (std::size_t k = p.depth; k-- > 0;) {
        const float a = p.a_transposed ? p.a[k * p.a_stride + r] : p.a[r * p.a_stride + k];
        for (std::size_t c = 0; c < p.columns; ++c) p.c[r * p.c_stride + c] += a * b[k * p.columns + c];
      }
    }
  }

  void launch(learn::cuda::Kernel kernel, std::size_t threads, const void* arguments) override {
    if (failure_) return;
    ++log_.launches;
    switch (kernel) {
    case learn::cuda::Kernel::gather: return run(::gather, threads, arguments);
    case learn::cuda::Kernel::activate: return run(::activate, threads, arguments);
    case learn::cuda::Kernel::cross_entropy: return run(::cross_entropy, threads, arguments);
    case learn::cuda::Kernel::slope: return run(::slope, threads, arguments);
    case learn::cuda::Kernel::adam: return run(::adam, threads, arguments);
    }
  }

private:
  // As a GPU does: whole blocks, so that the last has threads beyond the end.
  template <class Arguments>
  void run(void (*kernel)(Arguments), std::size_t threads, const void* arguments) {
    Arguments given;
    std::memcpy(&given, arguments, sizeof given);
    cuda_shim::block_size.x = 128;
    for (std::size_t block = 0; block * 128 < threads; ++block)
      for (unsigned thread = 0; thread < 128; ++thread) {
        cuda_shim::block.x = static_cast<unsigned>(block);
        cuda_shim::thread.x = thread;
        kernel(given);
      }
  }

  Log& log_;
  std::optional<Error> failure_;
};

} // namespace packscope::test
