// Finds what there is to read under the arguments; see repository.h.
//
// A folder is looked into only where it is no repository itself: submodules and nested clones inside a work
// tree belong to whoever names them. Links to folders are not followed, so that no link leads in circles or
// away.
#include "base/path_list.h"
#include "pack/layout.h"
#include "pack/repository.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

namespace packscope::pack {

namespace fs = std::filesystem;

static std::string base_name(const std::string& path) {
  std::error_code ignored;
  fs::path name = fs::path(path).lexically_normal();
  if (!name.has_filename()) name = name.parent_path(); // "a/b/"
  if (name == "." || name.filename() == ".." || name.empty()) name = fs::canonical(path, ignored);
  return name.filename().string();
}

static void search(const fs::path& root, const fs::path& folder, Sources& sources,
                   std::vector<Source>& found) {
  std::error_code error;
  std::vector<fs::path> folders;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const fs::path path = entry->path();
    if (fs::is_directory(entry->symlink_status(ignored)))
      folders.push_back(path);
    else if (path.extension() == ".pack" && entry->is_regular_file(ignored))
      found.push_back({path.string(), path.filename().string(), false});
  }
  if (error) sources.errors.push_back({"read folder: " + error.message(), folder.string()});
  for (const fs::path& path : folders) {
    const std::string directory = git_directory(path.string());
    if (!directory.empty())
      found.push_back({directory, path.lexically_relative(root).string(), true});
    else
      search(root, path, sources, found);
  }
}

static void add(const std::string& path, Sources& sources) {
  std::error_code error;
  if (const std::string directory = git_directory(path); !directory.empty()) {
    sources.found.push_back({directory, base_name(path), true});
    return;
  }
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    sources.errors.push_back({error ? error.message() : "No such file or directory", path});
  } else if (!fs::is_directory(status)) {
    // Whatever is called .pack is taken for one: what is wrong with it is said when it is opened.
    if (fs::path(path).extension() == ".pack")
      sources.found.push_back({path, base_name(path), false});
    else
      sources.errors.push_back({"neither a pack nor a repository", path});
  } else {
    std::vector<Source> found;
    search(path, path, sources, found);
    std::sort(found.begin(), found.end(), [](const Source& a, const Source& b) {
      return std::tie(a.name, a.path) < std::tie(b.name, b.path);
    });
    if (found.empty()) sources.errors.push_back({"holds neither packs nor repositories", path});
    sources.found.insert(sources.found.end(), found.begin(), found.end());
  }
}

Sources find_sources(const std::vector<std::string>& paths) {
  Sources sources;
  for (const std::string& path : read_path_list(paths, sources.errors)) add(path, sources);
  // What is named twice, itself or by a folder that holds it, is read once.
  std::set<std::pair<dev_t, ino_t>> seen;
  std::erase_if(sources.found, [&seen](const Source& source) {
    struct stat status;
    return ::stat(source.path.c_str(), &status) == 0 && !seen.emplace(status.st_dev, status.st_ino).second;
  });
  return sources;
}

} // namespace packscope::pack
