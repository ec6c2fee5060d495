// Write aside, fsync, rename; see output_file.h.
//
// A signal's handler may only read what cannot change under it: names of temporary files are copied into fixed slots.
// With all slots taken (sixteen files at once), or above PATH_MAX, a file stays behind like a killed process's.
#include "base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace packscope {

namespace {

struct Slot {
  enum State : int { free, filling, used };
  std::atomic<int> state{free};
  pid_t owner = 0; // a forked child ends without touching its parent's files
  std::array<char, PATH_MAX> path = {};
};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<Slot, 16> slots;

int take_slot(const std::string& path) {
  if (path.size() >= PATH_MAX) return -1;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    int expected = Slot::free;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::filling)) continue;
    std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
    slots[i].owner = ::getpid();
    slots[i].state = Slot::used;
    return static_cast<int>(i);
  }
  return -1;
}

void free_slot(int slot) {
  if (slot >= 0) slots[static_cast<std::size_t>(slot)].state = Slot::free;
}

extern "C" void remove_and_end(int signal) { // its own disposition is the default again: SA_RESETHAND
  for (const Slot& slot : slots)
    if (slot.state == Slot::used && slot.owner == ::getpid()) ::unlink(slot.path.data());
  ::raise(signal);
}

} // namespace

void OutputFile::remove_on_signals() {
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old = {}, handler = {};
    if (::sigaction(signal, nullptr, &old) != 0 || old.sa_handler == SIG_IGN) continue;
    handler.sa_handler = remove_and_end;
    handler.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(signal, &handler, nullptr);
  }
}

void OutputFile::forget_temporary() {
  free_slot(std::exchange(slot_, -1));
  temporary_.clear();
}

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
    const int slot = take_slot(temporary); // before there is a file: a signal may come right after
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          exists ? status.st_mode & 0777 : 0666);
    if (fd >= 0) return OutputFile(path, std::move(temporary), fd, slot);
    free_slot(slot);
    if (errno != EEXIST) break;
  }
  return fail_errno("create", given);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, "")),
      fd_(std::exchange(other.fd_, -1)), slot_(std::exchange(other.slot_, -1)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  forget_temporary();
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
  forget_temporary();
  return {};
}

Result<void> write_whole(const std::string& path, std::string_view text) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return std::unexpected(file.error());
  if (Result<void> written = file->write(text); !written) return written;
  return file->commit();
}

} // namespace packscope
