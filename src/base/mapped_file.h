// A file mapped read-only: nothing is copied, and the pages come as they are touched, or before.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

namespace packscope {

class MappedFile {
public:
  // An empty file maps to an empty span. Errors: anything but a readable regular file.
  static Result<MappedFile> open(const std::string& path);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  Bytes bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

  // Before reading near `offset`: the 64 kB around come in one call of the system, which takes a fraction of the fault's time,
  // and several times as many where it goes on from what came before. From any thread; the second time it is a look at a byte.
  void expect(std::uint64_t offset) const {
    const std::uint64_t part = offset >> kPartBits;
    if (offset >= bytes_.size() || was_expected(part)) return;
    bring(part, part > 0 && was_expected(part - 1) ? std::min<std::uint64_t>(kAhead, parts() - part) : 1);
  }
  void expect_all() const {
    if (!bytes_.empty()) bring(0, parts());
  }

private:
  static constexpr unsigned kPartBits = 16;
  static constexpr std::uint64_t kAhead = 8;
  bool was_expected(std::uint64_t part) const { return expected_[part].load(std::memory_order_relaxed) != 0; }
  std::uint64_t parts() const { return ((bytes_.size() - 1) >> kPartBits) + 1; }
  void bring(std::uint64_t first, std::uint64_t count) const;
  Bytes bytes_;
  std::string path_;
  struct Free {
    void operator()(std::atomic<std::uint8_t>* of) const { std::free(of); }
  };
  std::unique_ptr<std::atomic<std::uint8_t>[], Free> expected_; // a byte a part: whether it was. Its pages, too, come as they are touched
};

} // namespace packscope
