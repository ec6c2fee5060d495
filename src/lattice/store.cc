// Header, trailer, and writing through LMDB.
#include "lattice/store.h"

#include <lmdb.h>

#include <filesystem>
#include <sys/stat.h>

namespace packscope::lattice {
namespace {

constexpr std::string_view kMagic = "packscope lattice";
constexpr std::uint64_t kHeaderKey = 0, kTrailerKey = ~std::uint64_t{0};

std::string big_endian(std::uint64_t number, unsigned bytes) {
  std::string out;
  while (bytes-- > 0) out.push_back(static_cast<char>(number >> (8 * bytes) & 255));
  return out;
}

class Checksum {
public:
  void add(const Record& record) {
    ++records_;
    sum_ = hash_bytes(record.value, sum_ ^ record.key);
  }
  std::uint64_t records() const { return records_; }
  std::string trailer() const { return big_endian(records_, 8) + big_endian(sum_, 8); }

private:
  std::uint64_t records_ = 0, sum_ = 0;
};

class Inner : public Cursor {
public:
  Inner(CursorPtr all, const std::string& path) : all_(std::move(all)), path_(path) {}
  Result<bool> next(Record& record) override {
    for (;;) {
      const Result<bool> more = all_->next(record);
      if (!more) return more;
      if (!*more) return fail("lattice: no trailer", path_);
      if (record.key == kHeaderKey) continue;
      if (record.key != kTrailerKey) return checksum_.add(record), true;
      if (as_text(record.value) != checksum_.trailer()) return fail("lattice: damaged: its checksum differs", path_);
      return false;
    }
  }

private:
  CursorPtr all_;
  const std::string& path_;
  Checksum checksum_;
};

// LMDB's environment, transaction and database as one thing that is written to in order.
class Appender {
public:
  ~Appender() {
    if (transaction_ != nullptr) ::mdb_txn_abort(transaction_);
    if (environment_ != nullptr) ::mdb_env_close(environment_);
  }
  // Nobody else knows the file yet: neither locks nor a flush after each transaction; OutputFile flushes at the end.
  int open(const std::string& path) {
    constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NOMETASYNC;
    constexpr std::size_t kMostBytes = std::size_t{1} << 40; // of address space; is part of the file
    if (const int code = ::mdb_env_create(&environment_); code != 0) return code;
    if (const int code = ::mdb_env_set_mapsize(environment_, kMostBytes); code != 0) return code;
    if (const int code = ::mdb_env_open(environment_, path.c_str(), kFlags, 0644); code != 0) return code;
    return begin();
  }
  int put(std::uint64_t key, Bytes value) {
    std::string bytes = big_endian(key, 8);
    MDB_val k = {bytes.size(), bytes.data()}, v = {value.size(), const_cast<std::uint8_t*>(value.data())};
    if (const int code = ::mdb_put(transaction_, database_, &k, &v, MDB_APPEND); code != 0) return code;
    // LMDB holds a transaction's pages in memory. Where one ends follows from the records alone.
    constexpr std::uint64_t kPiece = std::uint64_t{16} << 20;
    pending_ += value.size() + 32;
    if (pending_ < kPiece) return 0;
    pending_ = 0;
    if (const int code = commit(); code != 0) return code;
    return begin();
  }
  int commit() {
    MDB_txn* transaction = transaction_;
    transaction_ = nullptr;
    return ::mdb_txn_commit(transaction);
  }

private:
  int begin() {
    if (const int code = ::mdb_txn_begin(environment_, nullptr, 0, &transaction_); code != 0) return code;
    return ::mdb_dbi_open(transaction_, nullptr, 0, &database_);
  }
  MDB_env* environment_ = nullptr;
  MDB_txn* transaction_ = nullptr;
  MDB_dbi database_ = 0;
  std::uint64_t pending_ = 0;
};

} // namespace

Result<Lattice> Lattice::open(const std::string& path) { return check(Btree::open(path)); }
Result<Lattice> Lattice::of(Bytes file, const std::string& path) { return check(Btree::of(file, path)); }

Result<Lattice> Lattice::check(Result<Btree> tree) {
  if (!tree) return std::unexpected(tree.error());
  bool damaged = false;
  const Bytes header = tree->find(kHeaderKey, damaged);
  if (damaged) return fail("lattice: damaged: the way to its header", tree->path());
  if (header.size() < kMagic.size() + 4 || !as_text(header).starts_with(kMagic))
    return fail("not a lattice: an LMDB file of something else", tree->path());
  const std::uint32_t schema = load_be<std::uint32_t>(header.data() + kMagic.size());
  if (schema > kSchema)
    return fail("lattice: schema " + std::to_string(schema) + " is newer than " + std::to_string(kSchema) + ", the newest this program knows", tree->path());
  if (schema != kSchema || header.size() != kMagic.size() + 8) return fail("lattice: schema " + std::to_string(schema) + " is none of this program's (" + std::to_string(kSchema) + "): build it anew", tree->path());
  Lattice lattice(std::move(*tree));
  lattice.min_repositories_ = load_be<std::uint32_t>(header.data() + kMagic.size() + 4);
  return lattice;
}

CursorPtr Lattice::records() const { return std::make_unique<Inner>(tree_.records(), tree_.path()); }

Result<Written> write_lattice(const std::string& path, Cursor& records, std::uint32_t min_repositories) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return std::unexpected(file.error());
  const auto failed = [&](int code) { return fail(std::string("write: ") + ::mdb_strerror(code), path); };
  Checksum checksum;
  {
    Appender out;
    if (const int code = out.open(file->temporary_path()); code != 0) return failed(code);
    const std::string header = std::string(kMagic) + big_endian(kSchema, 4) + big_endian(min_repositories, 4);
    if (const int code = out.put(kHeaderKey, as_bytes(header)); code != 0) return failed(code);
    for (Record record;;) {
      const Result<bool> more = records.next(record);
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      checksum.add(record);
      if (const int code = out.put(record.key, record.value); code != 0) return failed(code);
    }
    const std::string trailer = checksum.trailer();
    if (const int code = out.put(kTrailerKey, as_bytes(trailer)); code != 0) return failed(code);
    if (const int code = out.commit(); code != 0) return failed(code);
  }
  std::error_code ignored;
  const std::uint64_t bytes = std::filesystem::file_size(file->temporary_path(), ignored);
  if (const Result<void> done = file->commit(); !done) return std::unexpected(done.error());
  return Written{checksum.records(), bytes};
}

} // namespace packscope::lattice
