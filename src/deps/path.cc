// Paths inside a tree; see path.h.
#include "deps/path.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace packscope::deps {
namespace {

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const std::string_view part : parts) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

} // namespace

std::string parent_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

std::optional<std::string> join_path(const std::string& folder, const std::string& relative) {
  if (relative.starts_with('/')) return std::nullopt;
  std::vector<std::string_view> parts = components_of(folder);
  for (const std::string_view part : components_of(relative)) {
    if (part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (parts.empty())
      return std::nullopt;
    else
      parts.pop_back();
  }
  return joined(parts);
}

std::string relative_path(const std::string& folder, const std::string& path) {
  const std::vector<std::string_view> from = components_of(folder), to = components_of(path);
  const auto [apart_from, apart_to] = std::ranges::mismatch(from, to);
  std::vector<std::string_view> parts(static_cast<std::size_t>(from.end() - apart_from), "..");
  parts.insert(parts.end(), apart_to, to.end());
  return parts.empty() ? "." : joined(parts);
}

} // namespace packscope::deps
