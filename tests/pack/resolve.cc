// The depth-first resolver, against reading object by object.
#include "pack/resolve.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

using namespace packscope;
using namespace packscope::test;

namespace {

struct Seen {
  std::map<std::uint32_t, ObjectId> ids;
  std::map<std::uint32_t, Fault> faults;
};

Seen resolve(const std::string& path, ResolveOptions options = {}) {
  Seen seen;
  std::mutex lock;
  const PackFile pack = PackFile::open(path).value();
  options.hash = true;
  std::vector<ObjectId> bodies;
  resolve_pack(pack, options,
               {.object =
                    [&](const ResolvedEntry& object) {
                      const std::lock_guard guard(lock);
                      CHECK(object.end == pack.end_of(object.entry));
                      CHECK(hash_object(object.type, object.data, pack.hash()) == object.id);
                      CHECK(seen.ids.emplace(object.entry, *object.id).second);
                    },
                .failure =
                    [&](std::uint32_t entry, const Failure& failure) {
                      const std::lock_guard guard(lock);
                      CHECK(failure.offset == pack.entries()[entry].offset);
                      CHECK(seen.faults.emplace(entry, failure.fault).second);
                    },
                .body = [&](const ObjectId& hash) { bodies.push_back(hash); }});
  CHECK(bodies == std::vector{ObjectId::from(pack.bytes().last(hash_size(pack.hash())))});
  CHECK(seen.ids.size() + seen.faults.size() == pack.entries().size());
  return seen;
}

} // namespace

TEST_CASE("every object once, whatever the threads, the memory and the kind of delta", "[resolve]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r", 30);
  for (const std::string offsets : {"--delta-base-offset", ""}) {
    const std::string name =
        must_run("cd " + repository + " && git rev-list --objects --all | git pack-objects -q " + offsets +
                 " --depth=250 --window=250 " + (folder / "p"));
    const std::string path = folder / ("p-" + name.substr(0, 40) + ".pack");
    for (const bool index : {true, false}) {
      if (!index) must_run("rm " + path.substr(0, path.size() - 5) + ".idx");
      for (const unsigned threads : {1u, 4u})
        for (const std::uint64_t memory : {std::uint64_t{0}, std::uint64_t{20000}, std::uint64_t{1} << 30}) {
          const Seen seen = resolve(path, {.threads = threads, .memory = memory});
          CHECK(seen.faults.empty());
          std::vector<std::string> ids;
          for (const auto& [entry, id] : seen.ids) ids.push_back(id.hex());
          std::sort(ids.begin(), ids.end());
          CHECK(ids ==
                lines(must_run("git -C " + repository + " rev-list --objects --all | cut -c1-40 | sort")));
        }
    }
  }
}

TEST_CASE("a random forest is made again from what was dropped", "[resolve]") {
  std::mt19937_64 random(5);
  PackBuilder pack;
  std::vector<std::pair<std::uint64_t, std::string>> objects; // offset, text
  for (int i = 0; i < 2000; ++i) {
    if (i < 5) {
      const std::string text(500, static_cast<char>('a' + i));
      objects.push_back({pack.object(ObjectType::blob, text), text});
      continue;
    }
    // Mostly on one of the last, so that chains are long and yet have branches.
    const std::size_t near = std::min<std::size_t>(objects.size(), 3);
    const auto& base =
        objects[random() % 10 == 0 ? random() % objects.size() : objects.size() - 1 - random() % near];
    const std::string tail = std::to_string(i);
    const std::string text = base.second + tail;
    objects.push_back({pack.ofs_delta(base.first, appending_delta(base.second.size(), tail)), text});
  }
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  for (const std::uint64_t memory : {0, 3000, 100000}) {
    const Seen seen = resolve(folder / "p.pack", {.threads = 1, .memory = memory});
    REQUIRE(seen.ids.size() == objects.size());
    for (std::uint32_t i = 0; i < objects.size(); ++i) CHECK(seen.ids.at(i) == blob_id(objects[i].second));
  }
}

TEST_CASE("empty objects: alone, many, last, as a delta's base", "[resolve]") {
  const std::string from_nothing = delta_size(0) + delta_size(3) + "\x03new";
  for (const int count : {1, 2, 16, 17, 600})
    for (const int other : {0, 1, 2}) { // nothing else; a blob before them; deltas of the first
      PackBuilder pack;
      std::map<std::uint32_t, ObjectId> wanted;
      if (other == 1) {
        pack.object(ObjectType::blob, std::string(100000, 'x'));
        wanted[0] = blob_id(std::string(100000, 'x'));
      }
      const std::uint64_t first = pack.bytes.size();
      for (int i = 0; i < count; ++i) {
        const ObjectType type = i % 2 == 0 ? ObjectType::tree : ObjectType::blob;
        wanted[pack.count] = hash_object(type, {});
        pack.object(type, "");
      }
      if (other == 2) {
        wanted[pack.count] = hash_object(ObjectType::tree, as_bytes("new"));
        pack.ofs_delta(first, from_nothing);
        wanted[pack.count] = wanted.at(pack.count - 1);
        pack.ref_delta(hash_object(ObjectType::tree, {}), from_nothing);
      }
      TemporaryFolder folder;
      write_file(folder / "p.pack", pack.finish());
      for (const unsigned threads : {1u, 3u})
        for (const std::uint64_t memory : {std::uint64_t{0}, std::uint64_t{1} << 26}) {
          const Seen seen = resolve(folder / "p.pack", {.threads = threads, .memory = memory});
          CHECK(seen.ids == wanted);
          CHECK(seen.faults.empty());
        }
    }
}

