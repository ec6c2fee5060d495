// Reads some kilobytes of a repository; see graph_fingerprint.h.
//
// Objects are named by their content, so refs and packs would say it all, but that a loose one may have been broken when it
// was read: they count with size and time.
#include "tools/graph_fingerprint.h"

#include "pack/hash.h"
#include "pack/layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace packscope::tools {

namespace {

constexpr std::size_t kMostOfAFile = 1 << 20, kMostPackedRefs = 64 << 20;

// Paths are taken from a folder that is open: with thousands of repositories, walking down to each again is half of the cost.
class Folder {
public:
  explicit Folder(const std::string& path) : fd_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (fd_ >= 0) ::close(fd_);
  }

  int open(const std::string& path, int flags) const { return ::openat(fd_, path.c_str(), O_RDONLY | O_CLOEXEC | flags); } // or -1
  bool has(const char* path) const { return ::faccessat(fd_, path, F_OK, 0) == 0; }
  bool status(const std::string& path, struct stat& status) const { return ::fstatat(fd_, path.c_str(), &status, 0) == 0; }

  // What the folder at `path` holds: use(name, whether it is a folder itself, not a link to one). Nothing, if it can't be read.
  template <typename Use>
  void list(const std::string& path, const Use& use) const {
    const int fd = open(path, O_DIRECTORY);
    if (fd < 0) return;
    alignas(dirent64) char bytes[8192];
    for (ssize_t got; (got = ::getdents64(fd, bytes, sizeof bytes)) > 0;)
      for (ssize_t at = 0; at < got;) {
        const auto* const entry = reinterpret_cast<const dirent64*>(bytes + at);
        at += entry->d_reclen;
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat status;
        const bool folder = entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN &&
                                                        ::fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode));
        use(name, folder);
      }
    ::close(fd);
  }

private:
  int fd_;
};

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
  void file(const Folder& folder, const std::string& path, std::size_t most = kMostOfAFile) {
    std::string content;
    read(folder, path, [&](int fd, std::size_t size) {
      content.resize(std::min(size, most));
      std::size_t filled = 0;
      for (ssize_t got; filled < content.size() && (got = ::read(fd, content.data() + filled, content.size() - filled)) > 0;)
        filled += static_cast<std::size_t>(got);
      content.resize(filled);
    });
    add(content);
  }
  void trailer(const Folder& folder, const std::string& path) { // of a pack: the checksum of all before it, and the size
    std::string last = "?";
    read(folder, path, [&](int fd, std::size_t size) {
      add(std::to_string(size));
      last.resize(std::min<std::size_t>(size, 32));
      const ssize_t got = ::pread(fd, last.data(), last.size(), static_cast<off_t>(size - last.size()));
      last.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    });
    add(last);
  }
  // Names and contents of all files below, in order of names.
  void files_below(const Folder& folder, const std::string& path) {
    std::vector<std::string> files, folders = {path};
    while (!folders.empty()) {
      const std::string at = std::exchange(folders.back(), {});
      folders.pop_back();
      folder.list(at, [&](const std::string& name, bool is_folder) { (is_folder ? folders : files).push_back(at + "/" + name); });
    }
    std::sort(files.begin(), files.end());
    for (const std::string& name : files) {
      add(name);
      file(folder, name);
    }
  }
  // Name, size and time of all loose objects, in order of names.
  void loose(const Folder& folder, const std::string& objects) {
    std::vector<std::string> folders, files;
    folder.list(objects, [&](const std::string& name, bool is_folder) {
      if (is_folder && name.size() == 2) folders.push_back(objects + "/" + name);
    });
    for (const std::string& two : folders) folder.list(two, [&](const std::string& name, bool) { files.push_back(two + "/" + name); });
    std::sort(files.begin(), files.end());
    for (const std::string& path : files) {
      struct stat status = {};
      if (!folder.status(path, status)) continue;
      add(path);
      for (const std::int64_t number : {std::int64_t{status.st_size}, std::int64_t{status.st_mtim.tv_sec},
                                        std::int64_t{status.st_mtim.tv_nsec}})
        add(std::to_string(number));
    }
  }
  std::string finish() { return std::string(as_text(hasher_.finish().raw())); }

private:
  // use(fd, size), if it is a regular file.
  template <typename Use>
  static void read(const Folder& folder, const std::string& path, const Use& use) {
    const int fd = folder.open(path, O_NONBLOCK); // a pipe that nobody writes to does not hold us
    struct stat status;
    if (fd < 0) return;
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) use(fd, static_cast<std::size_t>(status.st_size));
    ::close(fd);
  }

  pack::Hasher hasher_;
};

} // namespace

std::string fingerprint_of(const pack::Source& source, const GraphOptions& options) {
  Fingerprint print;
  print.add("packscope graph 3 " PACKSCOPE_VERSION);
  const pack::Scope scope = options.read.scope();
  print.add(std::to_string(static_cast<int>(scope.kind)) + (options.urls ? "u" : ""));
  for (const std::string& revision : scope.revisions) print.add(revision);
  print.add(std::to_string(options.read.max_object_size));
  if (!source.repository) {
    print.trailer(Folder("."), source.path);
    return print.finish();
  }
  // Most repositories are one folder; the others' parts are found at more cost.
  const Folder own(source.path);
  const auto add_shared = [&print](const Folder& common) {
    print.file(common, "packed-refs", kMostPackedRefs);
    for (const char* name : {"config", "shallow"}) print.file(common, name);
    print.files_below(common, "refs");
    print.files_below(common, "reftable");
  };
  print.file(own, "HEAD");
  if (own.has("objects/info/alternates") || own.has("commondir")) {
    const pack::Layout layout = pack::read_layout(source.path);
    for (const std::string& objects : layout.object_folders) print.loose(Folder("."), objects);
    for (const std::string& pack : layout.packs) {
      print.add(pack);
      print.trailer(Folder("."), pack);
    }
    add_shared(Folder(layout.common_directory));
  } else {
    std::vector<std::string> packs;
    own.list("objects/pack", [&](const std::string& name, bool) {
      if (name.ends_with(".pack")) packs.push_back("objects/pack/" + name);
    });
    std::sort(packs.begin(), packs.end());
    print.loose(own, "objects");
    for (const std::string& pack : packs) {
      print.add(pack);
      print.trailer(own, pack);
    }
    add_shared(own);
  }
  return print.finish();
}

} // namespace packscope::tools
