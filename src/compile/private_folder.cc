// The guardian is told of process groups by lines, "0" for none, and ends with its last line.
#include "compile/private_folder.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace packscope::compile {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGuardian = "trap '' INT TERM HUP QUIT PIPE; g=0; while read -r l; do g=$l; done; "
                                  "[ \"$g\" -gt 1 ] && kill -s KILL -- \"-$g\"; rm -rf -- \"$1\""; // dash takes no -9 with --

// -1: it could not be started, and the destructor alone removes the folder.
pid_t start_guardian(int socket, const std::string& path) {
  const char* arguments[] = {"sh", "-c", kGuardian, "packscope", path.c_str(), nullptr};
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setsid(); // a terminal's interrupt is not for it
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (::dup2(socket, 0) < 0 || ::dup2(nothing, 1) < 0 || ::dup2(nothing, 2) < 0) ::_exit(127);
  ::execv("/bin/sh", const_cast<char* const*>(arguments));
  ::_exit(127);
}

bool is_git(std::string_view component) {
  return component.size() == 4 && component[0] == '.' && (component[1] | 32) == 'g' && (component[2] | 32) == 'i' && (component[3] | 32) == 't';
}

} // namespace

std::optional<std::string> checkout_path(std::string_view path) {
  constexpr std::size_t kLongest = 3000, kLongestName = 255;
  if (path.empty() || path.size() > kLongest || path.find('\0') != path.npos) return std::nullopt;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component = path.substr(begin, end - begin);
    if (component.empty() || component == "." || component == ".." || component.size() > kLongestName || is_git(component)) return std::nullopt;
    begin = end + 1;
  }
  return std::string(path);
}

Result<PrivateFolder> PrivateFolder::create() {
  std::error_code ignored;
  const char* given = std::getenv("TMPDIR");
  const fs::path base = fs::canonical(given != nullptr && *given != '\0' ? given : "/tmp", ignored);
  std::string path = (ignored ? "/tmp" : base.string()) + "/packscope-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return fail_errno("mkdtemp", path);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    const Error error = fail_errno("socketpair", path).error();
    ::rmdir(path.c_str());
    return std::unexpected(error);
  }
  const pid_t guardian = start_guardian(ends[1], path);
  ::close(ends[1]);
  return PrivateFolder(std::move(path), ends[0], guardian);
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::exchange(other.path_, "")), socket_(std::exchange(other.socket_, -1)), guardian_(std::exchange(other.guardian_, -1)),
      made_(std::move(other.made_)) {}

PrivateFolder::~PrivateFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(socket_);
  if (guardian_ <= 0) return;
  while (::waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) {}
}

Result<std::string> PrivateFolder::folder(std::string_view name) {
  std::string path = *this / name;
  if (made_.contains(path)) return path;
  for (std::size_t at = path_.size(); at != path.npos;) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("mkdir", part);
    struct stat status; // EEXIST: by us, as nothing here is a link
    if (::lstat(part.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return fail("mkdir: not a folder", part);
  }
  made_.insert(path);
  return path;
}

Result<void> PrivateFolder::write(std::string_view name, std::string_view text) {
  if (!checkout_path(name)) return fail("path: would leave the folder", name);
  const std::size_t slash = name.rfind('/');
  if (slash != name.npos)
    if (Result<std::string> made = folder(name.substr(0, slash)); !made) return std::unexpected(made.error());
  const std::string path = *this / name;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return fail_errno("create", path);
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const Error error = fail_errno("write", path).error();
      ::close(fd);
      return std::unexpected(error);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::close(fd);
  return {};
}

Result<std::string> PrivateFolder::read(std::string_view name) const {
  const std::string path = *this / name;
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fail_errno("open", path);
  std::string text;
  char buffer[65536];
  for (ssize_t got; (got = ::read(fd, buffer, sizeof buffer)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const Error error = fail_errno("read", path).error();
      ::close(fd);
      return std::unexpected(error);
    }
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text;
}

void PrivateFolder::remove(std::string_view name) {
  std::error_code ignored;
  fs::remove_all(*this / name, ignored);
  std::erase_if(made_, [&](const std::string& one) { return one.starts_with(*this / name); });
}

void PrivateFolder::running(pid_t group) const {
  const std::string line = std::to_string(group) + "\n";
  if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) < 0) return; // no guardian: this process kills what it started
}

} // namespace packscope::compile