TEST_CASE("what cannot be resolved says why, each for itself", "[resolve]") {
  PackBuilder pack;
  const ObjectId a = blob_id("a"), b = blob_id("b");
  const std::uint64_t first = pack.ref_delta(b, appending_delta(3, "x"));      // 0: cycle with 1
  const std::uint64_t second = pack.ref_delta(a, appending_delta(3, "x"));     // 1
  const std::uint64_t third = pack.ofs_delta(second, appending_delta(3, "x")); // 2: stands on the cycle
  const std::uint64_t lost = pack.ref_delta(blob_id("none"), appending_delta(3, "x")); // 3
  const std::uint64_t on_lost = pack.ofs_delta(lost, appending_delta(3, "x"));         // 4
  std::string stream = deflated("text");
  stream[stream.size() - 1] = static_cast<char>(~stream.back());
  const std::uint64_t bad = pack.raw(entry_head(3, 4) + stream);               // 5
  const std::uint64_t on_bad = pack.ofs_delta(bad, appending_delta(4, "x"));   // 6
  const std::uint64_t good = pack.object(ObjectType::blob, "good");            // 7
  const std::uint64_t type = pack.raw(entry_head(5, 4) + deflated("type"));    // 8
  const std::uint64_t on_type = pack.ofs_delta(type, appending_delta(4, "x")); // 9
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  std::vector<std::pair<ObjectId, std::uint64_t>> index = {{a, first}, {b, second}};
  for (const std::uint64_t offset : {third, lost, on_lost, bad, on_bad, good, type, on_type})
    index.push_back({blob_id("at " + std::to_string(offset)), offset});
  write_file(folder / "p.idx", make_index(index, pack.finish()));
  const Seen seen = resolve(folder / "p.pack");
  CHECK(seen.ids.size() == 1);
  CHECK(seen.faults == std::map<std::uint32_t, Fault>{{0, Fault::delta_cycle},
                                                      {1, Fault::delta_cycle},
                                                      {2, Fault::base},
                                                      {3, Fault::ref_delta_base},
                                                      {4, Fault::base},
                                                      {5, Fault::stream},
                                                      {6, Fault::base},
                                                      {8, Fault::entry_type},
                                                      {9, Fault::base}});
}

TEST_CASE("bases of a thin pack come from outside", "[resolve]") {
  PackBuilder pack;
  const std::string base = "outside", text = base + "x";
  const std::uint64_t first = pack.ref_delta(blob_id(text), appending_delta(8, "y")); // on what comes next
  pack.ref_delta(blob_id(base), appending_delta(7, "x"));
  pack.ofs_delta(first, appending_delta(9, "z"));
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  const auto object =
      std::make_shared<Object>(ObjectType::blob, ByteBuffer(base.begin(), base.end()));
  const Seen seen = resolve(folder / "p.pack", {.external = [&](const ObjectId& id) -> ObjectPtr {
                              return id == blob_id(base) ? object : nullptr;
                            }});
  CHECK(seen.ids == std::map<std::uint32_t, ObjectId>{
                        {0, blob_id(text + "y")}, {1, blob_id(text)}, {2, blob_id(text + "yz")}});
}

TEST_CASE("a chain of large objects with branches ends in time within its memory", "[resolve]") {
  // 4,000 objects of 100 kB, each with a leaf beside the next one: on the way back every parent was dropped.
  PackBuilder pack;
  const std::string body(100000, 'x');
  // Copies 65,535 and 34,464 bytes, then inserts one.
  const auto delta = [](char last) {
    return delta_size(100000) + delta_size(100000) + "\xb0\xff\xff" + "\xb3\xff\xff\xa0\x86\x01" + last;
  };
  std::uint64_t at = pack.object(ObjectType::blob, body);
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t next = pack.ofs_delta(at, delta('a'));
    pack.ofs_delta(at, delta('b'));
    at = next;
  }
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  const PackFile opened = PackFile::open(folder / "p.pack").value();
  std::uint64_t resolved = 0;
  resolve_pack(opened, {.memory = 10 << 20},
               {.object =
                    [&](const ResolvedEntry& object) {
                      ++resolved;
                      CHECK(object.data.size() == 100000);
                    },
                .failure = {}});
  CHECK(resolved == 8001);
}

