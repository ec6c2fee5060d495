// The tables of a pack index v1 or v2 (gitformat-pack(5)), wherever its bytes lie. All integers are big endian.
//
//   v1 := fanout:4{256} (offset:4 id){n} pack-checksum index-checksum
//   v2 := ff 't' 'O' 'c' version:4 fanout:4{256} id{n} crc32:4{n} offset:4{n} offset64:8{k} pack-checksum index-checksum
//
// fanout[b] counts the ids whose first byte is at most b; a v2 offset with its top bit set is a row of offset64.
// Neither version names the hash, but the length of the file does: with k < n, a v2 index with 20-byte ids has at
// most 36 bytes an object, one with 32-byte ids at least 40; v1 has exactly 24 or 36.
//
// Nothing here allocates or asks the system: the same source runs without an OS (boot/).
#pragma once

#include "pack/fault.h"
#include "pack/object.h"

namespace packscope::pack {

class IndexTables {
public:
  // Checks sizes, signature, version and that the fanout is monotonic; not the trailer. `file` must outlive the tables.
  // Without `hash` the file's length tells it. Faults: truncated, version, index_fanout.
  static Outcome<IndexTables> read(Bytes file, std::optional<HashKind> hash = {});

  std::uint32_t size() const { return size_; }
  void prefetch(std::uint32_t position) const { __builtin_prefetch(row(position)); } // its id, into the processor's cache
  unsigned version() const { return version_; }
  HashKind hash() const { return hash_; }
  ObjectId id(std::uint32_t position) const;         // position in id order, < size()
  Outcome<std::uint64_t> offset(std::uint32_t position) const; // index_offset where the 64-bit table has no such row
  std::optional<std::uint32_t> crc32(std::uint32_t position) const; // v2 only
  std::optional<std::uint32_t> find(const ObjectId& id) const { return find_in(bucket(id), id); } // position
  ObjectId pack_checksum() const;

protected:
  struct Bucket { // of ids that begin with the same bits: [low, high), and where an id should stand in it
    std::uint32_t low, high, guess;
  };
  Bucket bucket(const ObjectId& id) const;
  std::optional<std::uint32_t> find_in(Bucket bucket, const ObjectId& id) const;
  const std::uint8_t* row(std::uint32_t position) const; // the raw id
  std::size_t row_bytes() const { return (version_ == 1 ? 4 : 0) + hash_size(hash_); } // from one id to the next
  const std::uint8_t* offset_row(std::uint32_t position) const {
    return version_ == 1 ? row(position) - 4 : offsets_.data() + std::size_t{position} * 4;
  }
  Outcome<std::uint64_t> offset_of_row(std::uint32_t row) const; // what it says, or the row of the 64-bit table that it names
  std::uint32_t fanout(unsigned first_byte) const;

private:
  Bytes fanout_, ids_, crcs_, offsets_, offsets64_, trailer_; // the tables, checked to be whole
  HashKind hash_ = HashKind::sha1;
  unsigned version_ = 2;
  std::uint32_t size_ = 0;
};

} // namespace packscope::pack
