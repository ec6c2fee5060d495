// Object ids in hex and the names of types; see object.h.
#include "pack/object.h"

#include <algorithm>

namespace packscope::pack {

// What a digit is worth, -1 of what is none: a history's commits hold megabytes of digits.
static constexpr std::array<std::int8_t, 256> kHexValues = [] {
  std::array<std::int8_t, 256> values;
  values.fill(-1);
  for (int value = 0; value < 16; ++value) {
    values[static_cast<unsigned char>("0123456789abcdef"[value])] = static_cast<std::int8_t>(value);
    values[static_cast<unsigned char>("0123456789ABCDEF"[value])] = static_cast<std::int8_t>(value);
  }
  return values;
}();

std::optional<ObjectId> ObjectId::parse(std::string_view hex_digits) {
  if (hex_digits.size() != 40 && hex_digits.size() != 64) return {};
  ObjectId id;
  id.kind = hex_digits.size() == 64 ? HashKind::sha256 : HashKind::sha1;
  int any = 0; // negative, if one is
  for (std::size_t i = 0; i < hex_digits.size(); i += 2) {
    const int high = kHexValues[static_cast<unsigned char>(hex_digits[i])];
    const int low = kHexValues[static_cast<unsigned char>(hex_digits[i + 1])];
    any |= high | low;
    id.bytes[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (any < 0) return {};
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
