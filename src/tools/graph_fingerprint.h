// What a repository looked like when it was read: enough to know, without opening an object, that it still is the same.
#pragma once

#include "tools/build_graph.h"

namespace packscope::tools {

// A hash of the packs' own checksums, the refs, the configuration (whose origin names the repository), and of what is
// asked for. 20 bytes.
std::string fingerprint_of(const pack::Source& source, const GraphOptions& options);

} // namespace packscope::tools
