// One program of two texts: kernels.cu and, as a header by its name, arguments.h. Both are part of the shared object.
#include "learn/cuda/compile.h"

#include "kernels_text.h"

#include <nvrtc.h>

#include <algorithm>
#include <memory>

namespace packscope::learn::cuda {
namespace {

std::unexpected<Error> nvrtc_failed(const std::string& action, nvrtcResult result) {
  return fail("NVRTC: " + action + ": " + nvrtcGetErrorString(result));
}

// The log without its closing zero and line end.
std::string log_of(nvrtcProgram program) {
  std::size_t size = 0;
  if (nvrtcGetProgramLogSize(program, &size) != NVRTC_SUCCESS || size <= 1) return {};
  std::string log(size, '\0');
  if (nvrtcGetProgramLog(program, log.data()) != NVRTC_SUCCESS) return {};
  log.resize(log.find_last_not_of(std::string("\0\n ", 3)) + 1);
  return log;
}

} // namespace

Result<std::vector<int>> known_capabilities() {
  int count = 0;
  nvrtcResult result = nvrtcGetNumSupportedArchs(&count);
  std::vector<int> known(static_cast<std::size_t>(std::max(count, 0)));
  if (result == NVRTC_SUCCESS) result = nvrtcGetSupportedArchs(known.data());
  if (result != NVRTC_SUCCESS) return nvrtc_failed("which GPUs it compiles for", result);
  std::ranges::sort(known);
  return known;
}

Result<std::string> target_for(int capability, const std::vector<int>& known) {
  const auto above = std::ranges::upper_bound(known, capability);
  if (above == known.begin())
    return fail("NVRTC " + nvrtc_version() + " compiles for compute capability " +
                (known.empty() ? "none" : std::to_string(known.front())) + " and above; this GPU has " +
                std::to_string(capability));
  const int best = *std::prev(above);
  return (best / 10 == capability / 10 ? "sm_" : "compute_") + std::to_string(best);
}

Result<Binary> compile(const std::string& target) { return compile(target, kKernels); }

Result<Binary> compile(const std::string& target, const std::string& source) {
  const char* header = kArguments;
  const char* header_name = "learn/cuda/arguments.h";
  nvrtcProgram program = nullptr;
  nvrtcResult result = nvrtcCreateProgram(&program, source.c_str(), "kernels.cu", 1, &header, &header_name);
  if (result != NVRTC_SUCCESS) return nvrtc_failed("new program", result);
  const auto destroy = [](nvrtcProgram* held) { nvrtcDestroyProgram(held); };
  const std::unique_ptr<nvrtcProgram, decltype(destroy)> guard(&program, destroy);

  const std::string architecture = "--gpu-architecture=" + target;
  const char* options[] = {architecture.c_str(), "--std=c++17", "--fmad=false"};
  result = nvrtcCompileProgram(program, static_cast<int>(std::size(options)), options);
  if (result != NVRTC_SUCCESS) {
    const std::string log = log_of(program);
    return nvrtc_failed("kernels.cu for " + target + (log.empty() ? "" : ":\n" + log + "\nNVRTC"), result);
  }
  const bool code = target.starts_with("sm_");
  std::size_t size = 0;
  result = code ? nvrtcGetCUBINSize(program, &size) : nvrtcGetPTXSize(program, &size);
  Binary binary{target, std::vector<char>(size)};
  if (result == NVRTC_SUCCESS)
    result = code ? nvrtcGetCUBIN(program, binary.image.data()) : nvrtcGetPTX(program, binary.image.data());
  if (result != NVRTC_SUCCESS) return nvrtc_failed("the compiled kernels", result);
  return binary;
}

std::string nvrtc_version() {
  int major = 0, minor = 0;
  if (nvrtcVersion(&major, &minor) != NVRTC_SUCCESS) return "of unknown version";
  return std::to_string(major) + "." + std::to_string(minor);
}

} // namespace packscope::learn::cuda
