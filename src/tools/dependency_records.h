// The records of pack2cargo, pack2nix and pack2gitmodules, for whoever wants them without a process between: each
// calls `record` with one whole JSON object a manifest, in the order in which the command prints them.
#pragma once

#include "tools/command.h"

namespace packscope::tools {

using OnRecord = std::function<void(JsonWriter& json)>;

void cargo_records(pack::Repository& repository, const ReadOptions& options, Report& report, const OnRecord& record);
void nix_records(pack::Repository& repository, const ReadOptions& options, Report& report, const OnRecord& record);
// `origin`: what relative urls are relative to; empty: the repository's own remote.origin.url.
void gitmodules_records(pack::Repository& repository, const ReadOptions& options, Report& report,
                        const std::string& origin, const OnRecord& record);

} // namespace packscope::tools
