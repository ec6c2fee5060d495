// Write aside, fsync, rename; see output_file.h.
#include "base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace packscope {

Result<OutputFile> OutputFile::create(const std::string& given) {
  // A link is followed, as a plain write would; anything but a file (a pipe, a device) must not be renamed over.
  std::string path = given;
  if (char* resolved = ::realpath(given.c_str(), nullptr); resolved != nullptr) {
    path = resolved;
    std::free(resolved);
  }
  struct stat status;
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) return fail(S_ISDIR(status.st_mode) ? "is a directory" : "not a regular file", given);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty()) return fail("not a file name", given);
  // A name of our own that nobody can have laid there before.
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string temporary =
        folder + "." + name + "." + std::to_string(::getpid()) + "." + std::to_string(counter++) + ".part";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          exists ? status.st_mode & 0777 : 0666);
    if (fd >= 0) return OutputFile(path, std::move(temporary), fd);
    if (errno != EEXIST) break;
  }
  return fail_errno("create", given);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, "")),
      fd_(std::exchange(other.fd_, -1)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> OutputFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write", path_);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> OutputFile::commit() {
  if (::fsync(fd_) != 0) return fail_errno("sync", path_);
  if (::close(std::exchange(fd_, -1)) != 0) return fail_errno("close", path_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return fail_errno("rename", path_);
  temporary_.clear();
  return {};
}

} // namespace packscope
