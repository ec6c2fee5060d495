// Large writes, large reads.
#include "lattice/run_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace packscope::lattice {

static constexpr std::size_t kPiece = std::size_t{256} << 10, kRecordHead = 12;

Result<std::unique_ptr<RunFile>> RunFile::create(const std::string& folder) {
  int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) { // a file system without
    std::string name = folder + "/.packscope-run-XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd < 0) return fail_errno("create a run of the sort", folder);
  return std::unique_ptr<RunFile>(new RunFile(fd, folder));
}

RunFile::~RunFile() { ::close(fd_); }

Result<void> RunFile::add(const Record& record) {
  char head[kRecordHead];
  const std::uint32_t size = static_cast<std::uint32_t>(record.value.size());
  std::memcpy(head, &record.key, 8);
  std::memcpy(head + 8, &size, 4);
  buffer_.append(head, kRecordHead).append(as_text(record.value));
  return buffer_.size() < kPiece ? Result<void>() : flush();
}

Result<void> RunFile::flush() {
  for (std::string_view left = buffer_; !left.empty();) {
    const ssize_t written = ::pwrite(fd_, left.data(), left.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write a run of the sort", folder_);
    size_ += static_cast<std::uint64_t>(written);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return {};
}

class RunFile::Reader : public Cursor {
public:
  explicit Reader(const RunFile& run) : run_(run) {}
  Result<bool> next(Record& record) override {
    if (!have(kRecordHead)) return end();
    std::uint32_t size;
    std::memcpy(&record.key, buffer_.data() + at_, 8);
    std::memcpy(&size, buffer_.data() + at_ + 8, 4);
    if (!have(kRecordHead + size)) return end();
    record.value = as_bytes(std::string_view(buffer_).substr(at_ + kRecordHead, size));
    at_ += kRecordHead + size;
    return true;
  }

private:
  Result<bool> end() const {
    if (errno_ == 0 && at_ == buffer_.size()) return false;
    errno = errno_ != 0 ? errno_ : EIO;
    return fail_errno("read a run of the sort", run_.folder_);
  }
  bool have(std::size_t bytes) {
    if (buffer_.size() - at_ >= bytes) return true;
    buffer_.erase(0, at_);
    at_ = 0;
    while (buffer_.size() < bytes) {
      const std::size_t before = buffer_.size();
      buffer_.resize(std::max(bytes, kPiece));
      const ssize_t got = ::pread(run_.fd_, buffer_.data() + before, buffer_.size() - before, static_cast<off_t>(offset_));
      buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) errno_ = errno;
      if (got <= 0) return false;
      offset_ += static_cast<std::uint64_t>(got);
    }
    return true;
  }
  const RunFile& run_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0;
  int errno_ = 0;
};

CursorPtr RunFile::records() const { return std::make_unique<Reader>(*this); }

} // namespace packscope::lattice
