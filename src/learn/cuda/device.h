// What the CUDA backend asks of a device: memory, matrix products, kernels. Nothing else of it touches CUDA.
//
// The idea: thin enough that a second device is a page of plain C++ (tests/learn/cuda/host.h), on which the backend's whole
// host side and its kernels' own text run where there is no GPU. Like CUDA itself a device works behind its caller and
// keeps its first failure: calls after it do nothing, and status() tells.
#pragma once

#include "base/result.h"
#include "learn/cuda/arguments.h"

#include <memory>
#include <span>
#include <type_traits>

namespace packscope::learn::cuda {

// C[r][c] = sum over k of A(r, k) * B(k, c), all row after row, rows `stride` floats apart. A transposed operand lies
// the other way round: A as [depth][rows], B as [columns][depth]. FP32 throughout; the order of the sum is the device's.
struct Product {
  const float* a;
  std::size_t a_stride;
  bool a_transposed;
  const float* b;
  std::size_t b_stride;
  bool b_transposed;
  float* c;
  std::size_t c_stride;
  std::size_t rows, depth, columns;
};

enum class Kernel : std::uint8_t { gather, activate, cross_entropy, slope, adam };
inline constexpr const char* kKernelNames[] = {"gather", "activate", "cross_entropy", "slope", "adam"}; // in kernels.cu
constexpr Kernel kernel_of(const Gather&) { return Kernel::gather; }
constexpr Kernel kernel_of(const Activate&) { return Kernel::activate; }
constexpr Kernel kernel_of(const CrossEntropy&) { return Kernel::cross_entropy; }
constexpr Kernel kernel_of(const Slope&) { return Kernel::slope; }
constexpr Kernel kernel_of(const AdamStep&) { return Kernel::adam; }

class Device {
public:
  virtual ~Device() = default;
  virtual std::string name() const = 0; // "NVIDIA H200, sm_90"
  virtual void* allocate(std::size_t bytes) = 0; // zeroed; null after a failure
  virtual void release(void* memory) = 0;        // of allocate(); null: nothing
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0; // waits for all before it
  virtual void product(const Product& product) = 0;
  // At least `threads` threads; `arguments` points to the kernel's struct.
  virtual void launch(Kernel kernel, std::size_t threads, const void* arguments) = 0;
  virtual Result<void> status() = 0; // the first failure since the last call
};

template <class Arguments>
void launch(Device& device, std::size_t threads, const Arguments& arguments) {
  static_assert(std::is_trivially_copyable_v<Arguments>);
  if (threads != 0) device.launch(kernel_of(arguments), threads, &arguments);
}

// `count` values in the device's memory, zero at first.
template <class T>
class DeviceArray {
public:
  DeviceArray(Device& device, std::size_t count)
      : memory_(static_cast<T*>(device.allocate(count * sizeof(T))), Release{&device}), count_(count) {}
  DeviceArray(Device& device, std::span<const T> values) : DeviceArray(device, values.size()) { write(values); }

  T* data() const { return memory_.get(); }
  std::size_t size() const { return count_; }
  void write(std::span<const T> values) const { // at most size()
    if (memory_ && !values.empty()) memory_.get_deleter().device->upload(data(), values.data(), values.size_bytes());
  }
  void read(std::span<T> values) const {
    if (memory_ && !values.empty()) memory_.get_deleter().device->download(values.data(), data(), values.size_bytes());
  }

private:
  struct Release {
    Device* device;
    void operator()(T* memory) const { device->release(memory); }
  };
  std::unique_ptr<T, Release> memory_;
  std::size_t count_;
};

} // namespace packscope::learn::cuda
