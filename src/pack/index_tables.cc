// The tables' bounds are checked once, in read(); see index_tables.h for the grammar.
#include "pack/index_tables.h"

namespace packscope::pack {

static constexpr std::size_t kFanoutBytes = 256 * 4;
static constexpr std::size_t kHeadBytes = 8; // v2: signature and version

// Whether a file of `size` bytes can be an index of `count` objects with this hash.
static bool length_fits(std::uint64_t size, unsigned version, std::uint64_t count, HashKind hash) {
  const std::uint64_t id = hash_size(hash);
  if (version == 1) return size == kFanoutBytes + count * (4 + id) + 2 * id;
  const std::uint64_t least = kHeadBytes + kFanoutBytes + count * (id + 8) + 2 * id;
  if (size < least || (size - least) % 8 != 0) return false;
  return (size - least) / 8 <=
         (count == 0 ? 0 : count - 1); // the first entry lies at 12: it needs no 64-bit row
}

Outcome<IndexTables> IndexTables::read(Bytes file, std::optional<HashKind> hash) {
  const auto fault = [](Fault what, std::uint64_t offset) { return std::unexpected(Failure{what, offset}); };
  if (file.size() < kHeadBytes + kFanoutBytes) return fault(Fault::truncated, file.size());

  // A v1 index has no signature: as a v1 fanout, v2's signature would mean 4 billion objects.
  IndexTables tables;
  std::size_t at = 0;
  tables.version_ = 1;
  if (load_be<std::uint32_t>(file.data()) == 0xff744f63) {
    tables.version_ = load_be<std::uint32_t>(file.data() + 4);
    if (tables.version_ != 2) return fault(Fault::version, 4);
    at = kHeadBytes;
  }
  tables.fanout_ = file.subspan(at, kFanoutBytes);
  for (unsigned byte = 1; byte < 256; ++byte)
    if (tables.fanout(byte) < tables.fanout(byte - 1)) return fault(Fault::index_fanout, at + byte * 4);
  at += kFanoutBytes;
  const std::uint64_t count = tables.size_ = tables.fanout(255);

  const std::uint64_t size = file.size();
  if (!hash)
    hash = length_fits(size, tables.version_, count, HashKind::sha256) ? HashKind::sha256 : HashKind::sha1;
  if (!length_fits(size, tables.version_, count, *hash)) return fault(Fault::index_fanout, at - 4);
  tables.hash_ = *hash;
  const std::size_t id = hash_size(*hash);
  const auto take = [&](std::uint64_t length) {
    const Bytes table = file.subspan(at, length);
    at += length;
    return table;
  };
  if (tables.version_ == 1) {
    tables.ids_ = take(count * (4 + id));
  } else {
    tables.ids_ = take(count * id);
    tables.crcs_ = take(count * 4);
    tables.offsets_ = take(count * 4);
    tables.offsets64_ = take(size - 2 * id - at);
  }
  tables.trailer_ = take(2 * id);
  return tables;
}

std::uint32_t IndexTables::fanout(unsigned first_byte) const {
  return load_be<std::uint32_t>(fanout_.data() + first_byte * 4);
}

const std::uint8_t* IndexTables::row(std::uint32_t position) const {
  return ids_.data() + position * row_bytes() + (version_ == 1 ? 4 : 0);
}

ObjectId IndexTables::id(std::uint32_t position) const {
  return ObjectId::from({row(position), hash_size(hash_)});
}

Outcome<std::uint64_t> IndexTables::offset(std::uint32_t position) const {
  return offset_of_row(load_be<std::uint32_t>(offset_row(position)));
}

Outcome<std::uint64_t> IndexTables::offset_of_row(std::uint32_t offset) const {
  if (version_ == 1 || (offset & 0x80000000) == 0) return offset;
  const std::size_t large = std::size_t{offset & 0x7fffffff} * 8;
  if (large + 8 > offsets64_.size()) return std::unexpected(Failure{Fault::index_offset, offset});
  return load_be<std::uint64_t>(offsets64_.data() + large);
}

std::optional<std::uint32_t> IndexTables::crc32(std::uint32_t position) const {
  if (version_ == 1) return {};
  return load_be<std::uint32_t>(crcs_.data() + std::size_t{position} * 4);
}

IndexTables::Bucket IndexTables::bucket(const ObjectId& id) const {
  const unsigned first = id.bytes[0];
  const std::uint32_t low = first == 0 ? 0 : fanout(first - 1), high = fanout(first);
  const std::uint64_t next = load_be<std::uint32_t>(id.bytes.data() + 1);
  return {low, high, low + static_cast<std::uint32_t>((std::uint64_t{high} - low) * next >> 32)};
}

// Ids are hashes, spread evenly: where one stands in its bucket follows from its next bytes, give or take the square
// root of the bucket. From there the range doubles until it holds the id, then halves. An index whose ids are neither
// sorted nor even (nothing forces it to be) costs twice a binary search, and may hide ids, as it does from git.
std::optional<std::uint32_t> IndexTables::find_in(Bucket bucket, const ObjectId& id) const {
  auto [low, high, guess] = bucket;
  if (id.kind != hash_ || low >= high) return {};
  const std::size_t length = hash_size(hash_);
  // Ids are hashes: the first eight bytes decide.
  const std::uint64_t wanted = load_be<std::uint64_t>(id.bytes.data());
  const auto order_at = [&](std::uint32_t position) {
    const std::uint8_t* const there = row(position);
    const std::uint64_t begin = load_be<std::uint64_t>(there);
    return begin != wanted ? (begin < wanted ? -1 : 1) : std::memcmp(there, id.bytes.data(), length);
  };
  const int order = order_at(guess);
  if (order == 0) return guess;
  std::uint32_t step = 4;
  if (order < 0) {
    low = guess + 1;
    for (; high - low > step && order_at(low + step) < 0; step *= 2) low += step + 1;
    if (high - low > step) high = low + step + 1;
  } else {
    high = guess;
    for (; high - low > step && order_at(high - step) > 0; step *= 2) high -= step;
    if (high - low > step) low = high - step;
  }
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const int there = order_at(middle);
    if (there == 0) return middle;
    if (there < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return {};
}

ObjectId IndexTables::pack_checksum() const {
  const std::size_t id = hash_size(hash_);
  return ObjectId::from(trailer_.first(id));
}

} // namespace packscope::pack
