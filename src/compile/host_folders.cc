// Prefixes of names, not of bytes: /usr/include does not allow /usr/include-old.
#include "compile/host_folders.h"

#include <algorithm>

namespace packscope::compile {
namespace {

bool below(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

} // namespace

std::string plain_path(std::string_view path) {
  std::string plain;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, end - at);
    if (name == "..") plain.resize(plain.empty() ? 0 : plain.rfind('/'));
    else if (!name.empty() && name != ".") plain.append("/").append(name);
    at = end + 1;
  }
  return plain.empty() ? "/" : plain;
}

void HostFolders::allow(std::string_view folder) {
  if (folder.starts_with('/')) allowed_.push_back(plain_path(folder));
}
void HostFolders::deny(std::string_view folder) {
  if (folder.starts_with('/')) denied_.push_back(plain_path(folder));
}

std::optional<std::string> HostFolders::file(std::string_view path) const {
  if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) return std::nullopt;
  std::string plain = plain_path(path);
  const auto holds = [&plain](const std::string& folder) { return below(plain, folder); };
  if (std::ranges::any_of(denied_, holds) || std::ranges::none_of(allowed_, holds)) return std::nullopt;
  return plain;
}

bool HostFolders::leads_to(std::string_view path) const {
  if (!path.starts_with('/')) return false;
  const std::string plain = plain_path(path);
  return std::ranges::any_of(allowed_, [&plain](const std::string& folder) { return below(folder, plain); });
}

} // namespace packscope::compile
