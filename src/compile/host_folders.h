// Which files of this machine a compiler may read: what lies in folders of system headers (and libraries), by the text of
// its path. "." and ".." are resolved in the text, so that what is opened is the path that was judged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packscope::compile {

// "/a/./b/../c" → "/a/c". `path` begins with a slash; ".." of the root is the root.
std::string plain_path(std::string_view path);

class HostFolders {
public:
  void allow(std::string_view folder); // absolute; others are ignored
  void deny(std::string_view folder);  // stronger than allow(): a work tree that lies among system headers

  // The path to open; nullopt: not to be touched.
  std::optional<std::string> file(std::string_view path) const;
  // Also true for what leads to an allowed folder: it may be looked for, not listed nor read.
  bool leads_to(std::string_view path) const;

private:
  std::vector<std::string> allowed_, denied_;
};

} // namespace packscope::compile
