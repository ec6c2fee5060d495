// The lookup table against decoding bit by bit, over random complete codes and the worst ones.
#include "deflate/code_table.h"

#include "bit_writer.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace packscope;
using namespace packscope::deflate;

namespace {
// A complete code of `used` >= 2 codewords, none above 15 bits: split codewords until there are enough.
std::vector<std::uint8_t> random_code(std::mt19937_64& random, unsigned symbols, unsigned used) {
  std::vector<std::uint8_t> code = {1, 1};
  const bool deep = random() % 2 == 0;
  while (code.size() < used) {
    const std::size_t at =
        deep ? code.size() - 1 - random() % std::min<std::size_t>(code.size(), 4) : random() % code.size();
    if (code[at] == kMaxCodeLength) {
      const auto shortest = std::min_element(code.begin(), code.end());
      code.push_back(++*shortest);
    } else {
      code.push_back(++code[at]);
    }
  }
  code.resize(symbols);
  std::shuffle(code.begin(), code.end(), random);
  return code;
}

// Every codeword, followed by random bits, finds its own symbol; nothing is written behind `table_size`.
void check_code(const std::vector<std::uint8_t>& lengths, const CodeEntry* meanings, unsigned root,
                std::size_t table_size, std::mt19937_64& random) {
  constexpr CodeEntry kGuard = 0xdeadbeef;
  std::vector<CodeEntry> table(table_size + 1024, kGuard);
  build_code_table(lengths, meanings, root, table.data());
  REQUIRE(std::all_of(table.begin() + static_cast<std::ptrdiff_t>(table_size), table.end(),
                      [](CodeEntry entry) { return entry == kGuard; }));
  for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] == 0) continue;
    test::BitWriter writer;
    writer.symbol(lengths, symbol).bits(random(), 64);
    BitReader reader(writer.bytes());
    const CodeEntry entry = look_up(table.data(), root, reader.peek_word());
    REQUIRE(value(entry) == value(meanings[symbol]));
    REQUIRE(kind(entry) == kind(meanings[symbol]));
    REQUIRE(codeword_bits(entry) == lengths[symbol]);
    REQUIRE(total_bits(entry) == lengths[symbol] + extra_bits(meanings[symbol]));
  }
}
const CodeEntry* const kLiterals = kMeanings.literal.data();
const CodeEntry* const kDistances = kMeanings.distance.data();
} // namespace

TEST_CASE("every codeword of random complete codes finds its symbol") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    const unsigned used = 2 + static_cast<unsigned>(random() % 285),
                   few = 2 + static_cast<unsigned>(random() % 29);
    check_code(random_code(random, 286, used), kLiterals, kLiteralRoot, kLiteralTableSize, random);
    check_code(random_code(random, 30, few), kDistances, kDistanceRoot, kDistanceTableSize, random);
  }
}

TEST_CASE("the codes that need the largest tables fill them exactly") {
  // As zlib's examples/enough.c prints them: codewords by length, from the shortest.
  const auto code = [](std::initializer_list<std::pair<int, std::uint8_t>> counts) {
    std::vector<std::uint8_t> lengths;
    for (const auto& [count, length] : counts)
      lengths.insert(lengths.end(), static_cast<std::size_t>(count), length);
    return lengths;
  };
  const std::vector<std::uint8_t> literal =
      code({{1, 1}, {1, 2}, {1, 3}, {245, 11}, {17, 12}, {1, 13}, {16, 14}, {4, 15}});
  const std::vector<std::uint8_t> distance =
      code({{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {13, 9}, {5, 10}, {1, 11}, {1, 12}, {1, 13}, {4, 15}});
  REQUIRE(literal.size() == 286);
  REQUIRE(distance.size() == 30);
  std::mt19937_64 random(4);
  check_code(literal, kLiterals, kLiteralRoot, kLiteralTableSize, random);
  check_code(distance, kDistances, kDistanceRoot, kDistanceTableSize, random);
  std::vector<CodeEntry> table(kLiteralTableSize, 0xdeadbeef);
  build_code_table(literal, kLiterals, kLiteralRoot, table.data());
  CHECK(table.back() != 0xdeadbeef);
  table.assign(kDistanceTableSize, 0xdeadbeef);
  build_code_table(distance, kDistances, kDistanceRoot, table.data());
  CHECK(table.back() != 0xdeadbeef);
}

TEST_CASE("lengths and distances are those of RFC 1951") {
  const auto at = [](CodeEntry entry) { return std::pair(value(entry), extra_bits(entry)); };
  CHECK(at(kLiterals[257]) == std::pair(3u, 0u));
  CHECK(at(kLiterals[265]) == std::pair(11u, 1u));
  CHECK(at(kLiterals[277]) == std::pair(67u, 4u));
  CHECK(at(kLiterals[284]) == std::pair(227u, 5u));
  CHECK(at(kLiterals[285]) == std::pair(258u, 0u));
  CHECK(at(kDistances[3]) == std::pair(4u, 0u));
  CHECK(at(kDistances[4]) == std::pair(5u, 1u));
  CHECK(at(kDistances[29]) == std::pair(24577u, 13u));
  for (const CodeEntry entry : {kLiterals[286], kLiterals[287], kDistances[30], kDistances[31]})
    CHECK(kind(entry) == CodeKind::invalid);
}
