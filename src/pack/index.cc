// An index file's checks as a whole; the tables are index_tables.cc's.
#include "pack/index.h"

#include "pack/hash.h"

#include <algorithm>
#include <array>
#include <bit>

namespace packscope::pack {

Result<Index> Index::open(const std::string& path, std::optional<HashKind> hash) {
  Result<MappedFile> file = MappedFile::open(path, MappedFile::Use::also_look);
  if (!file) return std::unexpected(file.error());
  const Outcome<IndexTables> tables = IndexTables::read(file->bytes(), hash);
  if (!tables) {
    const Failure& failure = tables.error();
    if (failure.fault == Fault::truncated) return fail("index: shorter than its fanout table", path, failure.offset);
    if (failure.fault == Fault::version)
      return fail("index version: " + std::to_string(load_be<std::uint32_t>(file->bytes().data() + 4)) + " is neither 1 nor 2",
                  path, failure.offset);
    return std::unexpected(failure.error(path));
  }
  Index index;
  static_cast<IndexTables&>(index) = *tables; // the mapping stays where it is when the file is moved
  index.file_ = std::move(*file);
  return index;
}

// Where an id stands in its bucket is known give or take the square root of the bucket; most are among these rows.
std::optional<std::uint64_t> Index::find_offset(const ObjectId& id) const {
  constexpr std::uint32_t kAround = 24;
  const Bucket within = fine_bucket(id);
  if (id.kind != hash() || within.low >= within.high) return {};
  const auto place = [this](const std::uint8_t* at) { return static_cast<std::uint64_t>(at - file_.bytes().data()); };
  const std::uint32_t first = within.guess - std::min(kAround, within.guess - within.low);
  const std::uint32_t count = std::min(within.high - first, 2 * kAround);
  const std::size_t stride = row_bytes(), length = hash_size(hash());
  std::array<std::uint8_t, 2 * kAround * (4 + 32)> room;
  const Bytes rows = file_.look(place(row(first)), std::span(room).first((count - 1) * stride + length));
  const auto order = [&](std::uint32_t at) { return rows.empty() ? 1 : std::memcmp(rows.data() + at * stride, id.bytes.data(), length); };
  std::uint32_t low = 0, high = count;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (order(middle) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  std::optional<std::uint32_t> position;
  if (low < count && order(low) == 0)
    position = first + low;
  else if (rows.empty() || (low == 0 && first > within.low) || (low == count && first + count < within.high))
    position = find(id);
  if (!position) return {};
  std::array<std::uint8_t, 4> offset;
  const Bytes said = file_.look(place(offset_row(*position)), offset);
  return (said.empty() ? this->offset(*position) : offset_of_row(load_be<std::uint32_t>(said.data()))).value_or(UINT64_MAX);
}

void Index::refine() {
  if (!fine_.empty() || size() == 0) return;
  const unsigned bits = std::clamp(static_cast<unsigned>(std::bit_width(size())), 1u, 22u);
  fine_shift_ = 32 - bits;
  fine_.resize((std::size_t{1} << bits) + 1, size());
  std::size_t next = 0;
  for (std::uint32_t position = 0; position < size(); ++position)
    for (const std::size_t at = fine_row(row(position)); next <= at; ++next) fine_[next] = position;
}

Index::Bucket Index::fine_bucket(const ObjectId& id) const {
  if (fine_.empty()) return bucket(id);
  const std::uint32_t at = fine_row(id.bytes.data());
  return {fine_[at], fine_[at + 1], fine_[at]};
}

void Index::prefetch_find(const ObjectId& id) const {
  if (!fine_.empty()) __builtin_prefetch(&fine_[fine_row(id.bytes.data())]);
}

std::uint32_t Index::prefetch_found(const ObjectId& id) const {
  const std::uint32_t guess = fine_bucket(id).guess;
  if (guess < size()) prefetch(guess);
  return guess;
}

Result<void> Index::verify() const {
  const std::size_t length = hash_size(hash());
  for (std::uint32_t i = 0; i < size(); ++i) {
    const unsigned first = row(i)[0];
    const bool in_bucket = i < fanout(first) && (first == 0 || i >= fanout(first - 1));
    const bool in_order = i == 0 || std::memcmp(row(i - 1), row(i), length) <= 0;
    if (!in_bucket || !in_order) {
      const std::uint64_t offset = static_cast<std::uint64_t>(row(i) - file_.bytes().data());
      return std::unexpected(Failure{Fault::index_order, offset}.error(path()));
    }
  }
  Hasher hasher(hash());
  const Bytes bytes = file_.bytes();
  hasher.update(bytes.first(bytes.size() - length));
  if (hasher.finish() != ObjectId::from(bytes.last(length)))
    return std::unexpected(Failure{Fault::trailer, bytes.size() - length}.error(path()));
  return {};
}

} // namespace packscope::pack
