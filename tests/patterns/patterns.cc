#include "patterns/patterns.h"

#include "made.h"
#include "patterns/print.h"
#include "patterns/yara.h"

#include <catch2/catch_test_macros.hpp>

namespace packscope::patterns {
namespace {

using namespace test;

Findings found_in(const std::vector<Input>& inputs, const std::vector<Input>& against = {}, Options options = {}) {
  Result<Findings> findings = find_patterns(inputs, against, options);
  REQUIRE(findings);
  for (const Found& found : findings->patterns) { // whatever is found: its numbers are those of trying every way
    std::uint64_t support = 0, covered = 0;
    for (const Input& input : inputs)
      for (const auto& [begin, end] : slow_matches(found.pattern, input.bytes)) {
        ++support;
        covered += end - begin;
      }
    CHECK(found.counted.support == support);
    CHECK(found.counted.bytes_covered == covered);
    CHECK(found.counted.confirmed);
    CHECK(support >= options.min_support);
  }
  return std::move(*findings);
}

std::vector<std::string> regexes(const Findings& findings) {
  std::vector<std::string> texts;
  for (const Found& found : findings.patterns) texts.push_back(regex_of(found.pattern));
  return texts;
}

void plant(std::vector<std::uint8_t>& bytes, std::size_t at, const std::string& text) {
  std::copy(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

TEST_CASE("Random bytes hold no patterns, and neither do none, one, or all the same") {
  const std::vector<std::uint8_t> random = random_bytes(1 << 20, 1), zeros(1 << 18, 0), one = {7};
  for (const std::vector<std::uint8_t>& bytes : {random, zeros, one, std::vector<std::uint8_t>()})
    CHECK(regexes(found_in({{bytes, ""}})).empty());
  CHECK(found_in({}).patterns.empty());
}

TEST_CASE("A planted pattern is found with its class and its gap") {
  std::vector<std::uint8_t> bytes = random_bytes(1 << 20, 2);
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t at = 1000 + i * 17'000;
    plant(bytes, at, "HEAD");
    bytes[at + 4] = static_cast<std::uint8_t>(i % 3); // a class of three values
    plant(bytes, at + 5, "body");
    plant(bytes, at + 9 + 3 + i % 5, "TAIL!"); // behind three to seven bytes of anything
  }
  const std::vector<std::string> found = regexes(found_in({{bytes, ""}}));
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "(?s)HEAD[\\x00-\\x02]body.{3,7}?TAIL\\x21");
}

TEST_CASE("A short magic in front of lengths is found by its number") { // as 78 9c in a pack: two bytes are enough
  std::vector<std::uint8_t> bytes = random_bytes(1 << 20, 3);
  for (std::size_t at = 100; at + 10 < bytes.size(); at += 331) {
    bytes[at] &= 0x7f;
    plant(bytes, at + 1, "\x78\x9c");
  }
  const std::vector<std::string> found = regexes(found_in({{bytes, ""}}));
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "(?s)[\\x00-\\x7f]x\\x9c");
}

TEST_CASE("What a negative example holds is left out, and the rest stays") {
  std::vector<std::uint8_t> bytes = random_bytes(200'000, 4), other = random_bytes(100'000, 5);
  for (std::size_t i = 0; i < 20; ++i) {
    plant(bytes, i * 9'000, "common to both");
    plant(bytes, i * 9'000 + 4'000, "only in the first");
  }
  plant(other, 77'777, "common to both");
  CHECK(regexes(found_in({{bytes, ""}})).size() == 2);
  CHECK(regexes(found_in({{bytes, ""}}, {{other, ""}})) == std::vector<std::string>{regex_of(literal("only in the first"))});
}

TEST_CASE("A pattern inside a better one is redundant, one that stands alone too is not") {
  std::vector<std::uint8_t> bytes = random_bytes(400'000, 6);
  for (std::size_t i = 0; i < 40; ++i) plant(bytes, i * 9'000, "prefix and the word behind it");
  CHECK(regexes(found_in({{bytes, ""}})).size() == 1);
  for (std::size_t i = 0; i < 200; ++i) plant(bytes, i * 1'900 + 500, "the word");
  const std::vector<std::string> found = regexes(found_in({{bytes, ""}}));
  REQUIRE(found.size() == 2);
  CHECK(found[0] == regex_of(literal("the word")));
}

TEST_CASE("A sample finds it too, and support is that of the whole input") {
  std::vector<std::uint8_t> bytes = random_bytes(2 << 20, 7);
  for (std::size_t i = 0; i < 200; ++i) plant(bytes, i * 10'000, "stands everywhere");
  Options options;
  options.memory = std::uint64_t{4} << 20;
  const Findings findings = found_in({{bytes, ""}}, {}, options);
  CHECK(findings.sampled < findings.bytes / 4);
  REQUIRE(findings.patterns.size() == 1);
  CHECK(findings.patterns[0].counted.support == 200);
}

TEST_CASE("The answer is the same on any number of threads") {
  std::vector<std::uint8_t> bytes = random_bytes(400'000, 8);
  for (std::size_t i = 0; i < bytes.size() / 40; ++i) plant(bytes, i * 40, std::string("abcdefg").substr(i % 5, 1 + i % 3) + "xyz");
  const std::vector<Input> inputs = {{Bytes(bytes).first(150'000), "a"}, {Bytes(bytes).subspan(150'000), "b"}};
  Options one, four;
  four.threads = 4;
  const Findings a = found_in(inputs, {}, one), b = found_in(inputs, {}, four);
  CHECK(regexes(a) == regexes(b));
  CHECK(yara_rules(a).text == yara_rules(b).text);
  CHECK(a.patterns.size() > 2);
}

} // namespace
} // namespace packscope::patterns
