// Walks folders and maps what it finds; see plain_files.h.
#include "tools/plain_files.h"

#include "base/path_list.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace packscope::tools {

namespace fs = std::filesystem;

namespace {

class Collector {
public:
  explicit Collector(Report& report) : report_(report) {}

  void add(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::is_directory(status)) return map(path, path); // also what is not there: mapping says why
    std::vector<std::string> names;
    walk(path, names);
    std::sort(names.begin(), names.end());
    if (names.empty()) report_.error({"holds no files", path});
    for (const std::string& name : names) map(name, name);
  }
  std::vector<PlainFile> take() { return std::move(files_); }

private:
  void walk(const fs::path& folder, std::vector<std::string>& names) {
    std::error_code error;
    std::vector<fs::path> folders;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      std::error_code ignored;
      if (fs::is_directory(entry->symlink_status(ignored))) folders.push_back(entry->path());
      else if (entry->is_regular_file(ignored)) names.push_back(entry->path().string());
    }
    if (error) report_.error({"read folder: " + error.message(), folder.string()});
    for (const fs::path& inner : folders) walk(inner, names);
  }

  void map(const std::string& path, const std::string& name) {
    struct stat status {};
    const bool known = ::stat(path.c_str(), &status) == 0;
    if (known && S_ISREG(status.st_mode) && !seen_.emplace(status.st_dev, status.st_ino).second) return;
    Result<MappedFile> file = MappedFile::open(path);
    if (!file) return report_.error(file.error());
    files_.push_back({std::move(*file), name});
  }

  Report& report_;
  std::vector<PlainFile> files_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

} // namespace

std::vector<PlainFile> map_files(const std::vector<std::string>& paths, Report& report) {
  Collector collector(report);
  std::vector<Error> errors;
  for (const std::string& path : read_path_list(paths, errors)) collector.add(path);
  for (const Error& error : errors) report.error(error);
  return collector.take();
}

} // namespace packscope::tools
