// Reads an LMDB file without LMDB, which trusts its files and dies on a damaged one.
//
// The idea: every offset and page number is checked where it is followed, so that no byte of the file, damaged or made to
// harm, leads outside of it or around in circles. Only what a lattice is gets read: one database of keys of eight bytes.
//
//   file     := meta meta page*             pages of one size; the meta with the higher transaction counts
//   page     := number:8 pad:2 flags:2 (lower:2 upper:2 | pages:4)
//   meta     := page(flags 8) magic:4 version:4 address:8 mapsize:8 db(free) db(main) last_page:8 transaction:8
//   db       := pad:4 flags:2 depth:2 branch_pages:8 leaf_pages:8 overflow_pages:8 entries:8 root:8    pad of free: page size
//   branch   := page(flags 1), offset:2 {(lower - 16) / 2}, nodes: child:6 ksize:2 key   (the first key counts as least)
//   leaf     := page(flags 2), offsets, nodes: dsize:4 flags:2 ksize:2 key (data | page:8 where flags has 1)
//   overflow := page(flags 4), data from its 17th byte over `pages` pages
//   All of it in the machine's own byte order (mdb.c of LMDB 0.9: MDB_page, MDB_meta, MDB_db, MDB_node).
#pragma once

#include "base/mapped_file.h"
#include "lattice/cursor.h"

#include <array>
#include <vector>

namespace packscope::lattice {

class Btree {
public:
  static Result<Btree> open(const std::string& path);
  // The file's bytes, which the caller keeps.
  static Result<Btree> of(Bytes file, const std::string& path);

  const std::string& path() const { return path_; }
  Bytes bytes() const { return bytes_; }
  std::uint64_t entries() const { return entries_; } // as stated

  // The value; none where there is no such key, and where the way to it is damaged: then `damaged` is set. Values have at
  // least one byte.
  Bytes find(std::uint64_t key, bool& damaged) const;
  // All records. The Btree outlives it.
  CursorPtr records() const;

private:
  struct Page;
  class Walk;
  bool page(std::uint64_t number, Page& page) const;
  Bytes value(const Page& page, std::size_t node) const;
  Bytes find_in(const Page& leaf, std::uint64_t key, bool& damaged) const;
  Bytes find_below(std::uint64_t number, std::uint64_t key, bool& damaged) const;
  Error damage(std::string what, std::uint64_t number) const;
  void flatten();

  // The upper levels as one sorted list, and where in it the keys of each leading bits begin: a search begins a page or two
  // above its leaf, or in it.
  struct Top {
    std::vector<std::uint64_t> keys, pages; // the first key is 0
    std::vector<std::uint32_t> begins;      // by key >> shift: how many keys lie before
    unsigned shift = 63;
  };
  std::size_t top_of(std::uint64_t key) const;

  MappedFile file_;
  Bytes bytes_;
  std::string path_;
  std::uint64_t page_size_ = 0, pages_ = 0, root_ = 0, entries_ = 0;
  Top top_;
};

} // namespace packscope::lattice
