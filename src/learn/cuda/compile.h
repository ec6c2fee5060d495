// The kernels' text to a binary, by NVRTC: needs the toolkit's library, not a GPU.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace packscope::learn::cuda {

struct Binary {
  std::string target;      // "sm_90": code of that GPU; "compute_90": PTX, which the driver compiles further
  std::vector<char> image; // what cuModuleLoadData takes
};

// Compute capabilities that this NVRTC compiles for (75, 80, 86, 90 …), lowest first.
Result<std::vector<int>> known_capabilities();

// What to compile for a GPU of `capability` (90 for 9.0): its own code, or that of an older one of the same generation,
// which it runs; a younger generation gets PTX of the youngest that NVRTC knows. An Error for a GPU older than all of them.
Result<std::string> target_for(int capability, const std::vector<int>& known);

// NVRTC's log is part of the Error.
Result<Binary> compile(const std::string& target);
Result<Binary> compile(const std::string& target, const std::string& source); // of another text: for tests

std::string nvrtc_version(); // "13.0"

} // namespace packscope::learn::cuda
