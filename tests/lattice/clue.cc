// Clues against the whole decoder, and how they nest.
#include "lattice/clue.h"

#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"
#include "pack/builder.h"

#include <catch2/catch_test_macros.hpp>

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

TEST_CASE("characters' lengths are the block's", "[clue]") {
  const std::string stream = test::deflated(text(3, 50));
  const Clues clues = clues_of(stream);
  deflate::SymbolReader reader(as_bytes(stream), deflate::kZlibHeaderBits);
  deflate::Symbol symbol{};
  REQUIRE(reader.next(symbol) == deflate::SymbolReader::Step::block);
  REQUIRE(reader.block().type == deflate::BlockType::dynamic);
  REQUIRE(clues.dynamic);
  for (unsigned i = 0; i < kCharacters; ++i) CHECK(clues.lengths[i] == reader.block().literal[character(i)]);
  CHECK(character(0) == '\t');
  CHECK(character(2) == '\r');
  CHECK(character(3) == ' ');
  CHECK(character(kCharacters - 1) == '~');
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
