// mmap with the file's life bound to an object; see mapped_file.h.
#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace packscope {

// Descriptors below this number may stay open: half of those that a process may have.
static rlim_t most_kept() {
  static const rlim_t most = [] {
    struct rlimit limit;
    constexpr rlim_t kMost = 512;
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(kMost, limit.rlim_cur / 2) : kMost;
  }();
  return most;
}

Result<MappedFile> MappedFile::open(const std::string& path, Use use) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not hang us
  if (fd < 0) return fail_errno("open", path);
  struct stat status;
  if (::fstat(fd, &status) != 0) {
    auto error = fail_errno("stat", path);
    ::close(fd);
    return error;
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    return fail("not a regular file", path);
  }
  MappedFile file;
  file.path_ = path;
  if (status.st_size > 0) {
    const std::size_t size = static_cast<std::size_t>(status.st_size);
    void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) {
      auto error = fail_errno("map", path);
      ::close(fd);
      return error;
    }
    file.bytes_ = {static_cast<const std::uint8_t*>(at), size};
  }
  // Whoever opens very many files at once does without.
  if (use == Use::also_look && static_cast<rlim_t>(fd) < most_kept())
    file.descriptor_ = fd;
  else
    ::close(fd);
  if (!file.bytes_.empty()) {
    static_assert(sizeof(std::atomic<std::uint8_t>) == 1); // zeros are its zeros
    file.expected_.reset(static_cast<std::atomic<std::uint8_t>*>(std::calloc(file.parts(), 1)));
    if (file.expected_ == nullptr) return fail("no memory to map it", path);
  }
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)),
      looks_(other.looks_.load()), expected_(std::move(other.expected_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  looks_.store(other.looks_.load());
  std::swap(expected_, other.expected_);
  return *this;
}

// What fails (a kernel before 5.14, a file cut short since) is left to the faults.
void MappedFile::bring(std::uint64_t first, std::uint64_t count) const {
  for (std::uint64_t part = first; part < first + count; ++part) expected_[part].store(kExpected, std::memory_order_relaxed);
  const std::uint64_t begin = first << kPartBits, end = std::min<std::uint64_t>((first + count) << kPartBits, bytes_.size());
  ::madvise(const_cast<std::uint8_t*>(bytes_.data()) + begin, end - begin, MADV_POPULATE_READ);
}

void MappedFile::bring_run(std::uint64_t part) const {
  std::uint64_t before = 0;
  while (before < std::min(part, kAhead) && was_expected(part - before - 1)) ++before;
  bring(part, std::clamp<std::uint64_t>(before, 1, parts() - part));
}

Bytes MappedFile::look(std::uint64_t offset, std::span<std::uint8_t> room) const {
  if (offset >= bytes_.size() || room.empty()) return {};
  const std::size_t size = std::min<std::uint64_t>(room.size(), bytes_.size() - offset);
  const std::uint64_t first = offset >> kPartBits, last = (offset + size - 1) >> kPartBits;
  bool mapped = descriptor_ < 0;
  for (std::uint64_t part = first; part <= last && !mapped; ++part) {
    if (was_expected(part)) continue;
    // Another thread may bring it meanwhile; then it is brought once more, no worse.
    const std::uint64_t cost = expected_[part].load(std::memory_order_relaxed) + 1 + size / 1024;
    if (cost < kLooks) {
      expected_[part].store(static_cast<std::uint8_t>(cost), std::memory_order_relaxed);
      const ssize_t read = ::pread(descriptor_, room.data(), size, static_cast<off_t>(offset));
      return read == static_cast<ssize_t>(size) ? Bytes(room.first(size)) : Bytes();
    }
    bring(part, 1);
  }
  return bytes_.subspan(offset, size);
}

MappedFile::~MappedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

} // namespace packscope
