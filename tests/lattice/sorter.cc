// Sorting with little memory gives what sorting with much does.
#include "lattice/sorter.h"

#include "random_lattice.h"

using namespace packscope;
using namespace packscope::test;

namespace {

std::map<std::uint64_t, std::string> sorted(const std::string& folder, std::uint64_t memory, unsigned seed) {
  learn::Random random(seed);
  Sorter sorter(folder, memory);
  for (unsigned i = 0; i < 40000; ++i) {
    REQUIRE(sorter.make_room());
    const std::uint32_t label = sorter.label("nname " + std::to_string(random.below(300)));
    sorter.add(key_of(Dimension::raw32, std::uint64_t{random.below(900)} << 40), label, random.below(90), random.below(500));
  }
  Result<std::vector<CursorPtr>> parts = sorter.finish();
  REQUIRE(parts);
  const CursorPtr all = merge(std::move(*parts));
  std::map<std::uint64_t, std::string> records;
  for (Record record; *all->next(record);) {
    REQUIRE((records.empty() || records.rbegin()->first < record.key));
    records[record.key] = std::string(as_text(record.value));
  }
  return records;
}

} // namespace

TEST_CASE("runs make the same records as memory does", "[sorter]") {
  TemporaryFolder folder;
  const auto whole = sorted(folder.path(), std::uint64_t{64} << 20, 1);
  CHECK(whole.size() == 900);
  CHECK((sorted(folder.path(), 0, 1) == whole)); // the least: some 11 runs
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("many runs are merged level by level", "[sorter]") {
  TemporaryFolder folder;
  Sorter sorter(folder.path(), 0);
  for (unsigned i = 0; i < 120000; ++i) { // some 33 runs
    REQUIRE(sorter.make_room());
    sorter.add(key_of(Dimension::raw32, std::uint64_t{i % 7} << 40), sorter.label("lc"), i % 3, i % 50);
  }
  Result<std::vector<CursorPtr>> parts = sorter.finish();
  REQUIRE(parts);
  CHECK(parts->size() <= 17);
  const CursorPtr all = merge(std::move(*parts));
  unsigned count = 0;
  for (Record record; *all->next(record); ++count) {
    const std::optional<Evidence> evidence = Evidence::decode(record.value);
    REQUIRE(evidence);
    CHECK(evidence->votes()[0].repositories.count() == 3);
    CHECK(evidence->votes()[0].objects.count() == 50);
  }
  CHECK(count == 7);
}

TEST_CASE("a folder that is not there is an error", "[sorter]") {
  Sorter sorter("/nowhere/at/all", 0);
  Result<void> done;
  for (unsigned i = 0; i < 5000 && done; ++i) {
    done = sorter.make_room();
    sorter.add(i, sorter.label("lc"), 0, 0);
  }
  REQUIRE_FALSE(done);
  CHECK(done.error().file == "/nowhere/at/all");
}
