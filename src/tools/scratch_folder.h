// A folder for what other programs read and write, gone with its owner.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace packscope::tools {

class ScratchFolder {
public:
  explicit ScratchFolder(const char* purpose) {
    std::string name = (std::filesystem::temp_directory_path() / ("packscope-" + std::string(purpose) + "-XXXXXX")).string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  bool fine() const { return !path_.empty(); } // else errno says why
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
  std::filesystem::path path_;
};

} // namespace packscope::tools
