// A file mapped read-only: nothing is copied, and the pages come as they are touched, or before. Who looks into a large one here
// and there only has those few bytes copied: in a virtual machine the first touch of a page costs more than such a copy.
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
  enum class Use { whole, also_look }; // of what will be asked: that look() may copy
  // An empty file maps to an empty span. Errors: anything but a readable regular file.
  static Result<MappedFile> open(const std::string& path, Use use = Use::whole);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  Bytes bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

  // Before reading near `offset`: the 64 kB around come in one call of the system, which takes a fraction of the fault's time,
  // and up to eight times as many where as many came just before. From any thread; the second time it is a look at a byte.
  void expect(std::uint64_t offset) const {
    if (offset < bytes_.size() && !was_expected(offset >> kPartBits)) bring_run(offset >> kPartBits);
  }
  // The `room.size()` bytes at `offset`, or as many as there are: copied into `room`, or where they lie if much around them was
  // asked for. Empty: they can't be had (the file was cut short since, the disk failed), or nothing is there. From any thread.
  Bytes look(std::uint64_t offset, std::span<std::uint8_t> room) const;
  // Before so many looks, spread evenly: where they, with those before, come to a quarter of the pages, all of it comes in one call.
  void expect_looks(std::size_t count) const {
    const std::size_t before = looks_.load(std::memory_order_relaxed), quarter = bytes_.size() / 4 / kPage;
    looks_.store(before + count, std::memory_order_relaxed);
    if (before <= quarter && before + count > quarter) expect_all();
  }
  void expect_all() const {
    if (!bytes_.empty()) bring(0, parts());
  }

private:
  static constexpr std::size_t kPage = 4096;
  static constexpr unsigned kPartBits = 16;
  static constexpr std::uint64_t kAhead = 8;
  static constexpr std::uint8_t kExpected = 255, kLooks = 10; // what a part's looks may cost: as much as bringing it does
  bool was_expected(std::uint64_t part) const { return expected_[part].load(std::memory_order_relaxed) == kExpected; }
  std::uint64_t parts() const { return ((bytes_.size() - 1) >> kPartBits) + 1; }
  void bring(std::uint64_t first, std::uint64_t count) const;
  void bring_run(std::uint64_t part) const;
  Bytes bytes_;
  std::string path_;
  int descriptor_ = -1; // for look(); -1: it shows where the bytes lie
  mutable std::atomic<std::size_t> looks_ = 0; // that expect_looks() was told of
  struct Free {
    void operator()(std::atomic<std::uint8_t>* of) const { std::free(of); }
  };
  std::unique_ptr<std::atomic<std::uint8_t>[], Free> expected_; // a byte a part: what looks into it cost, or kExpected. Its pages, too, come as they are touched
};

} // namespace packscope
