// Pack indexes v1 and v2 (gitformat-pack(5)), read where they lie.
#pragma once

#include "base/mapped_file.h"
#include "pack/fault.h"
#include "pack/object.h"

namespace packscope::pack {

class Index {
public:
  // Checks sizes, signature, version and that the fanout is monotonic; not the trailer (see verify()).
  static Result<Index> open(const std::string& path, HashKind hash = HashKind::sha1);

  std::uint32_t size() const { return size_; }
  unsigned version() const { return version_; }
  ObjectId id(std::uint32_t position) const;         // position in id order, < size()
  Outcome<std::uint64_t> offset(std::uint32_t position) const; // index_offset where the 64-bit table has no such row
  std::optional<std::uint32_t> crc32(std::uint32_t position) const; // v2 only
  std::optional<std::uint32_t> find(const ObjectId& id) const;      // position
  ObjectId pack_checksum() const;
  // Order of ids and the file's own checksum.
  Result<void> verify() const;
  const std::string& path() const { return file_.path(); }

private:
  MappedFile file_;
  HashKind hash_ = HashKind::sha1;
  unsigned version_ = 2;
  std::uint32_t size_ = 0;
};

} // namespace packscope::pack
