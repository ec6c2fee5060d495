// pack: the git pack format read where it lies: entries, indexes, deltas, trees and paths, repositories and
// revisions. This file: object ids and types.
#pragma once

#include "base/pool_memory.h"
#include "base/bytes.h"
#include "base/text.h"

#include <array>
#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace packscope::pack {

enum class HashKind : std::uint8_t { sha1, sha256 };
inline constexpr std::size_t hash_size(HashKind kind) { return kind == HashKind::sha1 ? 20 : 32; }

// 20 or 32 bytes; unused bytes are zero, so that ids of one kind compare by their bytes.
struct ObjectId {
  std::array<std::uint8_t, 32> bytes = {};
  HashKind kind = HashKind::sha1;

  static ObjectId from(Bytes raw) { // 20 or 32 bytes
    ObjectId id;
    id.kind = raw.size() == hash_size(HashKind::sha256) ? HashKind::sha256 : HashKind::sha1;
    // Sizes that the compiler knows.
    if (id.kind == HashKind::sha1)
      std::memcpy(id.bytes.data(), raw.data(), hash_size(HashKind::sha1));
    else
      std::memcpy(id.bytes.data(), raw.data(), hash_size(HashKind::sha256));
    return id;
  }
  static std::optional<ObjectId> parse(std::string_view hex_digits);
  Bytes raw() const { return {bytes.data(), hash_size(kind)}; }
  std::string hex() const { return packscope::hex(raw()); }
  auto operator<=>(const ObjectId&) const = default;
};

struct ObjectIdHash {
  std::size_t operator()(const ObjectId& id) const { return load_le<std::uint64_t>(id.bytes.data()); }
};

// As stored in an entry header (gitformat-pack(5)); 0 and 5 are invalid.
enum class EntryType : std::uint8_t { commit = 1, tree = 2, blob = 3, tag = 4, ofs_delta = 6, ref_delta = 7 };
// A resolved object's type is one of the first four.
using ObjectType = EntryType;
std::string_view name(EntryType type); // "blob", "ofs_delta"
inline bool is_delta(EntryType type) { return type >= EntryType::ofs_delta; }

// A resolved object. `data` lives as long as somebody holds it (a Store's cache is bounded).
struct Object {
  ObjectType type;
  ByteBuffer data;
};
using ObjectPtr = std::shared_ptr<const Object>;

} // namespace packscope::pack
