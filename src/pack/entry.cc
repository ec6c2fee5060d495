// Entry headers; see entry.h for the grammar. Bounds idiom: `at` is compared with the end before every byte.
#include "pack/entry.h"

namespace packscope::pack {

// OFS_DELTA distances: each further byte adds one before the shift, so that no distance has two spellings.
static Fault read_distance(Bytes pack, std::uint64_t& at, std::uint64_t& distance) {
  distance = 0;
  for (;;) {
    if (at >= pack.size()) return Fault::truncated;
    const std::uint8_t byte = pack[at++];
    // 57 bits before the shift leave room for 7 more: above that no pack is large enough.
    if (distance >> 56 != 0) return Fault::ofs_delta_base;
    distance = distance << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0) return Fault::none;
    ++distance;
  }
}

Outcome<EntryHeader> read_entry_header(Bytes pack, std::uint64_t offset, HashKind hash, std::uint64_t begin) {
  const auto fault = [offset](Fault what) { return std::unexpected(Failure{what, offset}); };
  if (offset - begin >= pack.size()) return fault(Fault::truncated);
  EntryHeader header;
  header.offset = offset;
  std::uint64_t at = offset - begin;
  std::uint8_t byte = pack[at++];
  const unsigned type = byte >> 4 & 7;
  if (type == 0 || type == 5) return fault(Fault::entry_type);
  header.type = static_cast<EntryType>(type);
  header.size = byte & 15;
  for (unsigned shift = 4; (byte & 0x80) != 0; shift += 7) {
    if (at >= pack.size()) return fault(Fault::truncated);
    byte = pack[at++];
    const std::uint64_t bits = byte & 0x7f;
    // The tenth byte (shift 60) has room for four bits; an eleventh for none.
    if (shift > 60 || (shift == 60 && bits > 15)) return fault(Fault::entry_size);
    header.size |= bits << shift;
  }
  if (header.type == EntryType::ofs_delta) {
    std::uint64_t distance;
    if (const Fault bad = read_distance(pack, at, distance); bad != Fault::none) return fault(bad);
    if (distance == 0) return fault(Fault::ofs_delta_target);
    if (distance > offset) return fault(Fault::ofs_delta_base);
    header.base_offset = offset - distance;
  } else if (header.type == EntryType::ref_delta) {
    const std::size_t length = hash_size(hash);
    if (pack.size() - at < length) return fault(Fault::truncated);
    header.base_id = ObjectId::from(pack.subspan(at, length));
    at += length;
  }
  header.data_offset = begin + at;
  return header;
}

} // namespace packscope::pack
