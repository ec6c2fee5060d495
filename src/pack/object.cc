// Object ids in hex and the names of types; see object.h.
#include "pack/object.h"

#include <algorithm>

namespace packscope::pack {

static int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

std::optional<ObjectId> ObjectId::parse(std::string_view hex_digits) {
  if (hex_digits.size() != 40 && hex_digits.size() != 64) return {};
  ObjectId id;
  id.kind = hex_digits.size() == 64 ? HashKind::sha256 : HashKind::sha1;
  for (std::size_t i = 0; i < hex_digits.size(); i += 2) {
    const int high = hex_value(hex_digits[i]), low = hex_value(hex_digits[i + 1]);
    if (high < 0 || low < 0) return {};
    id.bytes[i / 2] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

std::string_view name(EntryType type) {
  switch (type) {
  case EntryType::commit: return "commit";
  case EntryType::tree: return "tree";
  case EntryType::blob: return "blob";
  case EntryType::tag: return "tag";
  case EntryType::ofs_delta: return "ofs_delta";
  case EntryType::ref_delta: return "ref_delta";
  }
  return "unknown";
}

} // namespace packscope::pack
