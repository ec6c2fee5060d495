// Objects through any chain, against git cat-file.
#include "pack/store.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace packscope;
using namespace packscope::test;

namespace {

// Every object that git lists is found, with the same type, size and bytes (as their hash says).
void check_against_git(Store& store, const std::string& repository) {
  const std::vector<std::string> listed =
      lines(must_run("git -C " + repository + " cat-file --batch-all-objects --batch-check"));
  REQUIRE(listed.size() > 30);
  for (const std::string& line : listed) {
    std::istringstream fields(line);
    std::string digits, type;
    std::uint64_t size = 0;
    fields >> digits >> type >> size;
    const ObjectId id = ObjectId::parse(digits).value();
    const std::optional<Location> at = store.find(id);
    REQUIRE(at);
    CHECK(store.id_of(*at) == id);
    CHECK(name(store.type_of(*at).value()) == type);
    CHECK(store.size_of(*at).value() == size);
    const ObjectPtr object = store.read(*at).value();
    CHECK(object->data.size() == size);
    CHECK(hash_object(object->type, object->data, id.kind) == id);
    const ObjectPtr peeked = store.peek(id);
    if (peeked || store.packs().empty() || store.packs()[0].indexed()) CHECK((peeked && peeked->data == object->data));
  }
}

Store open_pack(const std::string& path, Store::Options options = {}) {
  return Store::open({path}, {}, options);
}

} // namespace

TEST_CASE("loose objects", "[store]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r");
  Store store = Store::open({}, {repository + "/.git/objects"}, {});
  CHECK(store.loose_count() > 30);
  check_against_git(store, repository);
  const Location at = store.find(blob_id("number 11\n")).value();
  const Stream stream = store.stream(at).value();
  CHECK(stream.text_offset == 8); // "blob 10\0"
  CHECK(stream.inflated_size == 18);
  CHECK(store.depth_of(at).value() == 0);
  CHECK(!*store.base_of(at));
  CHECK(store.file_of(at).ends_with(blob_id("number 11\n").hex().substr(2)));
}

TEST_CASE("OFS_DELTA and REF_DELTA packs, each with an index of either version or none", "[store]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r");
  for (const std::string delta : {"--delta-base-offset", ""}) {
    for (const std::string index : {"1", "2", "none", "64"}) {
      const std::string name =
          must_run("cd " + repository + " && git rev-list --objects --all | git pack-objects -q " + delta +
                   " --depth=50 " + (folder / "p"));
      const std::string base = folder / ("p-" + name.substr(0, 40));
      must_run("rm " + base + ".idx");
      if (index == "64")
        must_run("git index-pack --index-version=2,0x40 " + base + ".pack"); // 64-bit offsets from 64 on
      else if (index != "none")
        must_run("git index-pack --index-version=" + index + " " + base + ".pack");
      INFO(delta << " index " << index);
      Store store = open_pack(base + ".pack");
      CHECK(store.errors().empty());
      CHECK((store.packs()[0].index() != nullptr) == (index != "none"));
      check_against_git(store, repository);
      must_run("rm -f " + base + ".*");
    }
  }
}

TEST_CASE("depth and base are what git verify-pack prints", "[store]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r", 30);
  must_run("git -C " + repository + " repack -adfq --depth=250 --window=250");
  Store store = open_pack(pack_of(repository));
  unsigned deltas = 0;
  for (const std::string& line : lines(must_run("git verify-pack -v " + pack_of(repository)))) {
    std::istringstream fields(line);
    std::string digits, type, base;
    std::uint64_t size, packed, offset, depth = 0;
    if (!(fields >> digits >> type >> size >> packed >> offset) || !ObjectId::parse(digits)) continue;
    const bool delta = static_cast<bool>(fields >> depth >> base);
    deltas += delta;
    const Location at = store.find(*ObjectId::parse(digits)).value();
    CHECK(store.offset_of(at) == offset);
    CHECK(store.packs()[0].end_of(at.entry) - offset == packed);
    CHECK(store.depth_of(at).value() == depth);
    const std::optional<Location> base_at = store.base_of(at).value();
    CHECK(base_at.has_value() == delta);
    if (base_at) CHECK(store.id_of(*base_at)->hex() == base);
    CHECK(store.stream(at)->inflated_size == size);
  }
  CHECK(deltas > 40);
}

