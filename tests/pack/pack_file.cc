// One pack: its header, its index or its walk, its trailer.
#include "pack/pack_file.h"
#include "pack/resolve.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

namespace {

struct Folder : TemporaryFolder {
  std::string write(const std::string& bytes) {
    write_file(*this / "p.pack", bytes);
    return *this / "p.pack";
  }
  std::string error_of(const std::string& bytes) {
    const Result<PackFile> pack = PackFile::open(write(bytes));
    return pack ? "" : pack.error().text().substr(path().size() + sizeof "/p.pack: " - 1);
  }
  // The damage of a pack that opens, without folder names.
  std::string damage_of(const std::string& bytes) {
    const Result<PackFile> pack = PackFile::open(write(bytes));
    if (!pack) return "does not open";
    std::string all;
    for (const Error& error : pack->damage()) all += error.text().substr(path().size() + 1);
    return all;
  }
};

} // namespace

TEST_CASE("a pack is walked without an index: the same entries, and git's ids", "[pack_file]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r");
  must_run("git -C " + repository + " repack -adfq");
  PackFile indexed = PackFile::open(pack_of(repository)).value();
  must_run("cp " + pack_of(repository) + " " + (folder / "p.pack"));
  PackFile walked = PackFile::open(folder / "p.pack").value();
  REQUIRE(indexed.index() != nullptr);
  REQUIRE(walked.index() == nullptr);
  CHECK(walked.damage().empty());
  CHECK(walked.stated_count() == walked.entries().size());
  REQUIRE(walked.entries().size() == indexed.entries().size());
  CHECK(!walked.id_of(0));
  walked.compute_ids({}, {});
  for (std::uint32_t i = 0; i < walked.entries().size(); ++i) {
    CHECK(walked.entries()[i].offset == indexed.entries()[i].offset);
    CHECK(walked.end_of(i) == indexed.end_of(i));
    CHECK(walked.id_of(i) == indexed.id_of(i));
    CHECK(walked.entry_of(*indexed.id_of(i)) == i);
    CHECK(walked.entry_at(indexed.entries()[i].offset) == i);
  }
  CHECK(!walked.entry_at(13));
  CHECK(walked.verify_trailer());
}

TEST_CASE("version 3 is read as version 2", "[pack_file]") {
  Folder folder;
  PackBuilder pack;
  pack.object(ObjectType::blob, "text");
  pack.bytes[7] = 3;
  const PackFile opened = PackFile::open(folder.write(pack.finish())).value();
  CHECK(opened.version() == 3);
  CHECK(opened.damage().empty());
  CHECK(opened.entries().size() == 1);
}

TEST_CASE("an empty pack has no entries and no damage", "[pack_file]") {
  Folder folder;
  PackFile pack = PackFile::open(folder.write(PackBuilder().finish())).value();
  CHECK(pack.entries().empty());
  CHECK(pack.damage().empty());
  pack.compute_ids({}, {});
  CHECK(!pack.entry_of(blob_id("x")));
}

TEST_CASE("a broken pack header names offset and field", "[pack_file]") {
  Folder folder;
  CHECK(folder.error_of("") == "offset 0: signature: this is no pack");
  CHECK(folder.error_of("PACC" + std::string(40, '\0')) == "offset 0: signature: this is no pack");
  CHECK(folder.error_of("PACK" + big_endian(4, 4) + std::string(40, '\0')) ==
        "offset 4: version: neither 2 nor 3");
  CHECK(folder.error_of("PACK" + big_endian(2, 4) + big_endian(0, 4) + "x") ==
        "offset 13: trailer: the pack ends before it");
  CHECK(!PackFile::open(folder / "nothing.pack"));
}

TEST_CASE("a walk stops where no stream ends, and says where", "[pack_file]") {
  Folder folder;
  PackBuilder pack;
  pack.object(ObjectType::blob, "first");
  const std::uint64_t second = pack.object(ObjectType::blob, std::string(1000, 'x'));
  const std::string good = pack.finish(), at = "p.pack: offset " + std::to_string(second) + ": ";
  std::string bad = good;
  bad[second] = 0x50;
  CHECK(folder.damage_of(bad) == at + "entry type is 0 or 5, which do not exist");
  bad = good;
  bad[second + 2] = 0; // CMF
  CHECK(folder.damage_of(bad).starts_with(at + "zlib stream: "));
  CHECK(PackFile::open(folder / "p.pack")->entries().size() == 1);
  const std::string cut = good.substr(0, second + 1 + 20);
  CHECK(folder.damage_of(cut) == at + "entry header: the pack ends inside it");
  CHECK(folder.damage_of(std::string(good).replace(8, 4, big_endian(UINT32_MAX, 4))) ==
        "p.pack: offset " + std::to_string(good.size() - 20) +
            ": object count in the pack header is not the number of entries");
  CHECK(folder.damage_of(std::string(good).replace(8, 4, big_endian(1, 4))) ==
        at + "object count in the pack header is not the number of entries");
}

