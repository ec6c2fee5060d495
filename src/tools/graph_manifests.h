// The manifests of one repository as facts for the graph.
#pragma once

#include "tools/build_graph.h"

namespace packscope::tools {

// Reads every manifest of the scope whose facts nobody knows yet. Never fails as a whole: what cannot be read is a line
// of `errors`, a manifest that does not parse carries why. What would take more than its share of --memory goes to `early`
// on the way, in parts without fingerprint and errors; the last part is the result.
deps::RepositoryFacts read_manifests_of(const pack::Source& source, const GraphOptions& options, deps::KnownManifests& known,
                                        const std::function<void(deps::RepositoryFacts)>& early);

} // namespace packscope::tools
