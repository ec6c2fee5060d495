// Lines of standard input; see path_list.h.
#include "base/path_list.h"

#include <filesystem>
#include <iostream>

namespace packscope {

std::vector<std::string> read_path_list(const std::vector<std::string>& paths, std::vector<Error>& errors) {
  std::vector<std::string> read;
  for (const std::string& path : paths) {
    if (path != "-") {
      read.push_back(path);
      continue;
    }
    bool any = false;
    for (std::string line; std::getline(std::cin, line);) {
      std::error_code ignored;
      if (line.ends_with('\r') && !std::filesystem::exists(line, ignored)) line.pop_back(); // a list from another system
      if (line.empty()) continue;
      read.push_back(line);
      any = true;
    }
    if (!any) errors.push_back({"list of paths is empty", "standard input"});
  }
  return read;
}

} // namespace packscope
