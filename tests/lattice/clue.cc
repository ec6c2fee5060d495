// Clues against the whole decoder, and how they nest.
#include "lattice/clue.h"
#include "lattice/store.h"

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

// What a lattice means by a key: where one of these changes, so does kSchema (store.h).
TEST_CASE("a stream's keys are those of schema 3", "[clue]") {
  static_assert(kSchema == 3);
  constexpr std::string_view kHex =
      "78da9d93410ac2301045f739457655dc349349d2f6325268dca85d142b48f1ee8a20e4ef7e9a6d78cc9b3f3353bed879bce7737b788eb7351f0763bf"
      "6fc98f7599edd65cf3ab19ecefcb9e6cfb3666fa133e31882b91a40ca2252294585f2281138bd00c83482811a5cc3c9449949a423b42b9a51289949a"
      "40d09132f39040bd59c785068b26945a80e1c41d03eda932109a526ad24104befe0828350f6b132935078c93ea93564a4d0512d8919a97faa38e941b"
      "202ed0bbf6012aa892c8";
  std::string stream;
  for (std::size_t i = 0; i < kHex.size(); i += 2) stream += static_cast<char>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16));
  const Clues clues = clues_of(stream);
  REQUIRE(clues.dynamic());
  std::vector<std::uint64_t> keys;
  for (const Dimension dimension : {Dimension::raw64, Dimension::raw32, Dimension::raw16, Dimension::lengths, Dimension::symbols16, Dimension::symbols8, Dimension::symbols6,
                                    Dimension::symbols4, Dimension::symbols2, Dimension::punctuation, Dimension::shortest}) {
    REQUIRE(clues.has(dimension));
    keys.push_back(clues.of(dimension));
  }
  for (unsigned i = 0; i < clues.inner_count; ++i) keys.push_back(clues.inner[i]);
  for (unsigned group = 0; group < kGroups; ++group) keys.push_back(profile_key(group, clues.profile[group]));
  CHECK(keys == std::vector<std::uint64_t>{
      0x2a5859bdc6ed1caf, 0x314f09f467c9dd33, 0x3ec69e0e13bf5a09, 0x47befba1e5e39c9d, 0x4e1a25938b9558f7, 0x51f705205d0bb275,
      0x5dd8ff894c62f8b2, 0x6340da785912cf86, 0x6fcb490f806f0cac, 0x7b6ddaf565bf6d60, 0x85bea76580858c3a, 0x76b6fad5b2362a2e,
      0x713920279a2b461a, 0x70a540923013b93a, 0x880000000000038a, 0x8800000000000400, 0x88000000000008c3, 0x8800000000000c00,
      0x8800000000001000, 0x8800000000001603, 0x8800000000001b20, 0x8800000000001c00});
}

TEST_CASE("a symbol that only the end of the input made wrong is a stream cut short", "[clue]") {
  Clues clues;
  CHECK(read_clues(as_bytes(std::string_view("\x78\x9c\x23\xf0", 4)), clues) == deflate::Fault::truncated);
}
