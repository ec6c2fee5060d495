// The kernels compile for GPUs that are not here; what does not compile says why.
#include "learn/cuda/compile.h"

#include <catch2/catch_test_macros.hpp>

#include <elf.h>

#include <algorithm>
#include <string_view>

using namespace packscope;
using namespace packscope::learn;

namespace {

std::string_view text(const cuda::Binary& binary) { return {binary.image.data(), binary.image.size()}; }

bool holds_kernels(const cuda::Binary& binary) {
  for (const char* kernel : {"gather", "activate", "cross_entropy", "slope", "adam"})
    if (text(binary).find(std::string(".text.") + kernel) == std::string_view::npos) return false;
  return true;
}

} // namespace

TEST_CASE("the kernels compile to CUBIN for sm_86 and sm_90, and for every other GPU that NVRTC knows") {
  const Result<std::vector<int>> known = cuda::known_capabilities();
  REQUIRE(known);
  std::vector<int> wanted = *known;
  for (const int capability : {86, 90}) {
    REQUIRE(std::ranges::count(*known, capability) == 1);
    wanted.push_back(capability);
  }
  for (const int capability : wanted) {
    const Result<cuda::Binary> binary = cuda::compile("sm_" + std::to_string(capability));
    INFO("sm_" << capability << (binary ? "" : binary.error().text()));
    REQUIRE(binary);
    REQUIRE(binary->image.size() > sizeof(Elf64_Ehdr));
    CHECK(text(*binary).starts_with(ELFMAG));
    CHECK(reinterpret_cast<const Elf64_Ehdr*>(binary->image.data())->e_machine == EM_CUDA);
    CHECK(holds_kernels(*binary));
  }
}

TEST_CASE("a younger generation gets PTX of the youngest known") {
  const Result<cuda::Binary> binary = cuda::compile("compute_90");
  REQUIRE(binary);
  CHECK(text(*binary).find(".target sm_90") != std::string_view::npos);
  CHECK(text(*binary).find(".entry cross_entropy(") != std::string_view::npos);
  CHECK(binary->image.back() == '\0'); // the driver reads PTX as a C string
}

TEST_CASE("the target is the GPU's own code, an older one of its generation, or PTX") {
  const std::vector<int> known = {75, 80, 86, 90};
  CHECK(cuda::target_for(86, known).value() == "sm_86");
  CHECK(cuda::target_for(90, known).value() == "sm_90");
  CHECK(cuda::target_for(89, known).value() == "sm_86");
  CHECK(cuda::target_for(87, known).value() == "sm_86");
  CHECK(cuda::target_for(100, known).value() == "compute_90");
  CHECK(cuda::target_for(120, known).value() == "compute_90");
  const Result<std::string> old = cuda::target_for(70, known);
  REQUIRE(!old);
  CHECK(old.error().text().ends_with("compiles for compute capability 75 and above; this GPU has 70"));
}

TEST_CASE("NVRTC's log is in the error") {
  const Result<cuda::Binary> broken = cuda::compile("sm_90", "__global__ void f() { nonsense(); }");
  REQUIRE(!broken);
  CHECK(broken.error().text().find("identifier \"nonsense\" is undefined") != std::string::npos);
  CHECK(broken.error().text().find("kernels.cu(1)") != std::string::npos);
  CHECK(broken.error().text().find("NVRTC_ERROR_COMPILATION") != std::string::npos);
  const Result<cuda::Binary> unknown = cuda::compile("sm_1");
  REQUIRE(!unknown);
  CHECK(unknown.error().text().find("gpu-architecture") != std::string::npos);
}
