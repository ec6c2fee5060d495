// A pack's reverse index (gitformat-pack(5)): which object of the index lies where in the pack. Private to the room.
//
//   rev := 'RIDX' version:4 hash:4 position:4{n} pack-checksum rev-checksum      big endian; hash: 1 SHA-1, 2 SHA-256
//
// It saves sorting the index's offsets, and nothing more: whoever takes it checks that the offsets come out in order, which
// only the one right permutation does, and else sorts. So its own checksum need not be right, and damage costs only time.
#pragma once

#include "base/bytes.h"
#include "pack/index_tables.h"

namespace packscope::pack {

class ReverseIndex {
public:
  // Nullopt where the file is none of this pack's: magic, version, hash, length or checksum of the pack differ.
  static std::optional<ReverseIndex> read(Bytes file, const IndexTables& index) {
    constexpr std::size_t kHead = 12;
    const std::size_t hash = hash_size(index.hash());
    if (file.size() != kHead + std::uint64_t{index.size()} * 4 + 2 * hash || as_text(file.first(4)) != "RIDX") return {};
    if (load_be<std::uint32_t>(file.data() + 4) != 1) return {};
    if (load_be<std::uint32_t>(file.data() + 8) != (index.hash() == HashKind::sha1 ? 1u : 2u)) return {};
    if (ObjectId::from(file.last(2 * hash).first(hash)) != index.pack_checksum()) return {};
    ReverseIndex reverse;
    reverse.positions_ = file.subspan(kHead, std::size_t{index.size()} * 4);
    return reverse;
  }

  // Of the entry'th object of the pack, in id order; any number, if the file is damaged.
  std::uint32_t position(std::uint32_t entry) const { return load_be<std::uint32_t>(positions_.data() + std::size_t{entry} * 4); }

private:
  Bytes positions_;
};

} // namespace packscope::pack
