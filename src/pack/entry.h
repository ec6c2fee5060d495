// Pack entry headers (gitformat-pack(5)).
//
//   entry  := head base? zlib-stream
//   head   := (MSB:1 type:3 size:4) (MSB:1 size:7)*        size little end first; inflated size of what follows
//   base   := ofs_delta: (MSB:1 offset:7)+, big end first, plus one a byte | ref_delta: object id
#pragma once

#include "pack/fault.h"
#include "pack/object.h"

namespace packscope::pack {

struct EntryHeader {
  std::uint64_t offset = 0;      // of the entry in the pack
  std::uint64_t data_offset = 0; // of its zlib stream
  std::uint64_t size = 0;        // inflated size: of the object, or of the delta instructions
  EntryType type = EntryType::blob;
  std::uint64_t base_offset = 0; // ofs_delta
  ObjectId base_id = {};         // ref_delta
};

// `pack`: the whole file, or its bytes from `begin` on. Faults: truncated, entry_type, entry_size, ofs_delta_base.
Outcome<EntryHeader> read_entry_header(Bytes pack, std::uint64_t offset, HashKind hash = HashKind::sha1,
                                       std::uint64_t begin = 0);

} // namespace packscope::pack
