// What can be wrong with a pack, an index or an object.
#pragma once

#include "base/result.h"
#include "deflate/fault.h"

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
  ofs_delta_base,        // before the pack, at the entry itself, or (with an index) not the start of an entry
  ref_delta_base,        // the id is not in the pack nor in the other packs of the repository
  delta_cycle,
  delta_header,          // base or result size truncated, above 64 bits
  delta_base_size,       // does not equal the base's size
  delta_copy,            // copies from outside the base
  delta_insert,          // inserts past the end of the delta
  delta_reserved,        // instruction 0
  delta_result_size,     // makes more or fewer bytes than stated
  stream,                // the zlib stream; see the deflate fault
  index_fanout,          // not monotonic, or total differs from the tables
  index_order,           // ids not sorted
  index_offset,          // points outside of the pack
  index_mismatch,        // index and pack name different checksums or counts
  id_mismatch,           // --verify: the object's hash is not its id
  tree,                  // a tree's bytes
  missing,               // no such object
};
std::string_view describe(Fault fault);

// A fault at an offset of a pack, cheap to make: no strings until a person reads it.
struct Failure {
  Fault fault = Fault::none;
  std::uint64_t offset = 0;
  deflate::Fault stream = deflate::Fault::none;

  Error error(std::string_view file) const;
};
template <class T>
using Outcome = std::expected<T, Failure>;

} // namespace packscope::pack
