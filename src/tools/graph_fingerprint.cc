// Reads some kilobytes of a repository; see graph_fingerprint.h.
//
// Objects are named by their content, so refs and packs say it all; loose objects count where the scope is all objects.
#include "tools/graph_fingerprint.h"

#include "base/mapped_file.h"
#include "pack/hash.h"
#include "pack/layout.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace packscope::tools {

namespace {

namespace fs = std::filesystem;

class Fingerprint {
public:
  Fingerprint() : hasher_(pack::HashKind::sha1) {}

  void add(std::string_view text) { // length first: "ab" + "c" is not "a" + "bc"
    const std::uint64_t size = text.size();
    hasher_.update({reinterpret_cast<const std::uint8_t*>(&size), sizeof size});
    hasher_.update(as_bytes(text));
  }
  void file(const fs::path& path) {
    const Result<MappedFile> content = MappedFile::open(path.string());
    add(content ? as_text(content->bytes()) : "");
  }
  void trailer(const std::string& path) { // of a pack: the checksum of all before it, and the size
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return add("?");
    const off_t size = ::lseek(fd, 0, SEEK_END);
    char bytes[32] = {};
    const ssize_t got = ::pread(fd, bytes, sizeof bytes, size > 32 ? size - 32 : 0);
    ::close(fd);
    add(std::to_string(size));
    add({bytes, got > 0 ? static_cast<std::size_t>(got) : 0});
  }
  // Names and contents of all files below, in order of names.
  void folder(const fs::path& root, bool contents) {
    std::error_code error;
    std::vector<std::string> files;
    for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error))
      if (entry->is_regular_file(error)) files.push_back(entry->path().string());
    std::sort(files.begin(), files.end());
    for (const std::string& path : files) {
      add(path.substr(root.string().size()));
      if (contents) file(path);
    }
  }
  std::string finish() { return std::string(as_text(hasher_.finish().raw())); }

private:
  pack::Hasher hasher_;
};

} // namespace

std::string fingerprint_of(const pack::Source& source, const GraphOptions& options) {
  Fingerprint print;
  print.add("packscope graph 1 " PACKSCOPE_VERSION);
  const pack::Scope scope = options.read.scope();
  print.add(std::to_string(static_cast<int>(scope.kind)) + (options.urls ? "u" : ""));
  for (const std::string& revision : scope.revisions) print.add(revision);
  print.add(std::to_string(options.read.max_object_size));
  if (!source.repository) {
    print.trailer(source.path);
    return print.finish();
  }
  const pack::Layout layout = pack::read_layout(source.path);
  for (const std::string& pack : layout.packs) {
    print.add(fs::path(pack).filename().string());
    print.trailer(pack);
  }
  print.file(fs::path(layout.git_directory) / "HEAD");
  const fs::path common = layout.common_directory;
  print.file(common / "packed-refs");
  print.file(common / "config");
  print.folder(common / "refs", true);
  if (layout.reftable) print.folder(common / "reftable", true);
  for (const std::string& id : layout.shallow) print.add(id);
  if (scope.kind == pack::ScopeKind::all_objects)
    for (const std::string& folder : layout.object_folders) print.folder(folder, false);
  return print.finish();
}

} // namespace packscope::tools
