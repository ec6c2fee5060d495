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

TEST_CASE("every length around a block, any number of messages, any mixture", "[hash]") {
  if (!Sha1Lanes::available()) SKIP("this processor hashes one message at a time");
  for (const std::size_t batch : {1u, 2u, 3u, 5u, 17u, 400u})
    for (const std::uint64_t keep : {0u, 1000u, 100000u}) {
      check(sha1_narrow(), sha1_wide(), batch, keep);
      if (sha1_narrow() != nullptr) check(sha1_narrow(), nullptr, batch, keep);
      if (sha1_wide() != nullptr) check(nullptr, sha1_wide(), batch, keep);
    }
}
