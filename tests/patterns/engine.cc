#include "patterns/engine.h"

#include "made.h"
#include "page_end.h"

#include <catch2/catch_test_macros.hpp>

namespace packscope::patterns {
namespace {

using namespace test;

Progress silent() { return Progress("", 0, "", ProgressMode::never); }

TEST_CASE("What the engine counts is what trying every way counts, over blocks and files") {
  // Few values, so that matches overlap and stand over the blocks' ends; two blocks and a bit.
  std::vector<std::uint8_t> bytes = random_bytes(600'000, 5);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>('a' + byte % 5);
  const std::vector<std::uint8_t> small = {'a', 'b', 'a', 'b', 'a'};
  const std::vector<Input> inputs = {{small, "small"}, {bytes, "large"}, {{}, "empty"}};
  const std::vector<Pattern> patterns = {
      literal("aba"),
      literal("ab") + gap(0, 9) + literal("ba"),
      literal("a") + one_of(ByteSet::range('c', 'e')) + gap(3, 3) + literal("bb"),
      literal("abc") + gap(1, 4) + literal("d") + gap(0, 3) + literal("ea"),
      literal("abcdeabcdeabcdeabcde"),
      literal("z"),
  };
  for (const unsigned threads : {1u, 4u}) {
    Progress progress = silent();
    const Result<std::vector<Counted>> counted = count_matches(patterns, inputs, threads, progress);
    REQUIRE(counted);
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      CAPTURE(i);
      Counted expected;
      for (std::size_t file = 0; file < inputs.size(); ++file) {
        const auto matches = slow_matches(patterns[i], inputs[file].bytes);
        for (const auto& [begin, end] : matches) expected.bytes_covered += end - begin;
        expected.support += matches.size();
        expected.files += matches.empty() ? 0 : 1;
        if (matches.empty() || expected.example_file < file) continue;
        expected.example_file = file;
        expected.example_offset = matches[0].first;
      }
      CHECK((*counted)[i].confirmed);
      CHECK((*counted)[i].support == expected.support);
      CHECK((*counted)[i].bytes_covered == expected.bytes_covered);
      CHECK((*counted)[i].files == expected.files);
      CHECK((*counted)[i].example_file == expected.example_file);
      CHECK((*counted)[i].example_offset == expected.example_offset);
    }
  }
}

TEST_CASE("No byte behind a file is read") {
  packscope::test::PageEnd page;
  // As many literals as each of the engine's vector matchers takes; the file ends before, in and behind a match.
  std::vector<Pattern> patterns;
  for (const char first : std::string_view("bcmrfspvhtl")) patterns.push_back(literal(std::string(1, first) + "at"));
  for (const std::size_t count : {std::size_t{1}, std::size_t{5}, patterns.size()}) {
    for (std::size_t size = 1; size < 200; ++size) {
      std::string text;
      while (text.size() < size) text += "hat pat bat rat mat cat ";
      text.resize(size);
      const std::vector<std::uint8_t> elsewhere(text.begin(), text.end());
      const Input inputs[] = {{.bytes = as_bytes(page.put(text)), .name = {}}, {.bytes = elsewhere, .name = {}}};
      Progress progress = silent();
      const Result<std::vector<Counted>> counted = count_matches({patterns.data(), count}, inputs, 1, progress);
      REQUIRE(counted);
      CHECK((*counted)[0].support == 2 * slow_matches(patterns[0], elsewhere).size());
    }
  }
}

TEST_CASE("A pattern that the engine refuses is not confirmed, and the others are counted") {
  // Of what Pattern can say nothing is too large for the engine but a gap beyond its limit.
  std::vector<Pattern> patterns = {literal("ab"), literal("a") + gap(0, 65535) + literal("b") + gap(0, 65535) + literal("c"), literal("ba")};
  const std::vector<std::uint8_t> bytes = {'a', 'b', 'a', 'b'};
  const Input input{.bytes = bytes, .name = {}};
  Progress progress = silent();
  const Result<std::vector<Counted>> counted = count_matches(patterns, {&input, 1}, 1, progress);
  REQUIRE(counted);
  CHECK((*counted)[0].support == 2);
  CHECK((*counted)[0].confirmed);
  CHECK_FALSE((*counted)[1].confirmed);
  CHECK((*counted)[2].support == 1);
  const Result<std::vector<bool>> anywhere = match_anywhere(patterns, {&input, 1}, 1, progress);
  REQUIRE(anywhere);
  CHECK(*anywhere == std::vector<bool>{true, true, true});
}

TEST_CASE("Negative examples are searched to their last byte") {
  std::vector<std::uint8_t> bytes(700'000, '.');
  bytes[bytes.size() - 2] = 'x';
  bytes[bytes.size() - 1] = 'y';
  const Input input{.bytes = bytes, .name = {}};
  Progress progress = silent();
  const std::vector<Pattern> patterns = {literal("xy"), literal("yx"), literal(".") + gap(30, 40) + literal("xy")};
  const Result<std::vector<bool>> anywhere = match_anywhere(patterns, {&input, 1}, 2, progress);
  REQUIRE(anywhere);
  CHECK(*anywhere == std::vector<bool>{true, false, true});
}

} // namespace
} // namespace packscope::patterns
