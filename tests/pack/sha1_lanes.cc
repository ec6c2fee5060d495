// Interleaved hashing against OpenSSL's.
#include "pack/sha1_lanes.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

using namespace packscope;
using namespace packscope::test;

namespace {

// Hashes messages of every length around a block and a few long ones, `batch` at a time, each in its own bytes with no
// more room around them than is asked for.
void check(Sha1Kernel narrow, Sha1Kernel wide, std::size_t batch, std::uint64_t keep) {
  std::mt19937 random(7);
  std::vector<std::size_t> lengths = {9999, 10000, 64000, 99999};
  for (std::size_t length = 0; length < 300; ++length) lengths.push_back(length);
  std::shuffle(lengths.begin(), lengths.end(), random);
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<HashJob> jobs;
  std::vector<ObjectId> ids(lengths.size()), expected;
  std::vector<std::uint64_t> done;
  Sha1Lanes lanes(narrow, wide);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    std::vector<std::uint8_t>& room = bytes.emplace_back(kHashBefore + lengths[i] + kHashBehind);
    for (std::uint8_t& byte : room) byte = static_cast<std::uint8_t>(random());
    std::uint8_t* const data = room.data() + kHashBefore;
    const ObjectType type = static_cast<ObjectType>(1 + i % 4);
    expected.push_back(hash_object(type, Bytes(data, lengths[i])));
    lanes.add({type, data, lengths[i], &ids[i], i});
    if (i % batch == 0) lanes.run(keep, done);
    CHECK((i % batch != 0 || keep > 0 || lanes.bytes() == 0));
  }
  lanes.run(0, done);
  CHECK(lanes.bytes() == 0);
  CHECK(ids == expected);
  std::ranges::sort(done);
  CHECK(std::ranges::adjacent_find(done) == done.end());
  CHECK(done.size() == ids.size());
}

} // namespace

TEST_CASE("empty objects have ids too, also where there is nothing else", "[hash]") {
  if (!Sha1Lanes::available()) SKIP("this processor hashes one message at a time");
  for (const std::size_t count : {1u, 3u, 16u, 17u, 100u}) {
    std::vector<std::vector<std::uint8_t>> rooms(count, std::vector<std::uint8_t>(kHashBefore + kHashBehind));
    std::vector<ObjectId> ids(count);
    std::vector<std::uint64_t> done;
    Sha1Lanes lanes;
    for (std::size_t i = 0; i < count; ++i)
      lanes.add({i % 2 == 0 ? ObjectType::tree : ObjectType::blob, rooms[i].data() + kHashBefore, 0, &ids[i], i});
    lanes.run(0, done);
    CHECK(done.size() == count);
    for (std::size_t i = 0; i < count; ++i) // what git calls its empty tree and empty blob
      CHECK(ids[i].hex() == (i % 2 == 0 ? "4b825dc642cb6eb9a060e54bf8d69288fbee4904" : "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"));
  }
}

TEST_CASE("a long message beside objects, of any length, with any company", "[hash]") {
  if (!Sha1Lanes::available()) SKIP("this processor hashes one message at a time");
  std::mt19937 random(11);
  for (const std::size_t objects : {0u, 1u, 30u, 200u})
    for (const std::size_t length : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 119u, 120u, 128u, 5000u, 300000u}) {
      std::vector<std::uint8_t> message(length);
      for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random());
      const std::vector<std::uint8_t> before = message;
      Hasher hasher(HashKind::sha1);
      hasher.update(message);
      const ObjectId expected = hasher.finish();
      std::vector<std::vector<std::uint8_t>> rooms(objects, std::vector<std::uint8_t>(kHashBefore + 700 + kHashBehind));
      std::vector<ObjectId> ids(objects);
      ObjectId id;
      std::vector<std::uint64_t> done;
      Sha1Lanes lanes;
      lanes.add_beside(message, &id, UINT64_MAX);
      for (std::size_t i = 0; i < objects; ++i) {
        lanes.add({ObjectType::blob, rooms[i].data() + kHashBefore, i % 700, &ids[i], i});
        if (i % 50 == 7) lanes.run(i % 100 == 7 ? 0 : 1000, done);
      }
      lanes.run(0, done);
      CHECK(lanes.bytes() == 0);
      lanes.run(0, done, true);
      CHECK(done.size() == objects + 1);
      CHECK(std::ranges::count(done, UINT64_MAX) == 1);
      CHECK(id == expected);
      CHECK(message == before);
      for (std::size_t i = 0; i < objects; ++i) CHECK(ids[i] == blob_id(std::string(i % 700, '\0')));
    }
}

TEST_CASE("every length around a block, any number of messages, any mixture", "[hash]") {
  if (!Sha1Lanes::available()) SKIP("this processor hashes one message at a time");
  for (const std::size_t batch : {1u, 2u, 3u, 5u, 17u, 400u})
    for (const std::uint64_t keep : {0u, 1000u, 100000u}) {
      check(sha1_narrow(), sha1_wide(), batch, keep);
      if (sha1_narrow() != nullptr) check(sha1_narrow(), nullptr, batch, keep);
      if (sha1_wide() != nullptr) check(nullptr, sha1_wide(), batch, keep);
    }
}
