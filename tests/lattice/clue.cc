// Clues against the whole decoder, and how they nest.
#include "lattice/clue.h"

#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"
#include "pack/builder.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace packscope;
using namespace packscope::lattice;

namespace {

std::string text(unsigned seed, unsigned lines) {
  std::string out;
  for (unsigned i = 0; i < lines; ++i) out += "fn name_" + std::to_string((seed * 7919 + i * 31) % 1000) + "(value: u32) -> Option<u8> { " + std::string(i % 5, 'x') + " }\n";
  return out;
}
Clues clues_of(const std::string& stream) {
  Clues clues;
  REQUIRE(read_clues(as_bytes(stream), clues) == deflate::Fault::none);
  return clues;
}

} // namespace

TEST_CASE("the same stream gives the same clues; another end, the same coarse ones", "[clue]") {
  const std::string begin = "// the same beginning of two texts\n";
  const Clues a = clues_of(test::deflated(begin + text(1, 60))), b = clues_of(test::deflated(begin + text(1, 60))), c = clues_of(test::deflated(begin + text(2, 90)));
  CHECK(a.key == b.key);
  CHECK(a.present == b.present);
  for (const Dimension dimension : {Dimension::symbols16, Dimension::symbols8, Dimension::symbols4, Dimension::punctuation}) {
    CHECK(a.has(dimension));
    CHECK(a.of(dimension) == c.of(dimension));
    CHECK(dimension_of(a.of(dimension)) == dimension);
  }
  CHECK(a.of(Dimension::lengths) != c.of(Dimension::lengths));
  CHECK(a.of(Dimension::raw64) != c.of(Dimension::raw64));
}

TEST_CASE("profiles follow from the block's code lengths", "[clue]") {
  const std::string stream = test::deflated(text(3, 50));
  const Clues clues = clues_of(stream);
  deflate::SymbolReader reader(as_bytes(stream), deflate::kZlibHeaderBits);
  deflate::Symbol symbol{};
  REQUIRE(reader.next(symbol) == deflate::SymbolReader::Step::block);
  REQUIRE(reader.block().type == deflate::BlockType::dynamic);
  REQUIRE(clues.dynamic());
  const auto level = [&](char c) {
    const unsigned length = reader.block().literal[static_cast<std::uint8_t>(c)];
    return length == 0 ? 0u : length <= 6 ? 3u : length <= 8 ? 2u : 1u;
  };
  unsigned expected = 0;
  for (const char c : {'{', '}', ';', '(', ')'}) expected = expected << 2 | level(c);
  CHECK(clues.profile[0] == expected);
  CHECK(level(';') == 0);
  CHECK(level('{') != 0);
  CHECK(dimension_of(profile_key(kGroups - 1, kProfiles - 1)) == Dimension::profile);
  CHECK(profile_key(1, 0) == profile_key(0, kProfiles - 1) + 1);
}

TEST_CASE("four symbols in a row are the same clue wherever they stand", "[clue]") {
  const Clues a = clues_of(test::deflated("abcdEFGHijkl")), b = clues_of(test::deflated("zyxw1234EFGHq"));
  REQUIRE(a.inner_count >= 2);
  REQUIRE(b.inner_count >= 2);
  CHECK(a.inner[0] == b.inner[1]);
  CHECK(a.inner[0] != a.inner[1]);
  CHECK(a.of(Dimension::symbols8) != b.of(Dimension::symbols8));
}

TEST_CASE("streams of fewer symbols than asked for end as a symbol does", "[clue]") {
  const Clues a = clues_of(test::deflated("abcde")), b = clues_of(test::deflated("abcdef"));
  CHECK(a.of(Dimension::symbols4) == b.of(Dimension::symbols4));
  CHECK(a.of(Dimension::symbols8) != b.of(Dimension::symbols8));
  CHECK(clues_of(test::deflated("")).present == 0);
}

TEST_CASE("a stream cut anywhere is a fault, and no more", "[clue]") {
  const std::string stream = test::deflated(text(4, 40));
  for (std::size_t size = 0; size < 120; ++size) {
    Clues clues;
    read_clues(as_bytes(stream).first(size), clues);
  }
  Clues clues;
  CHECK(read_clues(as_bytes(stream).first(30), clues) == deflate::Fault::truncated);
}

TEST_CASE("a hash depends on every byte, on their number and on the seed", "[clue]") {
  std::string bytes(70, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 37);
  std::set<std::uint64_t> all;
  std::size_t count = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    all.insert(hash_bytes(as_bytes(bytes).first(size))), ++count;
    all.insert(hash_bytes(as_bytes(bytes).first(size), 1)), ++count;
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = bytes.substr(0, size);
      other[i] = static_cast<char>(other[i] ^ 1);
      all.insert(hash_bytes(as_bytes(other))), ++count;
    }
  }
  for (std::size_t zeros = 2; zeros <= 64; ++zeros) all.insert(hash_bytes(as_bytes(std::string(zeros, '\0')))), ++count; // one is the first of `bytes`
  CHECK(all.size() == count);
}
