// What can be wrong with a pack, an index or an object.
#pragma once

#include "base/result.h"
#include "deflate/fault.h"
#include "pack/location.h"

namespace packscope::pack {

enum class Fault : std::uint8_t {
  none,
  truncated,             // the file ends inside the field
  signature,             // not PACK / not an index
  version,               // pack version other than 2 and 3, index version other than 1 and 2
  trailer,               // the checksum at the end differs
  entry_type,            // type 0 or 5
  entry_size,            // more than 64 bits
  size_limit,            // above --max-object-size
  ofs_delta_base,        // before the pack
  ofs_delta_target,      // the entry itself, or not the start of an entry
  ref_delta_base,        // the id is not in the pack nor in the other packs of the repository
  delta_cycle,
  memory,                // the system has none left for it
  base,                  // the delta's base exists and cannot be read itself
  delta_header,          // base or result size truncated, above 64 bits; a delta below git's least size
  delta_base_size,       // does not equal the base's size
  delta_copy,            // copies from outside the base
  delta_insert,          // inserts past the end of the delta
  delta_reserved,        // instruction 0
  delta_result_size,     // makes more or fewer bytes than stated
  stream,                // the zlib stream; see the deflate fault
  entry_gap,             // --verify: bytes after the stream that belong to no entry
  object_count,          // the pack holds more or fewer entries than its header states
  index_fanout,          // not monotonic, or total differs from the tables
  index_order,           // ids not sorted
  index_offset,          // points outside of the pack
  index_mismatch,        // index and pack name different checksums or counts
  index_crc32,           // --verify: the CRC-32 of an entry's bytes differs
  id_mismatch,           // --verify: the object's hash is not its id
  tree,                  // a tree's bytes
  paths,                 // the trees' paths take far more room than the objects: some are left out
  commit,                // a commit's header lines
  tag,                   // a tag's header lines
  loose_header,          // a loose object does not begin with "TYPE SIZE\0"
  missing,               // no such object
};
std::string_view describe(Fault fault);

// A fault at an offset of a pack, cheap to make: no strings until a person reads it.
struct Failure {
  Fault fault = Fault::none;
  std::uint64_t offset = 0;
  deflate::Fault stream = deflate::Fault::none;
  // Set by a Store: whose offset it is, which for a broken base is not the object that was asked for.
  std::optional<Location> at = {};

  // For a file that is known; Store::error() finds it by `at`.
  Error error(std::string_view file) const;
};
template <class T>
using Outcome = std::expected<T, Failure>;

} // namespace packscope::pack
