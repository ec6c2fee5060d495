// Thousands of broken copies of a small pack and its index: whatever the bytes, no crash, no hang, no
// unbounded memory, and what is still called good hashes to its id. Runs under the sanitizers in CI.
#include "builder.h"
#include "pack/repository.h"
#include "pack/resolve.h"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace packscope;
using namespace packscope::test;

namespace {

void mutate(std::string& bytes, std::mt19937_64& random) {
  if (bytes.empty()) return;
  const std::size_t at = random() % bytes.size();
  switch (random() % 6) {
  case 0:
    bytes.resize(at);
    break;
  case 1:
    bytes[at] = static_cast<char>(random());
    break;
  case 2:
    bytes.erase(at, random() % 40 + 1);
    break;
  case 3:
    bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40 + 1));
    break; // splices headers too
  default:
    for (unsigned flips = 1 + static_cast<unsigned>(random() % 3); flips > 0; --flips)
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
  }
}

// Gives a changed pack a right trailer, so that not everything is stopped by the checksum.
void reseal(std::string& pack, std::string& index) {
  if (pack.size() < 40 || index.size() < 40) return;
  pack.resize(pack.size() - 20);
  Hasher hasher(HashKind::sha1);
  hasher.update(as_bytes(pack));
  const ObjectId sum = hasher.finish();
  pack += as_text(sum.raw());
  index.replace(index.size() - 40, 20, as_text(sum.raw()));
}

// Everything the room offers, on whatever lies there. Returns how many objects could be read.
std::uint64_t read_all(const std::string& path) {
  Store::Options options;
  options.limits.max_object_size = 1 << 20;
  options.cache_bytes = 1 << 16;
  Result<Repository> repository = Repository::open({path, "p.pack", false}, options);
  if (!repository) return 0;
  Store& store = repository->store();
  std::uint64_t good = 0;
  const PackFile& pack = store.packs()[0];
  for (std::uint32_t entry = 0; entry < pack.entries().size(); ++entry) {
    const Location at = {0, entry};
    const Outcome<ObjectPtr> object = store.read(at);
    const Outcome<ObjectType> type = store.type_of(at);
    const Outcome<std::uint64_t> size = store.size_of(at);
    if (object) {
      ++good;
      CHECK((type && *type == (*object)->type));
      CHECK((size && *size == (*object)->data.size()));
      CHECK(store.depth_of(at));
    } else {
      CHECK(!store.error(at, object.error()).what.empty());
    }
  }
  std::uint64_t resolved = 0, failed = 0;
  resolve_pack(pack, {.memory = 1 << 16, .hash = true},
               {.object = [&](const ResolvedEntry&) { ++resolved; },
                .failure = [&](std::uint32_t, const Failure&) { ++failed; }});
  CHECK(resolved == good);
  CHECK(resolved + failed == pack.entries().size());
  if (pack.index() != nullptr) (void)pack.index()->verify();
  (void)pack.verify_trailer();
  repository->for_each_blob(
      {ScopeKind::all_objects, {}}, [](const BlobPath&) {}, [](const Error&) {});
  return good;
}

} // namespace

TEST_CASE("broken packs and indexes are read as far as they go", "[mutation]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r", 6);
  std::mt19937_64 random(7);
  std::uint64_t mutants = 0, whole = 0;
  for (const std::string offsets : {"--delta-base-offset", ""}) {
    const std::string name =
        must_run("cd " + repository + " && git rev-list --objects --all | git pack-objects -q " + offsets +
                 " " + (folder / "p"));
    const std::string base = folder / ("p-" + name.substr(0, 40));
    const std::string pack = read_file(base + ".pack"), index = read_file(base + ".idx");
    for (int round = 0; round < 1500; ++round, ++mutants) {
      std::string bad_pack = pack, bad_index = index;
      if (round % 5 != 0) mutate(bad_pack, random);
      if (round % 5 == 0 || round % 5 == 1) mutate(bad_index, random);
      if (round % 2 == 0) reseal(bad_pack, bad_index);
      write_file(folder / "m.pack", bad_pack);
      if (round % 5 == 4)
        std::filesystem::remove(folder / "m.idx");
      else
        write_file(folder / "m.idx", bad_index);
      whole += read_all(folder / "m.pack") > 0;
    }
  }
  CHECK(mutants == 3000);
  CHECK(whole > 1000); // most mutants still hold something: they were not all stopped at the door
}
