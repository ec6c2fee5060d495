// Lattices as files: the laws bit for bit, LMDB's own reading as the oracle, and files that are damaged.
#include "random_lattice.h"

#include <lmdb.h>
#include <unistd.h>
#include <sys/resource.h>

#include <csignal>

using namespace packscope;
using namespace packscope::test;

namespace {

// Everything as LMDB itself reads it.
std::map<std::uint64_t, std::string> by_lmdb(const std::string& path) {
  std::map<std::uint64_t, std::string> all;
  MDB_env* environment = nullptr;
  MDB_txn* transaction = nullptr;
  MDB_dbi database = 0;
  MDB_cursor* cursor = nullptr;
  REQUIRE(::mdb_env_create(&environment) == 0);
  REQUIRE(::mdb_env_open(environment, path.c_str(), MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK, 0) == 0);
  REQUIRE(::mdb_txn_begin(environment, nullptr, MDB_RDONLY, &transaction) == 0);
  REQUIRE(::mdb_dbi_open(transaction, nullptr, 0, &database) == 0);
  REQUIRE(::mdb_cursor_open(transaction, database, &cursor) == 0);
  MDB_val key, value;
  while (::mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
    all[load_be<std::uint64_t>(static_cast<const std::uint8_t*>(key.mv_data))] = std::string(static_cast<const char*>(value.mv_data), value.mv_size);
  ::mdb_cursor_close(cursor);
  ::mdb_txn_abort(transaction);
  ::mdb_env_close(environment);
  return all;
}

Result<std::map<std::uint64_t, std::string>> by_us(const Lattice& lattice) {
  std::map<std::uint64_t, std::string> all;
  const CursorPtr cursor = lattice.records();
  for (Record record;;) {
    const Result<bool> more = cursor->next(record);
    if (!more) return std::unexpected(more.error());
    if (!*more) return all;
    all[record.key] = std::string(as_text(record.value));
  }
}

} // namespace

TEST_CASE("files join by the three laws, bit for bit", "[store]") {
  TemporaryFolder folder;
  learn::Random random(1);
  const std::string a = folder / "a", b = folder / "b", c = folder / "c", out = folder / "out", ab = folder / "ab", bc = folder / "bc";
  for (unsigned round = 0; round < 12; ++round) {
    write(a, random_records(random));
    write(b, random_records(random));
    write(c, random_records(random));
    const std::string all = join_files({a, b, c}, out);
    CHECK(join_files({c, a, b}, out) == all);
    const std::string two = join_files({a, b}, ab);
    CHECK(join_files({b, a}, out) == two);
    join_files({b, c}, bc);
    CHECK(join_files({ab, c}, out) == all);
    CHECK(join_files({a, bc}, out) == all);
    CHECK(join_files({a, a}, out) == read_file(a));
    CHECK(join_files({ab, a, b}, out) == two);
  }
}

TEST_CASE("LMDB reads what was written, and we read it as LMDB does", "[store]") {
  TemporaryFolder folder;
  learn::Random random(2);
  const std::string path = folder / "lattice";
  // Small values, large ones on overflow pages, and enough of them for three levels and several transactions.
  std::map<std::uint64_t, std::string> records = random_records(random);
  for (unsigned i = 0; i < 60000; ++i) records[key_of(Dimension::symbols8, random.next())] = std::string(random.below(97) == 0 ? 5000 : 1 + random.below(60), 'x');
  for (unsigned i = 0; i < 4; ++i) records[key_of(Dimension::lengths, random.next())] = std::string(9'000'000, 'y');
  write(path, records);
  const Result<Lattice> lattice = Lattice::open(path);
  REQUIRE(lattice);
  const Result<std::map<std::uint64_t, std::string>> ours = by_us(*lattice);
  REQUIRE(ours);
  CHECK((*ours == records));
  std::map<std::uint64_t, std::string> theirs = by_lmdb(path);
  CHECK(theirs.erase(0) == 1);
  CHECK(theirs.erase(~std::uint64_t{0}) == 1);
  CHECK((theirs == records));
  bool damaged = false;
  for (const auto& [key, value] : records) {
    REQUIRE(as_text(lattice->find(key, damaged)) == value);
    REQUIRE(lattice->find(key ^ 1, damaged).empty() != records.contains(key ^ 1));
  }
  CHECK_FALSE(damaged);
  const std::string once = read_file(path);
  write(path, records);
  CHECK((read_file(path) == once));
}

TEST_CASE("an empty lattice is a lattice", "[store]") {
  TemporaryFolder folder;
  const std::string path = folder / "empty";
  write(path, {});
  const Result<Lattice> lattice = Lattice::open(path);
  REQUIRE(lattice);
  CHECK(by_us(*lattice)->empty());
  CHECK(join_files({path, path}, folder / "out") == read_file(path));
}

TEST_CASE("a damaged file is an error and never a crash", "[store]") {
  TemporaryFolder folder;
  learn::Random random(3);
  const std::string path = folder / "lattice";
  std::map<std::uint64_t, std::string> records = random_records(random, 30);
  for (unsigned i = 0; i < 600; ++i) records[key_of(Dimension::raw16, random.next())] = std::string(1 + random.below(60), 'x');
  write(path, records);
  const std::string whole = read_file(path);
  const auto look = [&](const std::string& bytes) {
    const Result<Lattice> lattice = Lattice::of(as_bytes(bytes), "broken");
    if (!lattice) return true;
    bool damaged = false;
    for (const auto& [key, value] : records) lattice->find(key, damaged);
    return !by_us(*lattice).has_value();
  };
  REQUIRE_FALSE(look(whole));
  unsigned missed = 0;
  const std::uint32_t tree = static_cast<std::uint32_t>(whole.size());
  for (unsigned round = 0; round < 3000; ++round) {
    std::string broken = whole;
    switch (random.below(3)) {
    case 0: broken.resize(random.below(tree)); break;
    case 1: broken[random.below(tree)] ^= static_cast<char>(1 << random.below(8)); break;
    default:
      for (unsigned i = 0; i < 8; ++i) broken[random.below(24) + 4096 * (random.below(tree / 4096))] = static_cast<char>(random.next());
    }
    // Bytes between nodes, of the older meta and of the list of free pages are nobody's: a change there changes nothing.
    if (!look(broken)) {
      ++missed;
      const Result<Lattice> lattice = Lattice::of(as_bytes(broken), "broken");
      REQUIRE((*by_us(*lattice) == records));
    }
  }
  CHECK(missed < 1500);
}

TEST_CASE("what a damaged leaf hides is damage, and not a key that is not there", "[store]") {
  TemporaryFolder folder;
  learn::Random random(8);
  const std::string path = folder / "lattice";
  std::map<std::uint64_t, std::string> records;
  for (unsigned i = 0; i < 3000; ++i) records[key_of(Dimension::raw16, random.next())] = std::string(1 + random.below(60), 'x');
  write(path, records);
  const std::string whole = read_file(path);
  const auto word = [&](std::size_t at) { return static_cast<unsigned>(static_cast<std::uint8_t>(whole[at])) | static_cast<unsigned>(static_cast<std::uint8_t>(whole[at + 1])) << 8; };
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  unsigned leaves = 0, hidden = 0;
  for (std::size_t at = 2 * page; at < whole.size(); at += page) {
    if (word(at + 10) != 2) continue; // no leaf
    ++leaves;
    std::string broken = whole;
    const std::size_t middle = at + 16 + 2 * ((word(at + 12) - 16) / 2 / 2);
    broken[middle] = broken[middle + 1] = static_cast<char>(0xff);
    const Result<Lattice> lattice = Lattice::of(as_bytes(broken), "broken");
    if (!lattice) continue; // its header's own leaf
    for (const auto& [key, value] : records) {
      bool damaged = false;
      const Bytes found = lattice->find(key, damaged);
      REQUIRE(damaged == (as_text(found) != value));
      hidden += damaged;
    }
  }
  CHECK(leaves > 10);
  CHECK(hidden > 100);
}

TEST_CASE("a newer schema, another LMDB file and another file are refused by name", "[store]") {
  TemporaryFolder folder;
  const std::string path = folder / "lattice";
  write(path, {});
  std::string bytes = read_file(path);
  const std::size_t at = bytes.find("packscope lattice");
  REQUIRE(at != std::string::npos);
  bytes[at + 17 + 3] = 9;
  const Result<Lattice> newer = Lattice::of(as_bytes(bytes), "newer");
  REQUIRE_FALSE(newer);
  CHECK(newer.error().text() == "newer: lattice: schema 9 is newer than 3, the newest this program knows");
  bytes[at + 17 + 3] = 2;
  CHECK(Lattice::of(as_bytes(bytes), "older").error().what == "lattice: schema 2 is none of this program's (3): build it anew");
  bytes[at] = 'q';
  CHECK(Lattice::of(as_bytes(bytes), "other").error().what == "not a lattice: an LMDB file of something else");
  CHECK(Lattice::of(as_bytes("PACK"), "pack").error().what == "not a lattice: no LMDB file");
  CHECK_FALSE(Lattice::open(folder / "nothing"));
}

TEST_CASE("a full disk leaves the old file", "[store]") {
  TemporaryFolder folder;
  learn::Random random(5);
  const std::string path = folder / "lattice";
  write(path, {});
  const std::string old = read_file(path);
  const auto records = random_records(random, 60);
  ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit before, small;
  ::getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 20000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  MapCursor cursor(records);
  const Result<Written> written = write_lattice(path, cursor, 0);
  ::setrlimit(RLIMIT_FSIZE, &before);
  REQUIRE_FALSE(written);
  CHECK(read_file(path) == old);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("pruning leaves what enough repositories have", "[store]") {
  std::map<std::uint64_t, std::string> records;
  for (std::uint64_t voters = 1; voters <= 5; ++voters) {
    Evidence evidence;
    for (std::uint64_t i = 0; i < voters; ++i) evidence.add(i % 2 ? "lc" : "lrust", i, 7);
    evidence.encode(records[key_of(Dimension::symbols4, voters << 20)]);
  }
  const CursorPtr kept = prune(std::make_unique<MapCursor>(records), 3);
  unsigned count = 0;
  for (Record record; *kept->next(record); ++count) CHECK(Evidence::decode(record.value)->repositories() >= 3);
  CHECK(count == 3);
}