TEST_CASE("what a visitor throws in any thread reaches the caller", "[resolve]") {
  PackBuilder pack;
  for (int i = 0; i < 2000; ++i) pack.object(ObjectType::blob, std::to_string(i));
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  const PackFile opened = PackFile::open(folder / "p.pack").value();
  const ResolveVisitor visitor = {.object = [](const ResolvedEntry&) { throw std::bad_alloc(); }, .failure = {}};
  for (const unsigned threads : {1u, 4u})
    CHECK_THROWS_AS(resolve_pack(opened, {.threads = threads}, visitor), std::bad_alloc);
}

TEST_CASE("objects above a thread's share of the memory are made one at a time", "[resolve]") {
  PackBuilder pack;
  for (int i = 0; i < 1500; ++i) pack.object(ObjectType::blob, std::string(20000, static_cast<char>('a' + i % 26)));
  TemporaryFolder folder;
  write_file(folder / "p.pack", pack.finish());
  const PackFile opened = PackFile::open(folder / "p.pack").value();
  std::atomic<int> at_once = 0, most = 0, all = 0;
  resolve_pack(opened, {.threads = 4, .memory = 40000},
               {.object =
                    [&](const ResolvedEntry&) {
                      const int now = ++at_once;
                      if (now > most) most = now;
                      std::this_thread::yield();
                      ++all;
                      --at_once;
                    },
                .failure = {}});
  CHECK(all == 1500);
  CHECK(most == 1);
}

TEST_CASE("only the types that are asked for are made, and what is left out is no failure", "[resolve]") {
  TemporaryFolder folder;
  const std::string repository = make_repository(folder / "r", 30);
  must_run("cd " + repository + " && git repack -q -a -d -f --depth=50 --window=50");
  const std::string path = must_run("ls " + repository + "/.git/objects/pack/*.pack");
  const PackFile pack = PackFile::open(path.substr(0, path.size() - 1)).value();
  std::atomic<std::uint32_t> trees = 0, others = 0, failures = 0;
  resolve_pack(pack, {.threads = 3, .types = {ObjectType::tree}},
               {.object = [&](const ResolvedEntry& object) { ++(object.type == ObjectType::tree ? trees : others); },
                .failure = [&](std::uint32_t, const Failure&) { ++failures; }});
  CHECK(std::to_string(trees) + "\n" == must_run("cd " + repository + " && git cat-file --batch-all-objects --batch-check | grep -c ' tree '"));
  CHECK(others == 0);
  CHECK(failures == 0);
}

TEST_CASE("depth and base are those of the chain", "[resolve]") {
  TemporaryFolder folder;
  PackBuilder builder;
  const std::uint64_t base = builder.object(ObjectType::blob, "base ");
  const std::uint64_t first = builder.ofs_delta(base, appending_delta(5, "one "));
  builder.ofs_delta(first, appending_delta(9, "two"));
  const std::string path = folder / "p.pack";
  write_file(path, builder.finish());
  const PackFile pack = PackFile::open(path).value();
  std::vector<std::string> told;
  resolve_pack(pack, {}, {.object = [&](const ResolvedEntry& object) {
                            told.push_back(std::to_string(object.depth) + ":" + std::string(as_text(object.base)) + "|" +
                                           std::string(as_text(object.data)));
                          },
                          .failure = {}});
  CHECK(told == std::vector<std::string>{"0:|base ", "1:base |base one ", "2:base one |base one two"});
}

TEST_CASE("only the entries that are asked for are made, the rest is no failure", "[resolve]") {
  TemporaryFolder folder;
  PackBuilder builder;
  const std::uint64_t root = builder.object(ObjectType::blob, "root");
  const std::uint64_t first = builder.ofs_delta(root, appending_delta(4, "1"));
  builder.ofs_delta(root, "\x04\x04\x01");                       // broken: an insert without its byte
  builder.ofs_delta(first, appending_delta(5, "2"));              // wanted
  builder.ofs_delta(first, appending_delta(5, "3"));
  builder.object(ObjectType::blob, "another");
  const std::string path = folder / "p.pack";
  write_file(path, builder.finish());
  const PackFile pack = PackFile::open(path).value();
  const std::vector<bool> only = {true, true, false, true, false, false};
  for (const unsigned threads : {1u, 3u}) {
    std::mutex lock;
    std::map<std::uint32_t, std::string> made;
    resolve_pack(pack, {.threads = threads, .only = &only},
                 {.object =
                      [&](const ResolvedEntry& object) {
                        const std::lock_guard guard(lock);
                        made.emplace(object.entry, as_text(object.data));
                      },
                  .failure = [](std::uint32_t, const Failure&) { FAIL("nothing that is asked for is broken"); }});
    CHECK(made == std::map<std::uint32_t, std::string>{{0, "root"}, {1, "root1"}, {3, "root12"}});
  }
}