TEST_CASE("a chain of fifty thousand deltas is read with a small cache", "[store]") {
  constexpr int kDepth = 50000;
  PackBuilder pack;
  std::string text(100, 'a');
  std::uint64_t last = pack.object(ObjectType::blob, text);
  // Each copies 99 bytes from offset 0 and appends one: all are 100 long.
  for (int i = 0; i < kDepth; ++i)
    last = pack.ofs_delta(last, delta_size(100) + delta_size(100) + "\x90\x63\x01" +
                                    static_cast<char>('a' + i % 26));
  TemporaryFolder folder;
  write_file(folder / "deep.pack", pack.finish());
  const Location at = {0, kDepth};
  Store store = open_pack(folder / "deep.pack", {.limits = {}, .cache_bytes = 10000});
  CHECK(store.depth_of(at).value() == kDepth);
  const ObjectPtr object = store.read(at).value();
  CHECK(as_text(object->data) == std::string(99, 'a') + static_cast<char>('a' + (kDepth - 1) % 26));
}

TEST_CASE("a thin pack finds its bases in the other packs and among loose objects", "[store]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r");
  const std::string thin = folder / "thin.pack";
  must_run("cd " + repository +
           " && printf 'main\\n^main~6\\n' | git pack-objects -q --revs --thin --stdout >" + thin);
  Store alone = open_pack(thin);
  unsigned missing = 0, found = 0;
  for (std::uint32_t i = 0; i < alone.packs()[0].entries().size(); ++i) {
    const Outcome<ObjectPtr> object = alone.read(Location{0, i});
    found += object.has_value();
    if (object) continue;
    ++missing;
    CHECK(alone.error({0, i}, object.error())
              .text()
              .find("REF_DELTA base id is in none of the packs at hand: ") != std::string::npos);
  }
  CHECK(missing > 0);
  CHECK(found > 0);
  Store store = Store::open({thin}, {repository + "/.git/objects"}, {});
  CHECK(!store.id_of({0, 0})); // until they are asked for
  store.compute_ids();
  for (std::uint32_t i = 0; i < store.packs()[0].entries().size(); ++i) {
    const ObjectPtr object = store.read(Location{0, i}).value();
    CHECK(store.id_of({0, i}) == hash_object(object->type, object->data));
  }
  must_run("git -C " + repository + " repack -adfq");
  Store packed = Store::open({pack_of(repository), thin}, {}, {});
  for (std::uint32_t i = 0; i < packed.packs()[1].entries().size(); ++i) CHECK(packed.read(Location{1, i}));
}

TEST_CASE("REF_DELTAs to later entries and across packs", "[store]") {
  PackBuilder first, second;
  const std::string base(50, 'x'), middle = base + "y", top = middle + "z";
  const std::uint64_t at =
      first.ref_delta(blob_id(middle), appending_delta(51, "z")); // its base: the other pack
  second.ref_delta(blob_id(base), appending_delta(50, "y"));      // its base comes later
  second.object(ObjectType::blob, base);
  TemporaryFolder folder;
  write_file(folder / "a.pack", first.finish());
  write_file(folder / "b.pack", second.finish());
  for (const bool indexed : {false, true}) {
    if (indexed) {
      write_file(folder / "a.idx", make_index({{blob_id(top), at}}, first.finish()));
      must_run("git index-pack " + (folder / "b.pack") + " >/dev/null");
    }
    Store store = Store::open({folder / "b.pack", folder / "a.pack"}, {}, {});
    CHECK(as_text(store.read(blob_id(top)).value()->data) == top);
    CHECK(store.depth_of(*store.find(blob_id(top))).value() == 2);
    CHECK(store.find(blob_id(middle)) == Location{0, 0});
  }
}

TEST_CASE("a SHA-256 repository is told by its files", "[store]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r", 12, "--object-format=sha256");
  Store loose = Store::open({}, {repository + "/.git/objects"}, {});
  check_against_git(loose, repository);
  must_run("git -C " + repository + " repack -adq");
  Store packed = open_pack(pack_of(repository));
  check_against_git(packed, repository);
  must_run("rm -f " + repository + "/.git/objects/pack/*.rev; cp " + pack_of(repository) + " " +
           (folder / "p.pack"));
  Store walked = open_pack(folder / "p.pack");
  CHECK(walked.packs()[0].hash() == HashKind::sha256);
  check_against_git(walked, repository);
}

// Bytes that don't shrink, other ones each time.
class Noise {
public:
  std::string operator()(std::size_t size) {
    std::string text(size, '\0');
    for (char& byte : text) byte = static_cast<char>(random_());
    return text;
  }

private:
  std::mt19937 random_{5};
};

