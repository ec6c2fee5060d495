// Reads some kilobytes of a repository; see graph_fingerprint.h.
//
// Objects are named by their content, so refs and packs would say it all, but that a loose one may have been broken when it
// was read: they count with size and time.
#include "tools/graph_fingerprint.h"

#include "pack/hash.h"
#include "pack/layout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace packscope::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOfAFile = 1 << 20, kMostPackedRefs = 64 << 20;

int open_regular(const std::string& path) { // or -1
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode))) return fd;
  ::close(fd);
  return -1;
}

class Fingerprint {
public:
  Fingerprint() : hasher_(pack::HashKind::sha1) {}

  void add(std::string_view text) { // length first: "ab" + "c" is not "a" + "bc"
    const std::uint64_t size = text.size();
    hasher_.update({reinterpret_cast<const std::uint8_t*>(&size), sizeof size});
    hasher_.update(as_bytes(text));
  }
  // Plain reads: these files are small and there are many repositories. What is larger than any that git writes counts
  // by its beginning, what is no file not at all.
  void file(const std::string& path, std::size_t most = kMostOfAFile) {
    char bytes[4096];
    std::string content;
    const int fd = open_regular(path);
    for (ssize_t got; fd >= 0 && content.size() < most && (got = ::read(fd, bytes, sizeof bytes)) > 0;)
      content.append(bytes, static_cast<std::size_t>(got));
    if (fd >= 0) ::close(fd);
    add(content);
  }
  void trailer(const std::string& path) { // of a pack: the checksum of all before it, and the size
    const int fd = open_regular(path);
    if (fd < 0) return add("?");
    const off_t size = ::lseek(fd, 0, SEEK_END);
    char bytes[32] = {};
    const ssize_t got = ::pread(fd, bytes, sizeof bytes, size > 32 ? size - 32 : 0);
    ::close(fd);
    add(std::to_string(size));
    add({bytes, got > 0 ? static_cast<std::size_t>(got) : 0});
  }
  // Names and contents of all files below, in order of names.
  void folder(const std::string& root) {
    std::error_code error;
    std::vector<std::string> files;
    for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error))
      if (entry->is_regular_file(error)) files.push_back(entry->path().string());
    std::sort(files.begin(), files.end());
    for (const std::string& path : files) {
      add(path.substr(root.size()));
      file(path);
    }
  }
  // Name, size and time of all loose objects, in order of names.
  void loose(const std::string& objects) {
    std::error_code error;
    std::vector<std::string> files;
    for (fs::directory_iterator two(objects, error), end; !error && two != end; two.increment(error)) {
      if (two->path().filename().string().size() != 2) continue;
      std::error_code ignored;
      for (fs::directory_iterator file(two->path(), ignored), last; !ignored && file != last; file.increment(ignored))
        files.push_back(file->path().string());
    }
    std::sort(files.begin(), files.end());
    for (const std::string& path : files) {
      struct stat status = {};
      if (::stat(path.c_str(), &status) != 0) continue;
      add(path.substr(objects.size()));
      for (const std::int64_t number : {std::int64_t{status.st_size}, std::int64_t{status.st_mtim.tv_sec},
                                        std::int64_t{status.st_mtim.tv_nsec}})
        add(std::to_string(number));
    }
  }
  std::string finish() { return std::string(as_text(hasher_.finish().raw())); }

private:
  pack::Hasher hasher_;
};

} // namespace

std::string fingerprint_of(const pack::Source& source, const GraphOptions& options) {
  Fingerprint print;
  print.add("packscope graph 2 " PACKSCOPE_VERSION);
  const pack::Scope scope = options.read.scope();
  print.add(std::to_string(static_cast<int>(scope.kind)) + (options.urls ? "u" : ""));
  for (const std::string& revision : scope.revisions) print.add(revision);
  print.add(std::to_string(options.read.max_object_size));
  if (!source.repository) {
    print.trailer(source.path);
    return print.finish();
  }
  // Most repositories are one folder; the others' parts are found at more cost.
  std::error_code ignored;
  const std::string objects = source.path + "/objects";
  std::string common = source.path;
  std::vector<std::string> packs;
  if (::access((objects + "/info/alternates").c_str(), F_OK) == 0 ||
      ::access((common + "/commondir").c_str(), F_OK) == 0) {
    const pack::Layout layout = pack::read_layout(source.path);
    packs = layout.packs;
    common = layout.common_directory;
    for (const std::string& folder : layout.object_folders) print.loose(folder);
  } else {
    for (fs::directory_iterator file(objects + "/pack", ignored), end; !ignored && file != end; file.increment(ignored))
      if (file->path().extension() == ".pack") packs.push_back(file->path().string());
    std::sort(packs.begin(), packs.end());
    print.loose(objects);
  }
  for (const std::string& pack : packs) {
    print.add(pack);
    print.trailer(pack);
  }
  print.file(source.path + "/HEAD");
  print.file(common + "/packed-refs", kMostPackedRefs);
  for (const char* name : {"/config", "/shallow"}) print.file(common + name);
  print.folder(common + "/refs");
  print.folder(common + "/reftable");
  return print.finish();
}

} // namespace packscope::tools
