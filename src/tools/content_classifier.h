// A peer: a program that tells a file's language from its text (Magika), asked where it is installed.
#pragma once

#include "learn/ladder.h"

namespace packscope::tools {

inline constexpr const char* kContentClassifier = "magika";

// The rung "magika" on the samples' whole texts; an Error that says why there is none. Its classes that are not the task's
// (TypeScript, Ruby, …) count as `other`, as the task counts them.
Result<learn::Standing> ask_content_classifier(const learn::Task& task, std::span<const learn::KeptSample> samples,
                                               std::uint64_t max_size);

} // namespace packscope::tools
