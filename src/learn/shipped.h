// The weights that packscope comes with (traces/models): TASK-RUNG.safetensors, one a task and rung.
#pragma once

#include "learn/model.h"

namespace packscope::learn {

// Where they are looked for: PACKSCOPE_MODELS, else beside the program (../share/packscope/models), else where it was
// to be installed.
std::string model_directory();

// All shipped models of the task, low rungs first. An Error where there is none: it names the directory.
Result<std::vector<Model>> load_shipped(std::string_view task);

} // namespace packscope::learn