TEST_CASE("a walk goes on past an entry whose stated size is wrong or above the limit", "[pack_file]") {
  Folder folder;
  PackBuilder pack;
  pack.raw(entry_head(3, std::uint64_t{1} << 60) + deflated("small"));
  pack.raw(entry_head(3, 3) + deflated("longer than three"));
  pack.object(ObjectType::blob, "good");
  const PackFile opened = PackFile::open(folder.write(pack.finish())).value();
  CHECK(opened.damage().empty());
  CHECK(opened.entries().size() == 3);
}

TEST_CASE("an index that does not fit is reported, and the pack is walked", "[pack_file]") {
  Folder folder;
  PackBuilder pack;
  const std::uint64_t first = pack.object(ObjectType::blob, "first"),
                      second = pack.object(ObjectType::blob, "second");
  const std::string good = pack.finish();
  const ObjectId a = blob_id("first"), b = blob_id("second");
  const auto damage = [&](const std::string& index) {
    write_file(folder / "p.idx", index);
    const std::string text = folder.damage_of(good);
    CHECK(PackFile::open(folder / "p.pack")->entries().size() == 2);
    return text;
  };
  CHECK(damage(make_index({{a, first}, {b, second}}, good)).empty());
  const std::string mismatch = "p.idx: index was made for another pack (checksum or object count)";
  CHECK(damage(make_index({{a, first}}, good)) == mismatch);
  CHECK(damage(make_index({{a, first}, {b, second}}, std::string(20, 'x'))) == mismatch);
  const std::string offset = ": index offset points to no entry of the pack";
  CHECK(damage(make_index({{a, first}, {b, 1 << 20}}, good)) == "p.idx: offset 1048576" + offset);
  CHECK(damage(make_index({{a, first}, {b, 4}}, good)) == "p.idx: offset 4" + offset);
  CHECK(damage(make_index({{a, first}, {b, good.size() - 20}}, good)) ==
        "p.idx: offset " + std::to_string(good.size() - 20) + offset);
  CHECK(damage(make_index({{a, second}, {b, second}}, good)) ==
        "p.idx: offset " + std::to_string(second) + offset);
  CHECK(damage("") == "p.idx: offset 0: index: shorter than its fanout table");
}

TEST_CASE("a reverse index saves sorting, and one that is wrong changes nothing", "[pack_file]") {
  Folder folder;
  PackBuilder pack;
  std::vector<std::pair<ObjectId, std::uint64_t>> objects;
  for (int i = 0; i < 40; ++i) {
    const std::string text = "text " + std::to_string(i);
    objects.push_back({blob_id(text), pack.object(ObjectType::blob, text)});
  }
  const std::string bytes = pack.finish();
  folder.write(bytes);
  write_file(folder / "p.idx", make_index(objects, bytes));
  // By id order, where each entry's id stands.
  std::vector<ObjectId> ids;
  for (const auto& [id, offset] : objects) ids.push_back(id);
  std::ranges::sort(ids);
  const auto make = [&](const auto& position, const std::string& head = std::string("RIDX\0\0\0\1\0\0\0\1", 12)) {
    std::string file = head;
    for (std::uint32_t entry = 0; entry < objects.size(); ++entry) {
      const std::uint32_t at = position(entry);
      for (const unsigned shift : {24, 16, 8, 0}) file += static_cast<char>(at >> shift & 0xff);
    }
    return file + bytes.substr(bytes.size() - 20) + std::string(20, 'x'); // its own checksum is nobody's concern
  };
  const auto right = [&](std::uint32_t entry) {
    return static_cast<std::uint32_t>(std::ranges::find(ids, objects[entry].first) - ids.begin());
  };
  const auto read = [&](const std::string& reverse) {
    write_file(folder / "p.rev", reverse);
    const Result<PackFile> opened = PackFile::open(folder / "p.pack");
    REQUIRE(opened);
    REQUIRE(opened->entries().size() == objects.size());
    CHECK(opened->damage().empty());
    for (std::uint32_t entry = 0; entry < objects.size(); ++entry) {
      CHECK(opened->entries()[entry].offset == objects[entry].second);
      CHECK(opened->id_of(entry) == objects[entry].first);
      CHECK(opened->entry_of(objects[entry].first) == entry);
    }
  };
  read(make(right));
  read(make([&](std::uint32_t entry) { return right(entry ^ 1); }));             // in another order
  read(make([&](std::uint32_t entry) { return right(entry == 7 ? 6 : entry); })); // one twice
  read(make([&](std::uint32_t entry) { return right(entry) + (entry == 39 ? 1000 : 0); }));
  read(make(right, std::string("RIDX\0\0\0\2\0\0\0\1", 12)));
  read(make(right).substr(4));
  read(std::string());
}

TEST_CASE("the trailer is checked on request", "[pack_file]") {
  Folder folder;
  PackBuilder pack;
  pack.object(ObjectType::blob, "text");
  std::string bytes = pack.finish();
  bytes.back() = static_cast<char>(~bytes.back());
  const Result<void> checked = PackFile::open(folder.write(bytes))->verify_trailer();
  CHECK(checked.error().text() == folder / "p.pack" + ": offset " + std::to_string(bytes.size() - 20) +
                                      ": trailer: the checksum does not match the bytes before it");
}
