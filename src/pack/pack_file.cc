// A pack's header, its entries by index or by walk, and its trailer; see pack_file.h.
#include "pack/pack_file.h"

#include "pack/hash.h"
#include "pack/resolve.h"
#include "pack/reverse_index.h"
#include "pack/stream.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace packscope::pack {

static constexpr std::size_t kHeaderBytes = 12;
// One byte of entry header, two of zlib header, one of an empty stored or fixed block at least, four of
// Adler-32.
static constexpr std::size_t kLeastEntryBytes = 8;

// The hash whose value over the rest of the pack stands at its end; SHA-1 if neither does.
static HashKind hash_by_trailer(Bytes pack) {
  for (const HashKind kind : {HashKind::sha1, HashKind::sha256}) {
    const std::size_t length = hash_size(kind);
    if (pack.size() < kHeaderBytes + length) continue;
    Hasher hasher(kind);
    hasher.update(pack.first(pack.size() - length));
    if (hasher.finish() == ObjectId::from(pack.last(length))) return kind;
  }
  return HashKind::sha1;
}

static std::string beside(const std::string& pack, const char* ending) {
  return (pack.ends_with(".pack") ? pack.substr(0, pack.size() - 5) : pack) + ending;
}

Result<PackFile> PackFile::open(const std::string& path, OpenLimits limits) {
  Result<MappedFile> file = MappedFile::open(path, MappedFile::Use::also_look);
  if (!file) return std::unexpected(file.error());
  PackFile pack;
  pack.file_ = std::move(*file);
  pack.limits_ = limits;
  const Bytes bytes = pack.bytes();
  if (bytes.size() < kHeaderBytes || as_text(bytes.first(4)) != "PACK")
    return std::unexpected(Failure{Fault::signature, 0}.error(path));
  pack.version_ = load_be<std::uint32_t>(bytes.data() + 4);
  if (pack.version_ != 2 && pack.version_ != 3)
    return std::unexpected(Failure{Fault::version, 4}.error(path));
  pack.stated_count_ = load_be<std::uint32_t>(bytes.data() + 8);
  if (bytes.size() < kHeaderBytes + hash_size(limits.hash.value_or(HashKind::sha1)))
    return fail("trailer: the pack ends before it", path, bytes.size());

  const std::string index_path = beside(path, ".idx");
  std::error_code ignored;
  if (std::filesystem::exists(index_path, ignored)) {
    Result<void> taken = pack.take_index(index_path);
    if (taken) return pack;
    pack.damage_.push_back(taken.error());
  }
  pack.order();
  return pack;
}

void PackFile::order() const {
  ordered_ = true;
  if (index_) {
    const Result<void> done = order_index();
    if (done) return;
    damage_.push_back(done.error());
    index_.reset();
    entries_.clear();
    entry_of_position_.clear();
  }
  hash_ = limits_.hash ? *limits_.hash : hash_by_trailer(bytes());
  walk();
}

// Radix sort: an index lists hundreds of thousands of offsets in the order of hashes, which a comparison sort
// mispredicts at every step.
static void sort_by_offset(std::vector<PackEntry>& entries, std::uint64_t end) {
  constexpr unsigned kBits = 11;
  std::vector<PackEntry> other(entries.size());
  for (unsigned shift = 0; shift < 64 && end >> shift != 0; shift += kBits) {
    std::array<std::uint32_t, 1 << kBits> places = {};
    const auto digit = [shift](const PackEntry& entry) { return entry.offset >> shift & ((1 << kBits) - 1); };
    for (const PackEntry& entry : entries) ++places[digit(entry)];
    std::uint32_t next = 0;
    for (std::uint32_t& place : places) place = std::exchange(next, next + place);
    for (const PackEntry& entry : entries) other[places[digit(entry)]++] = entry;
    entries.swap(other);
  }
}

