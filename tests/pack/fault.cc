// Every way in which an object can be broken, as one line that names file, offset and field.
#include "builder.h"
#include "pack/repository.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

namespace {

struct Broken {
  TemporaryFolder folder;
  PackBuilder pack;
  Store::Options options;
  std::vector<std::pair<ObjectId, std::uint64_t>> index; // empty: none is written

  // The message of reading entry `entry`, without the folder.
  std::string message(std::uint32_t entry) {
    write_file(folder / "p.pack", pack.finish());
    if (!index.empty()) write_file(folder / "p.idx", make_index(index, pack.finish()));
    Store store = Store::open({folder / "p.pack"}, {}, options);
    const Location at = {0, entry};
    const Outcome<ObjectPtr> object = store.read(at);
    const Outcome<ObjectPtr> again = store.read(at); // what is remembered of a failure says the same
    if (object) return "";
    const std::string text = store.error(at, object.error()).text();
    CHECK((!again && store.error(at, again.error()).text() == text));
    return text.substr(folder.path().size() + 1);
  }
};

std::string line(std::uint64_t offset, const std::string& what) {
  return "p.pack: offset " + std::to_string(offset) + ": " + what;
}

} // namespace

TEST_CASE("every text of a fault is its own", "[fault]") {
  std::vector<std::string> texts;
  for (unsigned fault = 0; fault <= static_cast<unsigned>(Fault::missing); ++fault)
    texts.emplace_back(describe(static_cast<Fault>(fault)));
  std::sort(texts.begin(), texts.end());
  CHECK(std::adjacent_find(texts.begin(), texts.end()) == texts.end());
  CHECK(std::find(texts.begin(), texts.end(), "unknown fault") == texts.end());
}

TEST_CASE("a broken entry header, met through an index", "[fault]") {
  Broken broken;
  const std::string end = "\xb0\x80\x80";
  const std::uint64_t type = broken.pack.raw(entry_head(5, 3) + deflated("abc"));
  const std::uint64_t size =
      broken.pack.raw(std::string("\xb0") + std::string(9, '\xff') + "\x7f" + deflated("abc"));
  const std::uint64_t before = broken.pack.raw(entry_head(6, 3) + ofs_distance(1000) + deflated("abc"));
  const std::uint64_t self = broken.pack.raw(entry_head(6, 3) + ofs_distance(0) + deflated("abc"));
  const std::uint64_t between = broken.pack.raw(entry_head(6, 3) + ofs_distance(3) + deflated("abc"));
  const std::uint64_t cut = broken.pack.raw(end);
  unsigned number = 0;
  for (const std::uint64_t offset : {type, size, before, self, between, cut})
    broken.index.push_back({blob_id(std::to_string(number++)), offset});
  CHECK(broken.message(0) == line(type, "entry type is 0 or 5, which do not exist"));
  CHECK(broken.message(1) == line(size, "entry size does not fit 64 bits"));
  CHECK(broken.message(2) == line(before, "OFS_DELTA base offset points before the pack"));
  CHECK(broken.message(3) == line(self, "OFS_DELTA base offset is not the start of an earlier entry"));
  CHECK(broken.message(4) == line(between, "OFS_DELTA base offset is not the start of an earlier entry"));
  CHECK(broken.message(5) == line(cut, "entry header: the pack ends inside it"));
}

TEST_CASE("a broken delta", "[fault]") {
  Broken broken;
  const std::uint64_t base = broken.pack.object(ObjectType::blob, "abc");
  const auto says = [&broken, base](const std::string& delta, const std::string& what) {
    const std::uint64_t at = broken.pack.ofs_delta(base, delta);
    CHECK(broken.message(broken.pack.count - 1) == line(at, what));
  };
  const std::string header = "delta header: base or result size is cut off or does not fit 64 bits, or the delta has less than 4 bytes";
  says("\x83", header);
  says(delta_size(3) + delta_size(1) + "x", header);
  says("\x83\x83\x83\x83", header);
  says(delta_size(4) + delta_size(1) + "\x01x", "delta base size is not the base's size");
  says(delta_size(3) + delta_size(1) + "\x91\x03\x01", "delta copy reaches outside the base or is cut off");
  says(delta_size(3) + delta_size(9) + "\x09x", "delta insert reaches past the end of the delta");
  says(delta_size(3) + delta_size(9) + std::string(2, '\0'), "delta instruction 0 is reserved");
  says(delta_size(3) + delta_size(9) + "\x01x", "delta result size is not what the instructions make");
  says(delta_size(3) + delta_size(std::uint64_t{1} << 60) + "\x01x",
       "object size is above --max-object-size");
  says(delta_size(3) + delta_size(std::uint64_t{1} << 28) + "\x01x",
       "delta result size is not what the instructions make");
}

TEST_CASE("a broken stream, and what stands on it", "[fault]") {
  Broken broken;
  std::string stream = deflated("some text that is there");
  stream.back() = static_cast<char>(~stream.back());
  const std::uint64_t adler = broken.pack.raw(entry_head(3, 23) + stream);
  const std::uint64_t above = broken.pack.ofs_delta(adler, appending_delta(23, "x"));
  const std::uint64_t size = broken.pack.raw(entry_head(3, 3) + deflated("longer"));
  const std::uint64_t impossible = broken.pack.raw(entry_head(3, 1 << 28) + deflated("longer"));
  const std::uint64_t huge = broken.pack.raw(entry_head(3, std::uint64_t{1} << 60) + deflated("longer"));
  unsigned number = 0;
  for (const std::uint64_t offset : {adler, above, size, impossible, huge})
    broken.index.push_back({blob_id(std::to_string(number++)), offset});
  const std::string zlib = "zlib stream: ";
  CHECK(broken.message(0) == line(adler, zlib + std::string(deflate::describe(deflate::Fault::adler32))));
  CHECK(broken.message(1) == broken.message(0)); // named where it lies
  CHECK(broken.message(2) == line(size, zlib + std::string(deflate::describe(deflate::Fault::size))));
  CHECK(broken.message(3) == line(impossible, zlib + std::string(deflate::describe(deflate::Fault::size))));
  CHECK(broken.message(4) == line(huge, "object size is above --max-object-size"));
}

