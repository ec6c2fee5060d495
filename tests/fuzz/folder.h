// A folder of small files, for what reads several; in memory where the system has /dev/shm.
#pragma once

#include "fuzz.h"

#include <filesystem>
#include <fstream>
#include <initializer_list>

namespace packscope::fuzz {

class Folder { // gone with the process
public:
  explicit Folder(std::initializer_list<const char*> folders) {
    std::error_code ignored;
    const bool memory = std::filesystem::is_directory("/dev/shm", ignored);
    path_ = (memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) / "packscope-fuzz-XXXXXX";
    require(::mkdtemp(path_.data()) != nullptr, "a folder is made");
    for (const char* const one : folders) std::filesystem::create_directories(path_ + "/" + one);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    const std::string file = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    require(out.good(), "a file is written");
  }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace packscope::fuzz
