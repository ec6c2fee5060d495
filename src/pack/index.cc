// Pack indexes; see index.h for the grammar. The tables' bounds are checked once, at open.
#include "pack/index.h"

#include "pack/hash.h"

#include <algorithm>
#include <bit>

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

Result<Index> Index::open(const std::string& path, std::optional<HashKind> hash) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  Index index;
  index.file_ = std::move(*file);
  const Bytes bytes = index.file_.bytes();
  const auto fault = [&path](Fault what, std::uint64_t offset) {
    return std::unexpected(Failure{what, offset}.error(path));
  };
  if (bytes.size() < kHeadBytes + kFanoutBytes)
    return fail("index: shorter than its fanout table", path, bytes.size());

  // A v1 index has no signature: as a v1 fanout, v2's signature would mean 4 billion objects.
  std::size_t at = 0;
  if (load_be<std::uint32_t>(bytes.data()) == 0xff744f63) {
    index.version_ = load_be<std::uint32_t>(bytes.data() + 4);
    if (index.version_ != 2)
      return fail("index version: " + std::to_string(index.version_) + " is neither 1 nor 2", path, 4);
    at = kHeadBytes;
  } else {
    index.version_ = 1;
  }
  index.fanout_ = bytes.subspan(at, kFanoutBytes);
  for (unsigned byte = 1; byte < 256; ++byte)
    if (index.fanout(byte) < index.fanout(byte - 1)) return fault(Fault::index_fanout, at + byte * 4);
  at += kFanoutBytes;
  const std::uint64_t count = index.size_ = index.fanout(255);

  const std::uint64_t size = bytes.size();
  if (!hash)
    hash = length_fits(size, index.version_, count, HashKind::sha256) ? HashKind::sha256 : HashKind::sha1;
  if (!length_fits(size, index.version_, count, *hash)) return fault(Fault::index_fanout, at - 4);
  index.hash_ = *hash;
  const std::size_t id = hash_size(*hash);
  const auto take = [&](std::uint64_t length) {
    const Bytes table = bytes.subspan(at, length);
    at += length;
    return table;
  };
  if (index.version_ == 1) {
    index.ids_ = take(count * (4 + id));
  } else {
    index.ids_ = take(count * id);
    index.crcs_ = take(count * 4);
    index.offsets_ = take(count * 4);
    index.offsets64_ = take(size - 2 * id - at);
  }
  return index;
}

std::uint32_t Index::fanout(unsigned first_byte) const {
  return load_be<std::uint32_t>(fanout_.data() + first_byte * 4);
}

const std::uint8_t* Index::row(std::uint32_t position) const {
  const std::size_t id = hash_size(hash_);
  return version_ == 1 ? ids_.data() + position * (4 + id) + 4 : ids_.data() + position * id;
}

ObjectId Index::id(std::uint32_t position) const {
  return ObjectId::from({row(position), hash_size(hash_)});
}

Outcome<std::uint64_t> Index::offset(std::uint32_t position) const {
  if (version_ == 1) return load_be<std::uint32_t>(row(position) - 4);
  const std::uint32_t offset = load_be<std::uint32_t>(offsets_.data() + std::size_t{position} * 4);
  if ((offset & 0x80000000) == 0) return offset;
  const std::size_t large = std::size_t{offset & 0x7fffffff} * 8;
  if (large + 8 > offsets64_.size()) return std::unexpected(Failure{Fault::index_offset, offset});
  return load_be<std::uint64_t>(offsets64_.data() + large);
}

std::optional<std::uint32_t> Index::crc32(std::uint32_t position) const {
  if (version_ == 1) return {};
  return load_be<std::uint32_t>(crcs_.data() + std::size_t{position} * 4);
}

Index::Bucket Index::bucket(const ObjectId& id) const {
  if (!fine_.empty()) {
    const std::uint32_t at = fine_row(id.bytes.data());
    return {fine_[at], fine_[at + 1], fine_[at]};
  }
  const unsigned first = id.bytes[0];
  const std::uint32_t low = first == 0 ? 0 : fanout(first - 1), high = fanout(first);
  const std::uint64_t next = load_be<std::uint32_t>(id.bytes.data() + 1);
  return {low, high, low + static_cast<std::uint32_t>((std::uint64_t{high} - low) * next >> 32)};
}

void Index::refine() {
  if (!fine_.empty() || size_ == 0) return;
  const unsigned bits = std::clamp(static_cast<unsigned>(std::bit_width(size_)), 1u, 22u);
  fine_shift_ = 32 - bits;
  fine_.resize((std::size_t{1} << bits) + 1, size_);
  std::size_t next = 0;
  for (std::uint32_t position = 0; position < size_; ++position)
    for (const std::size_t at = fine_row(row(position)); next <= at; ++next) fine_[next] = position;
}

void Index::prefetch_find(const ObjectId& id) const {
  if (!fine_.empty()) __builtin_prefetch(&fine_[fine_row(id.bytes.data())]);
}

std::uint32_t Index::prefetch_found(const ObjectId& id) const {
  const std::uint32_t guess = bucket(id).guess;
  if (guess < size_) __builtin_prefetch(row(guess));
  return guess;
}

// Ids are hashes, spread evenly: where one stands in its bucket follows from its next bytes, give or take the square
// root of the bucket. From there the range doubles until it holds the id, then halves. An index whose ids are neither
// sorted nor even (nothing forces it to be) costs twice a binary search, and may hide ids, as it does from git.
std::optional<std::uint32_t> Index::find(const ObjectId& id) const {
  if (id.kind != hash_) return {};
  const std::size_t length = hash_size(hash_);
  auto [low, high, guess] = bucket(id);
  if (low >= high) return {};
  const auto order_at = [&](std::uint32_t position) { return std::memcmp(row(position), id.bytes.data(), length); };
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

ObjectId Index::pack_checksum() const {
  const std::size_t id = hash_size(hash_);
  return ObjectId::from(file_.bytes().last(2 * id).first(id));
}

Result<void> Index::verify() const {
  const std::size_t length = hash_size(hash_);
  for (std::uint32_t i = 0; i < size_; ++i) {
    const unsigned first = row(i)[0];
    const bool in_bucket = i < fanout(first) && (first == 0 || i >= fanout(first - 1));
    const bool in_order = i == 0 || std::memcmp(row(i - 1), row(i), length) <= 0;
    if (!in_bucket || !in_order) {
      const std::uint64_t offset = static_cast<std::uint64_t>(row(i) - file_.bytes().data());
      return std::unexpected(Failure{Fault::index_order, offset}.error(path()));
    }
  }
  Hasher hasher(hash_);
  const Bytes bytes = file_.bytes();
  hasher.update(bytes.first(bytes.size() - length));
  if (hasher.finish() != ObjectId::from(bytes.last(length)))
    return std::unexpected(Failure{Fault::trailer, bytes.size() - length}.error(path()));
  return {};
}

} // namespace packscope::pack
