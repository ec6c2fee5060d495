// The walk of a pack in memory against PackFile and DeltaRoots over the same bytes.
#include "boot/pack_walk.h"

#include "../pack/builder.h"
#include "pack/delta_roots.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;
using boot::kNoRoot;
using boot::PackWalk;
using boot::WalkEntry;

namespace {

struct Walked {
  std::string pack, index;
  std::vector<WalkEntry> room = {};
  std::optional<IndexTables> tables = {};
  std::optional<PackWalk> walk = {};
  Fault fault = Fault::none;

  void open() {
    const Outcome<IndexTables> read = IndexTables::read(as_bytes(index));
    REQUIRE(read);
    tables = *read;
    room.resize(tables->size());
    if (const Outcome<PackWalk> opened = PackWalk::open(as_bytes(pack), *tables, room)) walk = *opened;
    else fault = opened.error().fault;
  }
};

} // namespace

TEST_CASE("entries, streams, ids and roots are those of PackFile and DeltaRoots", "[boot]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r");
  for (const std::string delta : {"--delta-base-offset", ""}) {
    const std::string name = folder / "p" + delta;
    must_run("cd " + repository + " && git rev-list --objects --all | cut -c1-40 | git pack-objects -q " + delta + " " + name);
    const std::string path = lines(must_run("ls " + name + "-*.pack")).front();
    Walked walked{read_file(path), read_file(path.substr(0, path.size() - 4) + "idx")};
    walked.open();
    REQUIRE(walked.walk);
    const Store store = Store::open({path}, {}, {});
    const DeltaRoots roots = DeltaRoots::of(store);
    const PackFile& pack = store.packs()[0];
    REQUIRE(walked.walk->entries().size() == pack.entries().size());
    std::size_t inherited = 0;
    for (std::uint32_t entry = 0; entry < pack.entries().size(); ++entry) {
      const WalkEntry& ours = walked.walk->entries()[entry];
      CHECK(ours.offset == pack.entries()[entry].offset);
      CHECK(ours.root == roots.of({0, entry})->entry);
      CHECK(walked.walk->id(entry) == store.id_of({0, entry}));
      const EntryHeader header = walked.walk->header(entry).value();
      const Bytes stream = walked.walk->stream(header, entry), theirs = pack.stream(*pack.header(entry), entry);
      CHECK(as_text(stream) == as_text(theirs));
      inherited += ours.root != entry;
    }
    CHECK(inherited > 10);
  }
}

TEST_CASE("circles and bases that are not there leave an entry without a root, and the others theirs", "[boot]") {
  PackBuilder builder;
  const std::string text = "a base of some length, to stand on\n";
  const ObjectId first{.bytes = {1}}, second{.bytes = {2}}, third{.bytes = {3}}, fourth{.bytes = {4}}, fifth{.bytes = {5}},
      sixth{.bytes = {6}};
  const std::uint64_t base = builder.object(ObjectType::blob, text);
  const std::uint64_t one = builder.ref_delta(third, appending_delta(10, "x"));           // to the next, and that one back
  const std::uint64_t two = builder.ref_delta(second, appending_delta(10, "y"));
  const std::uint64_t lost = builder.ref_delta(ObjectId{.bytes = {9}}, appending_delta(10, "z"));
  const std::uint64_t own = builder.ref_delta(fifth, appending_delta(10, "o")); // to itself
  const std::uint64_t good = builder.ofs_delta(base, appending_delta(text.size(), "!"));
  Walked walked{builder.finish(), {}};
  walked.index = make_index({{first, base}, {second, one}, {third, two}, {fourth, lost}, {fifth, own}, {sixth, good}}, walked.pack);
  walked.open();
  REQUIRE(walked.walk);
  std::vector<std::uint32_t> found;
  for (const WalkEntry& entry : walked.walk->entries()) found.push_back(entry.root);
  CHECK(found == std::vector<std::uint32_t>{0, kNoRoot, kNoRoot, kNoRoot, kNoRoot, 0});
}

TEST_CASE("a pack that its index does not fit is refused by name", "[boot]") {
  PackBuilder builder;
  const std::uint64_t at = builder.object(ObjectType::blob, "text\n");
  const std::string pack = builder.finish();
  const auto fault = [](std::string bytes, std::string index) {
    Walked walked{std::move(bytes), std::move(index)};
    walked.open();
    return walked.fault;
  };
  const std::string index = make_index({{blob_id("text\n"), at}}, pack);
  CHECK(fault(pack, index) == Fault::none);
  CHECK(fault(pack.substr(0, 20), index) == Fault::truncated);
  CHECK(fault("KCAP" + pack.substr(4), index) == Fault::signature);
  CHECK(fault(std::string(pack).replace(4, 4, big_endian(4, 4)), index) == Fault::version);
  CHECK(fault(std::string(pack).replace(8, 4, big_endian(2, 4)), index) == Fault::object_count);
  CHECK(fault(std::string(pack).replace(pack.size() - 1, 1, 1, static_cast<char>(pack.back() ^ 1)), index) == Fault::index_mismatch);
  CHECK(fault(pack, make_index({{blob_id("text\n"), pack.size()}}, pack)) == Fault::index_offset);
}