// Streams that fit a copy of a few bytes, and those that don't: larger, stored, or blown up by blocks of nothing.
TEST_CASE("an object is the same by its id alone, whatever its stream's length", "[store]") {
  TemporaryFolder folder;
  Noise noise;
  PackBuilder pack;
  std::vector<std::pair<ObjectId, std::uint64_t>> entries;
  std::vector<std::string> texts;
  const auto add = [&](const std::string& text, std::uint64_t offset) {
    entries.emplace_back(blob_id(text), offset);
    texts.push_back(text);
  };
  for (const std::size_t size : {0, 1, 1900, 2048, 5000, 65000, 66000, 200000}) {
    const std::string dense(size, 'a'), stored = noise(size);
    add(dense, pack.object(ObjectType::blob, dense));
    if (size != 0) add(stored, pack.object(ObjectType::blob, stored));
  }
  for (const std::size_t blocks : {100, 1000, 30000}) {
    const std::string text = noise(100), plain = deflated(text);
    std::string blown = plain.substr(0, 2);
    for (std::size_t i = 0; i < blocks; ++i) blown += std::string("\0\0\0\377\377", 5);
    add(text, pack.raw(entry_head(3, text.size()) + blown + plain.substr(2)));
  }
  for (int i = 0; i < 40; ++i) {
    const std::string text = texts[8] + noise(100);
    add(text, pack.ofs_delta(entries[8].second, appending_delta(texts[8].size(), text.substr(texts[8].size()))));
  }
  add("the last", pack.object(ObjectType::blob, "the last"));
  const std::string bytes = pack.finish();
  write_file(folder / "p.pack", bytes);
  write_file(folder / "p.idx", make_index(entries, bytes));

  std::vector<ObjectId> ids;
  for (const std::pair<ObjectId, std::uint64_t>& entry : entries) ids.push_back(entry.first);
  for (const unsigned threads : {0u, 1u, 3u}) { // 0: one by one
    Store store = open_pack(folder / "p.pack", {.cache_bytes = 1}); // nothing is kept
    for (int round = 0; round < 3; ++round) {
      const std::vector<ObjectPtr> together =
          threads == 0 ? std::vector<ObjectPtr>(ids.size()) : store.peek(ids, UINT64_MAX, UINT64_MAX, threads);
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const ObjectPtr object = threads == 0 ? store.peek(ids[i]) : together[i];
        REQUIRE(object);
        CHECK(as_text(object->data) == texts[i]);
      }
    }
    CHECK(!store.peek(ids[2], texts[2].size() - 1)); // above what is asked for
    CHECK(!store.peek(blob_id("absent")));
  }
}

TEST_CASE("what lies between a delta and its base is the same in any order of asking, kept or not") {
  TemporaryFolder folder;
  Noise noise;
  PackBuilder pack;
  std::vector<std::pair<ObjectId, std::uint64_t>> entries;
  std::vector<std::string> texts;
  for (const std::size_t size : {700, 40'000, 1'048'570}) { // the last grows beyond what is made in a buffer
    std::string text = noise(size);
    std::uint64_t base = pack.object(ObjectType::blob, text);
    entries.emplace_back(blob_id(text), base);
    texts.push_back(text);
    for (int version = 0; version < 24; ++version) {
      const std::size_t before = text.size();
      const std::string more = noise(7);
      text += more;
      base = pack.ofs_delta(base, appending_delta(before, more));
      entries.emplace_back(blob_id(text), base);
      texts.push_back(text);
    }
  }
  const std::string bytes = pack.finish();
  write_file(folder / "p.pack", bytes);
  write_file(folder / "p.idx", make_index(entries, bytes));
  const std::size_t count = texts.size();
  for (const std::uint64_t cache : {std::uint64_t{1}, std::uint64_t{1} << 20, std::uint64_t{96} << 20}) {
    const std::size_t chain = count / 3;
    std::vector<std::vector<std::size_t>> orders = {{chain - 1, chain - 1}, {chain - 1, 3 * chain - 1, 2 * chain - 1, chain - 9}, {}, {}, {}};
    for (std::size_t i = 0; i < count; ++i) {
      orders[2].push_back(i);
      orders[3].push_back(count - 1 - i);
      orders[4].push_back(i * 37 % count);
    }
    for (const std::vector<std::size_t>& order : orders) {
      Store store = open_pack(folder / "p.pack", {.cache_bytes = cache});
      for (const std::size_t i : order) {
        const ObjectPtr object = store.peek(entries[i].first);
        REQUIRE(object);
        REQUIRE(as_text(object->data) == texts[i]);
      }
    }
  }
}
