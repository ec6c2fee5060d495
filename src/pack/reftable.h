// Reftables, git's binary format for refs (git's reftable technical documentation). Integers are big endian.
//
//   stack  := reftable/tables.list: a file name a line, a later table overrides the earlier
//   table  := header ref-block* (obj, log and index blocks: not read) footer
//   header := "REFT" version:1 block-size:3 min-update:8 max-update:8 [hash:4 in version 2]
//   footer := header ref-index:8 obj:8 obj-index:8 log:8 log-index:8 crc32:4       positions, 0: there is none
//   block  := "r" length:3 record* restart:3{n} n:2         length counts from the block's start; the first block's
//                                                           start is the header's
//   record := prefix suffix<<3|kind bytes{suffix} update value   varints as in OFS_DELTA; prefix: of the name before
//   value  := kind 0: deleted | 1: id | 2: id peeled-id | 3: size name (symbolic)
//
// Blocks begin at multiples of block-size; if that is 0, right behind each other.
#pragma once

#include "pack/ref_files.h"

namespace packscope::pack {

// Adds the refs of a stack to `values`. `folder`: "…/reftable". No folder, or no tables.list: no refs.
Result<void> read_reftables(const std::string& folder, RefValues& values);

// Adds the refs of one table, and takes away those that it says are deleted. `file` is for messages.
Result<void> read_reftable(Bytes table, const std::string& file, RefValues& values);

} // namespace packscope::pack
