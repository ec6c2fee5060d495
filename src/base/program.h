// Other people's programs: where they are, and modules of our own that are loaded only when they are asked for.
#pragma once

#include "base/result.h"

#include <string>

namespace packscope {

// A program's path, by PATH where `name` holds no slash; empty: there is none that may be run.
std::string find_program(const std::string& name);

// A module of this program: where `variable` of the environment says, else `built_in`.
std::string module_path(const char* variable, const char* built_in);
// "not installed: no PATH", so that a module that was left out is told from one that does not load.
Result<void> module_installed(const std::string& path);
// Loads it, for good, and gives the function that it was built to have.
Result<void*> module_entry(const std::string& path, const char* name);

} // namespace packscope