Result<void> PackFile::take_index(const std::string& index_path) {
  Result<Index> index = Index::open(index_path, limits_.hash);
  if (!index) return std::unexpected(index.error());
  hash_ = index->hash();
  const std::size_t length = hash_size(hash_);
  if (index->size() != stated_count_ || bytes().size() < kHeaderBytes + length ||
      index->pack_checksum() != ObjectId::from(bytes().last(length))) {
    Error error = Failure{Fault::index_mismatch}.error(index_path);
    error.offset.reset();
    return std::unexpected(error);
  }
  index_ = std::move(*index);
  return {};
}

// By the reverse index beside the pack, which git writes since 2.41. False: there is none, or it is wrong.
bool PackFile::order_by_reverse_index(std::uint64_t end) const {
  const Result<MappedFile> file = MappedFile::open(beside(path(), ".rev"));
  if (!file) return false;
  const std::optional<ReverseIndex> reverse = ReverseIndex::read(file->bytes(), *index_);
  if (!reverse) return false;
  file->expect_all(); // of the size that it should have
  std::uint64_t before = kHeaderBytes - 1;
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
    const std::uint32_t position = reverse->position(entry);
    if (position >= entries_.size()) return false;
    const Outcome<std::uint64_t> offset = index_->offset(position);
    if (!offset || *offset <= before || *offset >= end) return false; // n offsets, each above the last: each position once
    entries_[entry] = {.offset = before = *offset, .index_position = position};
  }
  return true;
}

Result<void> PackFile::order_index() const {
  const auto fault = [&](std::uint64_t offset) {
    Error error = Failure{Fault::index_offset}.error(index_->path());
    error.offset = offset;
    return std::unexpected(error);
  };
  const std::uint64_t end = end_ = body().size();
  index_->expect_all();
  entries_.resize(index_->size());
  entry_of_position_.resize(entries_.size());
  if (!order_by_reverse_index(end)) {
    for (std::uint32_t i = 0; i < index_->size(); ++i) {
      const Outcome<std::uint64_t> offset = index_->offset(i);
      if (!offset || *offset < kHeaderBytes || *offset >= end) return fault(offset ? *offset : offset.error().offset);
      entries_[i] = {.offset = *offset, .index_position = i};
    }
    sort_by_offset(entries_, end);
    for (std::uint32_t i = 1; i < entries_.size(); ++i)
      if (entries_[i - 1].offset == entries_[i].offset) return fault(entries_[i].offset);
  }
  for (std::uint32_t i = 0; i < entries_.size(); ++i) entry_of_position_[entries_[i].index_position] = i;
  return {};
}

// Inflates every stream only to see where it ends. A stream whose stated size is wrong or above the limit is
// skipped through a small buffer, so that the entries after it are not lost; reading that entry says what is
// wrong.
void PackFile::walk() const {
  const Bytes data = body();
  deflate::Inflater inflater;
  PartialInflater partial;
  std::vector<std::uint8_t> scratch;
  entries_.reserve(std::min<std::uint64_t>(stated_count_, data.size() / kLeastEntryBytes));
  std::uint64_t at = kHeaderBytes;
  while (at < data.size() && entries_.size() < stated_count_) {
    file_.expect(at);
    const Outcome<EntryHeader> header = read_entry_header(data, at, hash_);
    if (!header) {
      damage_.push_back(header.error().error(path()));
      return;
    }
    const Bytes rest = data.subspan(header->data_offset);
    std::uint64_t consumed = 0;
    deflate::Fault fault = deflate::Fault::size;
    if (header->size <= limits_.max_object_size && could_inflate_to(rest.size(), header->size)) {
      constexpr std::size_t kSlack = deflate::Inflater::kSlack;
      if (scratch.size() < header->size + kSlack) scratch.resize(header->size + kSlack);
      std::size_t taken = 0;
      fault = inflater.zlib(rest, std::span(scratch).first(header->size), taken, kSlack);
      consumed = taken;
    }
    std::uint64_t made = 0;
    if (fault != deflate::Fault::none) fault = partial.skip(rest, consumed, made);
    if (fault != deflate::Fault::none) {
      damage_.push_back(Failure{Fault::stream, at, fault}.error(path()));
      return;
    }
    entries_.push_back({.offset = at});
    at = end_ = header->data_offset + consumed;
  }
  if (at != data.size() || entries_.size() != stated_count_)
    damage_.push_back(Failure{Fault::object_count, at}.error(path()));
}

