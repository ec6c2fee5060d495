// Three libraries and one context. Memory, copies and errors are cudart's; it makes the device's primary context current,
// which cuBLAS and the driver's calls for the kernels then share. Everything is queued on one stream, so nothing
// overtakes. cuBLAS is held to FP32 without TF32, its atomics stay off: the same bits from the same GPU each time.
#include "learn/cuda/gpu.h"

#include "learn/cuda/compile.h"

#include <cublas_v2.h>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <climits>
#include <iterator>
#include <optional>

namespace packscope::learn::cuda {
namespace {

// The driver's functions that cudart has no stable counterpart of. Not linked: a program that needs libcuda.so.1 to
// start would not start without a driver.
struct Driver {
  decltype(&::cuGetErrorName) error_name = nullptr;
  decltype(&::cuCtxGetCurrent) get_context = nullptr;
  decltype(&::cuCtxSetCurrent) set_context = nullptr;
  decltype(&::cuModuleLoadDataEx) load = nullptr;
  decltype(&::cuModuleUnload) unload = nullptr;
  decltype(&::cuModuleGetFunction) function = nullptr;
  decltype(&::cuLaunchKernel) launch = nullptr;

  Result<void> find(void* library) {
    const char* missing = nullptr;
    const auto get = [&](auto& pointer, const char* name) {
      pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(::dlsym(library, name));
      if (pointer == nullptr) missing = name;
    };
    get(error_name, "cuGetErrorName");
    get(get_context, "cuCtxGetCurrent");
    get(set_context, "cuCtxSetCurrent");
    get(load, "cuModuleLoadDataEx");
    get(unload, "cuModuleUnload");
    get(function, "cuModuleGetFunction");
    get(launch, "cuLaunchKernel");
    if (missing != nullptr) return fail(std::string("driver: libcuda.so.1 has no ") + missing);
    return {};
  }
};

class Gpu : public Device {
public:
  ~Gpu() override {
    if (blas_ != nullptr) cublasDestroy(blas_);
    if (module_ != nullptr) driver_.unload(module_);
  }

  Result<void> open(void* library) {
    if (Result<void> found = driver_.find(library); !found) return found;
    int devices = 0;
    runtime("a device", cudaGetDeviceCount(&devices)); // "driver version is insufficient" and "no device" are told here
    if (!failure_ && devices == 0) return fail("no GPU");
    cudaDeviceProp properties;
    if (!failure_) runtime("device 0", cudaGetDeviceProperties(&properties, 0));
    if (!failure_) runtime("device 0", cudaSetDevice(0));
    if (!failure_) runtime("a context", cudaFree(nullptr));
    if (!failure_) driver("the context", driver_.get_context(&context_));
    if (!failure_) blas("start", cublasCreate(&blas_));
    if (!failure_) blas("FP32 alone", cublasSetMathMode(blas_, CUBLAS_PEDANTIC_MATH));
    if (Result<void> fine = status(); !fine) return fine;
    return load(properties);
  }

  std::string name() const override { return name_; }

  void* allocate(std::size_t bytes) override {
    if (failure_ || bytes == 0) return nullptr;
    void* memory = nullptr;
    runtime(std::to_string(bytes) + " bytes of memory", cudaMalloc(&memory, bytes));
    if (!failure_) runtime("clearing memory", cudaMemset(memory, 0, bytes));
    return memory;
  }
  void release(void* memory) override {
    if (memory != nullptr) runtime("releasing memory", cudaFree(memory));
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    if (!failure_) runtime("copy to the device", cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice));
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    if (!failure_) runtime("copy from the device", cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost));
  }

