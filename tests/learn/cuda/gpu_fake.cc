// gpu.cc itself without a GPU: NVRTC is real, the functions of cudart, cuBLAS and the driver that it calls are written out here,
// over the host's memory. What this shows: which matrix goes where in column-major cuBLAS, what a launch hands over, and what
// each library's failure looks like. What it cannot show: those libraries' own behaviour; gpu.cc beside this file does.
#include "learn/cuda/backend.h"
#include "learn/cuda/gpu.h"

#include "agree.h"
#include "host.h"

#include <cublas_v2.h>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <string>

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

struct Fake {
  std::string broken; // the function that fails
  std::size_t live = 0;
  int capability = 90;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
  std::string image;
  const void* context = nullptr;
  bool breaks(const char* function) const { return broken == function; }
} fake;

const char kContext = 0;

// Whole blocks, one thread after the other.
template <class Arguments>
void run(void (*kernel)(Arguments), unsigned blocks, unsigned threads, void** list) {
  Arguments given;
  std::memcpy(&given, list[0], sizeof given);
  cuda_shim::block_size.x = threads;
  for (cuda_shim::block.x = 0; cuda_shim::block.x < blocks; ++cuda_shim::block.x)
    for (cuda_shim::thread.x = 0; cuda_shim::thread.x < threads; ++cuda_shim::thread.x) kernel(given);
}

Result<std::unique_ptr<learn::cuda::Device>> open(Fake state = {}) {
  fake = state;
  return learn::cuda::open_gpu(::dlopen(nullptr, RTLD_NOW));
}

} // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = fake.breaks("none") ? 0 : 1;
  return fake.breaks("cudaGetDeviceCount") ? cudaErrorInsufficientDriver : cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "A GPU on paper");
  properties->major = fake.capability / 10;
  properties->minor = fake.capability % 10;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorString(cudaError_t) { return "in words"; }
const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "cudaErrorInsufficientDriver";
}
cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  if (fake.breaks("cudaMalloc")) return cudaErrorMemoryAllocation;
  ++fake.live;
  *memory = std::malloc(bytes);
  std::memset(*memory, 0xff, bytes); // NaNs: nothing may rely on zeros that were not asked for
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  fake.live -= memory != nullptr;
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* memory, int value, std::size_t bytes) {
  std::memset(memory, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  *handle = reinterpret_cast<cublasHandle_t>(&fake);
  return fake.breaks("cublasCreate") ? CUBLAS_STATUS_NOT_INITIALIZED : CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t mode) {
  fake.math = mode;
  return CUBLAS_STATUS_SUCCESS;
}
const char* cublasGetStatusString(cublasStatus_t) { return "CUBLAS_STATUS_NOT_INITIALIZED"; }
// The reference BLAS: column after column, C = alpha op(A) op(B) + beta C with op(A) m×k, op(B) k×n. As cuBLAS does, it refuses
// a leading dimension below the matrix's rows.
cublasStatus_t cublasSgemm_v2(cublasHandle_t, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                              const float* alpha, const float* a, int lda, const float* b, int ldb, const float* beta,
                              float* c, int ldc) {
  const bool ta = op_a == CUBLAS_OP_T, tb = op_b == CUBLAS_OP_T;
  if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return CUBLAS_STATUS_INVALID_VALUE;
  const auto at = [](int row, int column, int lead) {
    return static_cast<std::size_t>(column) * static_cast<std::size_t>(lead) + static_cast<std::size_t>(row);
  };
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < m; ++i) {
      float sum = 0;
      for (int l = 0; l < k; ++l) sum += a[ta ? at(l, i, lda) : at(i, l, lda)] * b[tb ? at(j, l, ldb) : at(l, j, ldb)];
      float& out = c[at(i, j, ldc)];
      out = *beta == 0 ? *alpha * sum : *alpha * sum + *beta * out;
    }
  return CUBLAS_STATUS_SUCCESS;
}

