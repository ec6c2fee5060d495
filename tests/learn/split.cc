// The split: stable, by group, near the share asked for.
#include "learn/dataset.h"
#include "learn/training.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::learn;

TEST_CASE("sides are those of yesterday") {
  // Recorded once: another hash would put training files among the held-out ones of every model in use.
  CHECK(stable_hash("") == 0xf52a15e9a9b5e89bu);
  CHECK(stable_hash("src/base/bits.h") == 0x22385696b1fa31d0u);
  std::string sides;
  for (char name = 'a'; name <= 'z'; ++name) sides += Split{}.is_test(std::string(1, name)) ? 'T' : '.';
  CHECK(sides == ".T.....T........TTT..T.T.T");
}

TEST_CASE("the share of test groups is the one asked for; another salt is another split") {
  for (const std::uint32_t percent : {0u, 20u, 50u, 100u}) {
    const Split split{.test_percent = percent}, other{.salt = "validation", .test_percent = percent};
    unsigned test = 0, both = 0;
    for (unsigned i = 0; i < 20000; ++i) {
      const std::string group = "repository:file" + std::to_string(i);
      test += split.is_test(group);
      both += split.is_test(group) && other.is_test(group);
    }
    CHECK(std::abs(static_cast<int>(test) - static_cast<int>(200 * percent)) < 300);
    CHECK(std::abs(static_cast<int>(both) - static_cast<int>(2 * percent * percent)) < 300);
  }
}

TEST_CASE("no group is on both sides, and no content is there twice") {
  const Rung& rung = *find_rung("R0");
  DatasetBuilder builder(*find_task("declaration"), rung);
  for (int i = 0; i < 400; ++i) {
    const std::string text = "fn f" + std::to_string(i % 300) + "() {}";
    builder.add({{text.begin(), text.end()}, "function", "fn", "file" + std::to_string(i % 40)});
  }
  builder.add({{'x'}, "no kind of the list", "", "file0"});
  const Dataset dataset = builder.take();
  CHECK(dataset.samples.size() == 300);
  CHECK(dataset.duplicates == 100);
  CHECK(dataset.other == 1);
  const std::vector<std::uint32_t> train = side_of(dataset, {}, Side::train), test = side_of(dataset, {}, Side::test);
  CHECK(train.size() + test.size() == 300);
  CHECK(side_of(dataset, {}, Side::all).size() == 300);
  REQUIRE(!test.empty());
  for (const std::uint32_t a : train)
    for (const std::uint32_t b : test) REQUIRE(dataset.samples[a].group != dataset.samples[b].group);
}