  // cuBLAS counts column after column: our rows are its columns, so it is asked for the transposed product, B before A.
  void product(const Product& p) override {
    if (failure_) return;
    for (const std::size_t size : {p.rows, p.depth, p.columns, p.a_stride, p.b_stride, p.c_stride})
      if (size > INT_MAX) return (void)(failure_ = Error{"cuBLAS: a matrix of more than 2^31 rows or columns"});
    const float one = 1.0f, zero = 0.0f;
    const auto whole = [](std::size_t size) { return static_cast<int>(size); };
    blas("product", cublasSgemm(blas_, p.b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
                                p.a_transposed ? CUBLAS_OP_T : CUBLAS_OP_N, whole(p.columns), whole(p.rows),
                                whole(p.depth), &one, p.b, whole(p.b_stride), p.a, whole(p.a_stride), &zero, p.c,
                                whole(p.c_stride)));
  }

  void launch(Kernel kernel, std::size_t threads, const void* arguments) override {
    if (failure_) return;
    constexpr unsigned kBlock = 128;
    const std::size_t blocks = (threads + kBlock - 1) / kBlock;
    if (blocks > INT_MAX) return (void)(failure_ = Error{"CUDA: too many threads for one kernel"});
    void* list[] = {const_cast<void*>(arguments)};
    driver("context", driver_.set_context(context_)); // the caller's thread may be new
    const auto index = static_cast<std::size_t>(kernel);
    driver(kKernelNames[index], driver_.launch(functions_[index], static_cast<unsigned>(blocks), 1, 1, kBlock, 1, 1, 0,
                                               nullptr, list, nullptr));
  }

  Result<void> status() override {
    if (!failure_) return {};
    Error error = std::move(*failure_);
    failure_.reset();
    return std::unexpected(std::move(error));
  }

private:
  Result<void> load(const cudaDeviceProp& properties) {
    const Result<std::vector<int>> known = known_capabilities();
    if (!known) return std::unexpected(known.error());
    const Result<std::string> target = target_for(properties.major * 10 + properties.minor, *known);
    if (!target) return std::unexpected(target.error());
    const Result<Binary> binary = compile(*target);
    if (!binary) return std::unexpected(binary.error());
    name_ = std::string(properties.name) + ", " + *target + ", CUDA " + nvrtc_version();

    char log[4096] = "";
    CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
    const CUresult loaded = driver_.load(&module_, binary->image.data(), 2, options, values);
    driver(log[0] != '\0' ? "the kernels:\n" + std::string(log) + "\ndriver" : "the kernels", loaded);
    for (std::size_t i = 0; i < std::size(kKernelNames) && !failure_; ++i)
      driver(kKernelNames[i], driver_.function(&functions_[i], module_, kKernelNames[i]));
    return status();
  }

  // Each keeps the first failure: what, at whom, the library's own words.
  void runtime(const std::string& what, cudaError_t result) {
    if (result == cudaSuccess || failure_) return;
    failure_ = Error{"cudart: " + what + ": " + cudaGetErrorString(result) + " (" + cudaGetErrorName(result) + ")"};
    cudaGetLastError(); // a failure that left the context whole (no memory) is not found again by the next call
  }
  void blas(const std::string& what, cublasStatus_t result) {
    if (result != CUBLAS_STATUS_SUCCESS && !failure_) failure_ = Error{"cuBLAS: " + what + ": " + cublasGetStatusString(result)};
  }
  void driver(const std::string& what, CUresult result) {
    if (result == CUDA_SUCCESS || failure_) return;
    const char* name = nullptr;
    driver_.error_name(result, &name);
    failure_ = Error{"driver: " + what + ": " + (name != nullptr ? name : "error " + std::to_string(result))};
  }

  Driver driver_;
  CUcontext context_ = nullptr;
  cublasHandle_t blas_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction functions_[std::size(kKernelNames)] = {};
  std::string name_;
  std::optional<Error> failure_;
};

} // namespace

Result<std::unique_ptr<Device>> open_gpu(void* driver) {
  auto gpu = std::make_unique<Gpu>();
  if (Result<void> opened = gpu->open(driver); !opened) return std::unexpected(opened.error());
  return gpu;
}

} // namespace packscope::learn::cuda