CUresult cuGetErrorName(CUresult, const char** name) {
  *name = "CUDA_ERROR_IN_A_TEST";
  return CUDA_SUCCESS;
}
CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = reinterpret_cast<CUcontext>(const_cast<char*>(&kContext));
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext context) {
  fake.context = context;
  return CUDA_SUCCESS;
}
CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, CUjit_option* options, void** values) {
  fake.image.assign(static_cast<const char*>(image), 20);
  *module = reinterpret_cast<CUmodule>(&fake);
  if (!fake.breaks("cuModuleLoadDataEx")) return CUDA_SUCCESS;
  std::size_t room = 0;
  char* log = nullptr;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER) log = static_cast<char*>(values[i]);
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) room = reinterpret_cast<std::size_t>(values[i]);
  }
  std::snprintf(log, room, "ptxas: line 7: the driver's own words");
  *module = nullptr;
  return CUDA_ERROR_INVALID_IMAGE;
}
CUresult cuModuleUnload(CUmodule) { return CUDA_SUCCESS; }
CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
  for (const char* const& known : learn::cuda::kKernelNames)
    if (std::strcmp(known, name) == 0) *function = reinterpret_cast<CUfunction>(const_cast<char**>(&known));
  return fake.breaks("cuModuleGetFunction") ? CUDA_ERROR_NOT_FOUND : CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned block_y,
                        unsigned block_z, unsigned shared, CUstream stream, void** list, void** extra) {
  if (fake.breaks("cuLaunchKernel") || fake.context != &kContext || stream != nullptr || extra != nullptr ||
      y * z * block_y * block_z != 1 || shared != 0)
    return CUDA_ERROR_INVALID_VALUE;
  const std::string name = *reinterpret_cast<const char**>(function);
  if (name == "gather") run(::gather, x, threads, list);
  if (name == "activate") run(::activate, x, threads, list);
  if (name == "cross_entropy") run(::cross_entropy, x, threads, list);
  if (name == "slope") run(::slope, x, threads, list);
  if (name == "adam") run(::adam, x, threads, list);
  return CUDA_SUCCESS;
}

} // extern "C"

TEST_CASE("through cuBLAS's and the driver's calls the figures are still the CPU's") {
  {
    const std::unique_ptr<Backend> backend = learn::cuda::make_backend(open().value());
    CHECK(backend->name().starts_with("cuda (A GPU on paper, sm_90, CUDA "));
    CHECK(fake.math == CUBLAS_PEDANTIC_MATH);
    CHECK(fake.image.starts_with("\x7f" "ELF"));
    figures_agree(*backend);
    CHECK(apart("16→32→3", seed_losses(*learn::cpu::make_backend(1)), seed_losses(*backend)) < kLossTolerance);
  }
  CHECK(fake.live == 0);
}

TEST_CASE("a GPU younger than NVRTC gets PTX, one older is refused") {
  CHECK(open({.capability = 999}).value()->name().find("compute_") != std::string::npos);
  CHECK(!fake.image.starts_with("\x7f" "ELF"));
  const auto old = open({.capability = 20});
  REQUIRE(!old);
  CHECK(old.error().text().find("this GPU has 20") != std::string::npos);
}

TEST_CASE("each library's failure is told with its own words") {
  const auto message = [](const char* broken) {
    const auto opened = open({.broken = broken});
    REQUIRE(!opened);
    return opened.error().text();
  };
  CHECK(message("cudaGetDeviceCount") == "cudart: a device: in words (cudaErrorInsufficientDriver)");
  CHECK(message("none") == "no GPU");
  CHECK(message("cublasCreate") == "cuBLAS: start: CUBLAS_STATUS_NOT_INITIALIZED");
  CHECK(message("cuModuleLoadDataEx") ==
        "driver: the kernels:\nptxas: line 7: the driver's own words\ndriver: CUDA_ERROR_IN_A_TEST");
  CHECK(message("cuModuleGetFunction") == "driver: gather: CUDA_ERROR_IN_A_TEST");
}

TEST_CASE("a failure while training ends the epoch; memory that is there again lets the next begin") {
  const std::unique_ptr<Backend> backend = learn::cuda::make_backend(open().value());
  const Shape shape{{2, 3}, Activation::relu};
  const OwnedSamples samples = random_samples(4, 2, 3, 1);
  const std::vector<float> parameters = initial_parameters(shape, 1);
  const std::vector<std::uint32_t> order = {0, 1, 2, 3};
  fake.broken = "cudaMalloc";
  const Result<std::unique_ptr<Session>> none = backend->start(shape, parameters, samples.view(), {});
  REQUIRE(!none);
  CHECK(none.error().text() == "cudart: 48 bytes of memory: in words (cudaErrorMemoryAllocation)");
  fake.broken.clear();
  std::unique_ptr<Session> session = backend->start(shape, parameters, samples.view(), {}).value();
  fake.broken = "cuLaunchKernel";
  const Result<EpochResult> broken = session->epoch(order, 4, 0.1f);
  REQUIRE(!broken);
  CHECK(broken.error().text() == "driver: gather: CUDA_ERROR_IN_A_TEST");
  fake.broken.clear();
  CHECK(session->epoch(order, 4, 0.1f));
}