std::optional<std::uint32_t> PackFile::entry_at(std::uint64_t offset) const {
  entries();
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), offset,
                       [](const PackEntry& entry, std::uint64_t wanted) { return entry.offset < wanted; });
  if (found == entries_.end() || found->offset != offset) return {};
  return static_cast<std::uint32_t>(found - entries_.begin());
}

std::optional<std::uint64_t> PackFile::offset_of(const ObjectId& id) const {
  return index_ ? index_->find_offset(id) : std::nullopt;
}

std::optional<std::uint32_t> PackFile::entry_of(const ObjectId& id) const {
  entries();
  if (index_) {
    const std::optional<std::uint32_t> position = index_->find(id);
    if (!position) return {};
    return entry_of_position_[*position];
  }
  if (id.kind != hash_) return {};
  const auto less = [this](std::uint32_t entry, Bytes wanted) {
    return std::memcmp(computed_id(entry).data(), wanted.data(), wanted.size()) < 0;
  };
  const auto found = std::lower_bound(by_id_.begin(), by_id_.end(), id.raw(), less);
  if (found == by_id_.end() || !std::ranges::equal(computed_id(*found), id.raw())) return {};
  return *found;
}

std::optional<ObjectId> PackFile::id_of(std::uint32_t entry) const {
  entries();
  if (index_) return index_->id(entries_[entry].index_position);
  if (ids_.empty()) return {};
  const ObjectId id = ObjectId::from(computed_id(entry));
  return id == ObjectId{.kind = hash_} ? std::nullopt : std::optional(id);
}

void PackFile::compute_ids(ResolveOptions how, const ResolveVisitor& also) {
  entries();
  if (knows_ids()) return;
  const std::size_t length = hash_size(hash_);
  std::vector<std::uint8_t> ids(entries_.size() * length); // not ids_ at once: it would be read as known
  how.hash = true;
  resolve_pack(*this, how,
               {.object =
                    [&](const ResolvedEntry& object) {
                      std::memcpy(ids.data() + object.entry * length, object.id->bytes.data(), length);
                      if (also.object) also.object(object);
                    },
                .failure = also.failure,
                .body = also.body});
  ids_ = std::move(ids);
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry)
    if (id_of(entry)) by_id_.push_back(entry);
  std::stable_sort(by_id_.begin(), by_id_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::memcmp(computed_id(a).data(), computed_id(b).data(), length) < 0;
  });
}

Outcome<EntryHeader> PackFile::header(std::uint32_t entry) const {
  const std::uint64_t offset = entries()[entry].offset;
  file_.expect(offset);
  return read_entry_header(body(), offset, hash_);
}

Bytes PackFile::stream(const EntryHeader& header, std::uint32_t entry) const {
  const std::uint64_t end = end_of(entry);
  if (header.data_offset >= end) return {}; // an index that cuts an entry's header in two
  file_.expect(end - 1);
  return bytes().subspan(header.data_offset, end - header.data_offset);
}

Result<void> PackFile::verify_trailer() const {
  Hasher hasher(hash_);
  hasher.update(body());
  return verify_trailer(hasher.finish());
}

Result<void> PackFile::verify_trailer(const ObjectId& body_hash) const {
  if (body_hash == ObjectId::from(bytes().last(hash_size(hash_)))) return {};
  return std::unexpected(Failure{Fault::trailer, body().size()}.error(path()));
}

} // namespace packscope::pack
