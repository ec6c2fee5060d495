// A pack's index file, read where it lies: the tables (index_tables.h) of a mapped file, and its checks as a whole.
#pragma once

#include "base/mapped_file.h"
#include "pack/index_tables.h"

namespace packscope::pack {

class Index : public IndexTables {
public:
  // Checks what IndexTables::read does; not the trailer (see verify()).
  static Result<Index> open(const std::string& path, std::optional<HashKind> hash = {});

  std::optional<std::uint32_t> find(const ObjectId& id) const { // position
    const Bucket within = fine_bucket(id);
    if (within.low < within.high) file_.expect(static_cast<std::uint64_t>(row(within.guess) - file_.bytes().data()));
    return find_in(within, id);
  }
  // find() and offset() in one, from copies of a few rows while that is cheaper than the pages they lie in.
  std::optional<std::uint64_t> find_offset(const ObjectId& id) const; // UINT64_MAX: the 64-bit table has no such row
  void expect_finds(std::size_t count) const { file_.expect_looks(count); } // before so many find_offset()
  void expect_all() const { file_.expect_all(); } // before most of it is read
  // Before very many find(): a fanout of about as many rows as there are objects (four bytes each, 16 MiB at most). Not
  // from several threads.
  void refine();
  // What find() looks at, into the processor's cache: first where it begins, then (when that has come) what it finds there.
  void prefetch_find(const ObjectId& id) const;
  std::uint32_t prefetch_found(const ObjectId& id) const; // the position where the id should be, or near it
  // Order of ids and the file's own checksum.
  Result<void> verify() const;
  const std::string& path() const { return file_.path(); }

private:
  Bucket fine_bucket(const ObjectId& id) const;
  std::uint32_t fine_row(const std::uint8_t* id) const { return load_be<std::uint32_t>(id) >> fine_shift_; }

  MappedFile file_;
  std::vector<std::uint32_t> fine_; // if refined: by an id's first bits the first position with these or later ones
  unsigned fine_shift_ = 0;
};

} // namespace packscope::pack