TEST_CASE("bases that are missing, or circular", "[fault]") {
  Broken broken;
  const ObjectId a = blob_id("a"), b = blob_id("b"), c = blob_id("c");
  const std::uint64_t first = broken.pack.ref_delta(b, appending_delta(3, "x"));
  const std::uint64_t second = broken.pack.ref_delta(a, appending_delta(3, "x"));
  const std::uint64_t alone = broken.pack.ref_delta(c, appending_delta(3, "x"));
  const std::uint64_t above = broken.pack.ofs_delta(second, appending_delta(3, "x"));
  broken.index = {{a, first}, {b, second}, {c, alone}, {blob_id("d"), above}};
  const std::string cycle = "REF_DELTA base id leads back to the entry itself";
  CHECK(broken.message(0) == line(first, cycle));
  CHECK(broken.message(1) == line(second, cycle));
  CHECK(broken.message(2) == line(alone, cycle));
  CHECK(broken.message(3) == line(second, cycle));

  Broken missing;
  const std::uint64_t at = missing.pack.ref_delta(c, appending_delta(3, "x"));
  CHECK(missing.message(0) == line(at, "REF_DELTA base id is in none of the packs at hand: " + c.hex()));
}

TEST_CASE("the size limit is the user's", "[fault]") {
  Broken broken;
  broken.options.limits.max_object_size = 10;
  broken.pack.object(ObjectType::blob, "just right");
  const std::uint64_t large = broken.pack.object(ObjectType::blob, "a bit large");
  const std::uint64_t delta = broken.pack.ofs_delta(12, appending_delta(10, "x"));
  CHECK(broken.message(0).empty());
  CHECK(broken.message(1) == line(large, "object size is above --max-object-size"));
  CHECK(broken.message(2) == line(delta, "object size is above --max-object-size"));
}

TEST_CASE("broken loose objects", "[fault]") {
  TemporaryFolder folder;
  const auto message = [&folder](const std::string& text, bool compressed = true) {
    const std::string digits = blob_id(text).hex();
    const std::string path = folder / (digits.substr(0, 2) + "/" + digits.substr(2));
    write_file(path, compressed ? deflated(text) : text);
    Store store = Store::open({}, {folder.path()}, {});
    const Location at = store.find(blob_id(text)).value();
    const Outcome<ObjectPtr> object = store.read(at);
    return object ? "" : store.error(at, object.error()).text().substr(path.size() + 2);
  };
  const std::string header = "offset 0: loose object header is not a type and a size";
  CHECK(message(std::string("blob 3\0abc", 10)).empty());
  CHECK(message(std::string("blub 3\0abc", 10)) == header);
  CHECK(message("blob 3") == header);
  CHECK(message(std::string("blob x\0abc", 10)) == header);
  CHECK(message(std::string("blob 99999999999999999999\0abc", 29)) == header);
  CHECK(message(std::string("blob 18446744073709551615\0abc", 29)) ==
        "offset 0: object size is above --max-object-size");
  CHECK(message(std::string("blob 4\0abc", 10)).starts_with("offset 0: zlib stream: "));
  CHECK(message("no zlib", false).starts_with("offset 0: zlib stream: "));

  // Gone between the listing and the reading.
  Store store = Store::open({}, {folder.path()}, {});
  must_run("rm -rf " + folder.path() + "/??");
  CHECK(store.error({kLoose, 0}, store.read(Location{kLoose, 0}).error()).text() ==
        std::string(store.file_of({kLoose, 0})) + ": offset 0: object is missing");
}

TEST_CASE("trees, commits and tags whose bytes are wrong", "[fault]") {
  TemporaryFolder folder;
  PackBuilder pack;
  const auto add = [&pack](ObjectType type, const std::string& text) {
    return std::pair(pack.object(type, text), hash_object(type, as_bytes(text)));
  };
  const auto [tree_at, tree] = add(ObjectType::tree, "100644 name");
  const auto [commit_at, commit] = add(ObjectType::commit, "tree of mine\n");
  const auto [tag_at, tag] = add(ObjectType::tag, "object of desire\n");
  write_file(folder / "p.pack", pack.finish());
  Repository repository = Repository::open({folder / "p.pack", "p.pack", false}).value();
  const std::string file = folder / "";
  CHECK(repository.tree_of(commit).error().text() == file + line(commit_at, "commit header names no tree"));
  CHECK(repository.tree_of(tag).error().text() == file + line(tag_at, "tag header names no object"));
  std::string said;
  walk_tree(repository.store(), tree,
            {.entry = {}, .error = [&said](const Error& error) { said = error.text(); }});
  CHECK(said == file + line(tree_at, "tree entry is malformed"));
  CHECK(repository.store().read(blob_id("none")).error().text() ==
        "object " + blob_id("none").hex() + " is missing");
}
