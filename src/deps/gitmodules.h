// .gitmodules as records (gitmodules(5)). The commit of each submodule stands in the tree beside it, not here.
#pragma once

#include "base/json.h"
#include "deps/manifest.h"

#include <optional>
#include <vector>

namespace packscope::deps {

struct Submodule {
  std::string name;
  std::optional<std::string> path, url, branch;
  std::optional<std::string> resolved; // the url, if it is relative and what it is relative to is known
  std::optional<std::string> commit;   // of the gitlink at `path`
};
// In the order of the file; a key given twice counts as git counts it: the last one.
Result<std::vector<Submodule>> parse_gitmodules(std::string_view text);

bool is_relative_url(std::string_view url); // "./x", "../x"
// A relative url against the superproject's own, as `git submodule init` resolves it; nullopt: it climbs too far.
std::optional<std::string> resolve_submodule_url(std::string_view origin, std::string_view url);

// remote.origin.url of a repository's configuration.
std::optional<std::string> origin_of(std::string_view config);

void write_fields(JsonWriter& json, const std::vector<Submodule>& submodules);

// Whether a text without a path is worth parsing.
bool looks_like_gitmodules(std::string_view text);

} // namespace packscope::deps
