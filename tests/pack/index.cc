// Indexes as git writes them, and as it never would.
#include "pack/index.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

using namespace packscope;
using namespace packscope::test;

namespace {

struct Packed {
  TemporaryFolder folder;
  std::string pack;
  Packed() {
    const std::string repository = make_repository(folder / "r", 5);
    must_run("git -C " + repository + " repack -adfq");
    pack = pack_of(repository);
  }
  std::string index(const std::string& options) {
    const std::string path = folder / "p.idx";
    must_run("rm -f " + path + "; git index-pack " + options + " -o " + path + " " + pack);
    return path;
  }
  // The error of an index that was changed.
  std::string broken(const std::string& bytes, bool verify = false) {
    const std::string path = folder / "broken.idx";
    write_file(path, bytes);
    Result<Index> index = Index::open(path);
    if (!verify) return index ? "" : index.error().text().substr(path.size() + 2);
    if (!index) return "cannot be opened";
    const Result<void> good = index->verify();
    return good ? "" : good.error().text().substr(path.size() + 2);
  }
};

} // namespace

TEST_CASE("both versions and 64-bit offsets, as git show-index prints them", "[index]") {
  Packed packed;
  for (const std::string options : {"--index-version=1", "--index-version=2", "--index-version=2,0x100"}) {
    const std::string path = packed.index(options);
    const Index index = Index::open(path).value();
    CHECK(index.version() == static_cast<unsigned>(options[16] - '0'));
    CHECK(index.verify());
    CHECK(index.pack_checksum().hex() == lines(must_run("tail -c 20 " + packed.pack + " | od -An -v -tx1 | tr -d ' \\n'")).front());
    const std::vector<std::string> shown = lines(must_run("git show-index <" + path));
    REQUIRE(shown.size() == index.size());
    for (std::uint32_t i = 0; i < index.size(); ++i) {
      std::istringstream fields(shown[i]);
      std::uint64_t offset;
      std::string digits, crc;
      fields >> offset >> digits >> crc;
      CHECK(index.id(i).hex() == digits);
      CHECK(index.offset(i).value() == offset);
      CHECK(index.find(*ObjectId::parse(digits)) == i);
      CHECK(index.find_offset(*ObjectId::parse(digits)) == offset);
      if (index.version() == 2)
        CHECK(index.crc32(i) == std::stoul(crc.substr(1), nullptr, 16));
      else
        CHECK(!index.crc32(i));
    }
    ObjectId absent = index.id(0);
    absent.bytes[19] ^= 1;
    CHECK(!index.find(absent));
    CHECK(!index.find_offset(absent));
    absent = {};
    CHECK(!index.find(absent));
    CHECK(!index.find_offset(absent));
  }
}

// More ids than are copied at once, in buckets where they stand evenly and in one where nothing is where it should be.
TEST_CASE("an offset is found by copies of a few rows as it is in the tables", "[index]") {
  TemporaryFolder folder;
  for (const std::size_t length : {20, 32}) {
    std::vector<std::string> ids;
    std::mt19937 random(static_cast<unsigned>(length));
    for (int i = 0; i < 4000; ++i) {
      std::string id(length, '\0');
      for (char& byte : id) byte = static_cast<char>(random());
      id[0] = static_cast<char>(i % 8);
      if (i % 8 == 7) id[1] = id[2] = '\xff';
      ids.push_back(id);
    }
    std::ranges::sort(ids, std::less<>(), [](const std::string& id) { return std::vector<std::uint8_t>(id.begin(), id.end()); });
    std::string fanout, names, offsets;
    for (std::size_t byte = 0; byte < 256; ++byte) fanout += big_endian(500 * std::min<std::size_t>(byte + 1, 8), 4);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      names += ids[i];
      offsets += big_endian(i == 5 ? 0x80000000 : i == 6 ? 0x80000001 : 12 + i * 100, 4);
    }
    const std::string path = folder / std::to_string(length);
    write_file(path, "\377tOc" + big_endian(2, 4) + fanout + names + std::string(ids.size() * 4, 'c') + offsets +
                         big_endian(std::uint64_t{1} << 40, 8) + std::string(2 * length, 't'));
    const Index index = Index::open(path).value();
    REQUIRE(index.size() == ids.size());
    std::vector<std::uint32_t> order(ids.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::shuffle(order, random); // so that parts come to be mapped at different times
    for (const std::uint32_t i : order) {
      const std::uint64_t offset = i == 5 ? std::uint64_t{1} << 40 : i == 6 ? UINT64_MAX : 12 + i * 100;
      ObjectId id = index.id(i);
      CHECK(index.find_offset(id) == offset);
      id.bytes[length - 1] ^= 0x55;
      CHECK(!index.find_offset(id));
    }
  }
}

TEST_CASE("a broken index names offset and field", "[index]") {
  Packed packed;
  const std::string good = read_file(packed.index("--index-version=2"));
  const std::uint64_t count = Index::open(packed.folder / "p.idx")->size();
  const auto with = [&good](std::size_t at, const std::string& bytes) {
    return std::string(good).replace(at, bytes.size(), bytes);
  };

  CHECK(packed.broken("") == "offset 0: index: shorter than its fanout table");
  CHECK(packed.broken(with(4, big_endian(3, 4))) == "offset 4: index version: 3 is neither 1 nor 2");
  const std::string fanout = "index fanout table does not rise to the number of objects";
  CHECK(packed.broken(with(8 + 100 * 4, big_endian(count + 1, 4))) == "offset 412: " + fanout);
  CHECK(packed.broken(with(8 + 255 * 4, big_endian(count + 1, 4))) == "offset 1028: " + fanout);
  CHECK(packed.broken(good.substr(0, good.size() - 1)) == "offset 1028: " + fanout);
  CHECK(packed.broken(with(8 + 255 * 4, big_endian(UINT32_MAX, 4))) == "offset 1028: " + fanout);

  const std::string order = "index ids are not in order";
  CHECK(packed.broken(with(1032, std::string(20, '\xff')), true) == "offset 1032: " + order);
  const std::string trailer = "trailer: the checksum does not match the bytes before it";
  const std::size_t crcs = 1032 + count * 20;
  CHECK(packed.broken(with(crcs, std::string(1, static_cast<char>(~good[crcs]))), true) ==
        "offset " + std::to_string(good.size() - 20) + ": " + trailer);

  // Offset 0 of the table becomes a row of the 64-bit table, which is not there.
  write_file(packed.folder / "o.idx", with(1032 + count * 24, "\x80\x00\x00\x07"));
  CHECK(Index::open(packed.folder / "o.idx")->offset(0).error().fault == Fault::index_offset);
}
