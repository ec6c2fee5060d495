// A lattice as a file: LMDB, its keys sorted and written in order, so that the same records are the same bytes.
//
//   lattice := header record* trailer
//   header  := key 0: "packscope lattice" schema:4 min_repositories:4       big endian
//   record  := key evidence                                                 dimension.h, evidence.h
//   trailer := key 2^64 - 1: records:8 checksum:8                           of all records between
//
// Written by LMDB into a fresh file beside the final one, which is renamed over it when whole. Read by btree.h. The bytes
// follow from the records and from the system's page size (4096 on x86-64).
#pragma once

#include "base/output_file.h"
#include "lattice/btree.h"
#include "lattice/dimension.h"

namespace packscope::lattice {

inline constexpr std::uint32_t kSchema = 3;

class Lattice {
public:
  // Errors: no lattice, a newer schema.
  static Result<Lattice> open(const std::string& path);
  static Result<Lattice> of(Bytes file, const std::string& path);

  const std::string& path() const { return tree_.path(); }
  std::uint64_t bytes() const { return tree_.bytes().size(); }
  std::uint32_t min_repositories() const { return min_repositories_; } // what fewer saw was left out; 0: nothing was
  // A clue's evidence; empty: none. `damaged` is set where the file is.
  Bytes find(std::uint64_t key, bool& damaged) const { return tree_.find(key, damaged); }
  // All but header and trailer; the end is an Error where they don't tell of the same records. The Lattice outlives it.
  CursorPtr records() const;

private:
  explicit Lattice(Btree tree) : tree_(std::move(tree)) {}
  static Result<Lattice> check(Result<Btree> tree);
  Btree tree_;
  std::uint32_t min_repositories_ = 0;
};

struct Written {
  std::uint64_t records = 0, bytes = 0;
};
// All records of the cursor into a file at `path`, left as it was if anything fails.
Result<Written> write_lattice(const std::string& path, Cursor& records, std::uint32_t min_repositories);

} // namespace packscope::lattice
