// Pack indexes v1 and v2 (gitformat-pack(5)), read where they lie. All integers are big endian.
//
//   v1 := fanout:4{256} (offset:4 id){n} pack-checksum index-checksum
//   v2 := ff 't' 'O' 'c' version:4 fanout:4{256} id{n} crc32:4{n} offset:4{n} offset64:8{k} pack-checksum index-checksum
//
// fanout[b] counts the ids whose first byte is at most b; a v2 offset with its top bit set is a row of offset64.
// Neither version names the hash, but the length of the file does: with k < n, a v2 index with 20-byte ids has at
// most 36 bytes an object, one with 32-byte ids at least 40; v1 has exactly 24 or 36.
#pragma once

#include "base/mapped_file.h"
#include "pack/fault.h"
#include "pack/object.h"

namespace packscope::pack {

class Index {
public:
  // Checks sizes, signature, version and that the fanout is monotonic; not the trailer (see verify()).
  // Without `hash` the file's length tells it.
  static Result<Index> open(const std::string& path, std::optional<HashKind> hash = {});

  std::uint32_t size() const { return size_; }
  void prefetch(std::uint32_t position) const { __builtin_prefetch(row(position)); } // its id, into the processor's cache
  unsigned version() const { return version_; }
  HashKind hash() const { return hash_; }
  ObjectId id(std::uint32_t position) const;         // position in id order, < size()
  Outcome<std::uint64_t> offset(std::uint32_t position) const; // index_offset where the 64-bit table has no such row
  std::optional<std::uint32_t> crc32(std::uint32_t position) const; // v2 only
  std::optional<std::uint32_t> find(const ObjectId& id) const;      // position
  // Before very many find(): a fanout of about as many rows as there are objects (four bytes each, 16 MiB at most). Not from several threads.
  void refine();
  // What find() looks at, into the processor's cache: first where it begins, then (when that has come) what it finds there.
  void prefetch_find(const ObjectId& id) const;
  std::uint32_t prefetch_found(const ObjectId& id) const; // the position where the id should be, or near it
  ObjectId pack_checksum() const;
  // Order of ids and the file's own checksum.
  Result<void> verify() const;
  const std::string& path() const { return file_.path(); }

private:
  const std::uint8_t* row(std::uint32_t position) const; // the raw id
  std::uint32_t fanout(unsigned first_byte) const;
  struct Bucket { // of ids that begin with the same bits: [low, high), and where an id should stand in it
    std::uint32_t low, high, guess;
  };
  Bucket bucket(const ObjectId& id) const;
  std::uint32_t fine_row(const std::uint8_t* id) const { return load_be<std::uint32_t>(id) >> fine_shift_; }

  MappedFile file_;
  Bytes fanout_, ids_, crcs_, offsets_, offsets64_; // the tables, checked to be whole
  HashKind hash_ = HashKind::sha1;
  unsigned version_ = 2;
  std::uint32_t size_ = 0;
  std::vector<std::uint32_t> fine_; // if refined: by an id's first bits the first position with these or later ones
  unsigned fine_shift_ = 0;
};

} // namespace packscope::pack
