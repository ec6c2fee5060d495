// Paths inside a tree, as texts: "a/b", never "./a" or "/a"; the root is "".
#pragma once

#include <optional>
#include <string>

namespace packscope::deps {

std::string parent_path(const std::string& path); // of "a/b": "a"; of "a": ""
// `relative` seen from `folder`, without "." and ".."; nullopt if it leads out of the tree.
std::optional<std::string> join_path(const std::string& folder, const std::string& relative);
// `path` seen from `folder`: of "a/b" and "a/c": "../c"; "." where they are the same.
std::string relative_path(const std::string& folder, const std::string& path);

} // namespace packscope::deps
