// Interleaved hashing against OpenSSL's.
#include "pack/sha1_lanes.h"
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("every length around a block, any number of messages, any mixture", "[hash]") {
  if (!has_sha1_lanes()) SKIP("this processor has no SHA instructions");
  std::mt19937 random(7);
  std::string bytes(100000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  std::vector<HashJob> jobs;
  for (std::size_t length = 0; length < 300; ++length)
    jobs.push_back({static_cast<ObjectType>(1 + length % 4), as_bytes(bytes).subspan(length, length)});
  for (const std::size_t length : {9999u, 10000u, 64000u, 99999u})
    jobs.push_back({ObjectType::blob, as_bytes(bytes).first(length)});
  for (const std::size_t batch : {1u, 2u, 3u, 4u, 5u, 17u, 400u}) {
    std::shuffle(jobs.begin(), jobs.end(), random);
    std::vector<ObjectId> ids(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].id = &ids[i];
    for (std::size_t first = 0; first < jobs.size(); first += batch)
      sha1_objects(std::span(jobs).subspan(first, std::min(batch, jobs.size() - first)));
    for (const HashJob& job : jobs) CHECK(*job.id == hash_object(job.type, job.data));
  }
}
