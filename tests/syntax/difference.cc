// Applied to the old text, the edits make the new one; and they are few.
#include "syntax/difference.h"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>

using namespace packscope;
using namespace packscope::syntax;

namespace {

std::vector<Edit> checked(const std::string& from, const std::string& to) {
  const std::vector<Edit> edits = difference(syntax::Lines(from), syntax::Lines(to));
  std::string made;
  std::size_t old_at = 0;
  for (const Edit& edit : edits) {
    REQUIRE(edit.old_begin >= old_at);
    REQUIRE(edit.old_end >= edit.old_begin);
    REQUIRE(edit.old_end <= from.size());
    CHECK((edit.old_end > edit.old_begin || edit.new_end > edit.new_begin));
    made += from.substr(old_at, edit.old_begin - old_at);
    REQUIRE(made.size() == edit.new_begin);
    made += to.substr(edit.new_begin, edit.new_end - edit.new_begin);
    old_at = edit.old_end;
  }
  made += from.substr(old_at);
  REQUIRE(made == to);
  return edits;
}

} // namespace

TEST_CASE("edits are what differs, line by line", "[difference]") {
  CHECK(checked("", "").empty());
  CHECK(checked("a\nb\n", "a\nb\n").empty());
  CHECK(checked("", "a\n").size() == 1);
  CHECK(checked("a\n", "").size() == 1);
  CHECK(checked("a\nb\nc\n", "a\nB\nc\n").size() == 1);
  const std::vector<Edit> two = checked("one\nsame\ntwo\nsame2\nthree\n", "One\nsame\ntwo\nsame2\nThree\n");
  REQUIRE(two.size() == 2);
  CHECK(two[0].old_begin == 0);
  CHECK(two[1].new_begin == 19);
  CHECK(checked("a\na\na\n", "a\na\n").size() == 1);
  CHECK(checked("no end", "no end of line").size() == 1);
  CHECK(checked("x\n1\n2\n3\ny\n", "x\n0\n1\n2\n3\n4\ny\n").size() == 2);
}

TEST_CASE("one byte that differs, wherever it stands, is an edit of its line", "[difference]") {
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string from(size, 'a'), to = from;
      to[at] = 'b';
      const std::vector<Edit> edits = checked("x\n" + from + "\ny", "x\n" + to + "\ny");
      REQUIRE(edits.size() == 1);
      CHECK(edits[0].old_begin == 2);
      CHECK(edits[0].new_end == 3 + size);
      CHECK(checked(from, from + to).size() == 1);
      CHECK(checked(from + "\n", from + "\n" + from + "\n").size() == 1); // beginning and end overlap
    }
}

TEST_CASE("texts are the more alike the more lines they share", "[difference]") {
  std::string text, half, other;
  for (int i = 0; i < 1000; ++i) {
    text += "line " + std::to_string(i) + "\n";
    half += (i < 500 ? "line " : "another ") + std::to_string(i) + "\n";
    other += "nothing " + std::to_string(i) + "\n";
  }
  const syntax::Lines lines(text);
  CHECK(lines.alike(syntax::Lines(text)) == syntax::Lines::kSketch);
  CHECK(lines.alike(syntax::Lines(text + "one more\n")) >= syntax::Lines::kSketch - 2);
  CHECK(lines.alike(syntax::Lines(half)) > 10);
  CHECK(lines.alike(syntax::Lines(half)) < 40); // a third is in both
  CHECK(lines.alike(syntax::Lines(other)) == 0);
}

TEST_CASE("random changes of random lines", "[difference]") {
  std::mt19937 random(3);
  const auto below = [&random](std::size_t most) { return random() % most; };
  for (int round = 0; round < 2000; ++round) {
    std::string from, to;
    for (std::size_t lines = below(60), i = 0; i < lines; ++i) {
      const std::string line = std::string(below(3), 'x') + std::to_string(below(8)) + (below(20) == 0 ? "" : "\n");
      if (below(8) != 0) from += line;
      if (below(8) != 0) to += line;
    }
    checked(from, to);
  }
}

TEST_CASE("texts of nothing in common, or of very many lines, are one edit", "[difference]") {
  std::string from, to;
  for (int i = 0; i < 30000; ++i) {
    from += "a" + std::to_string(i) + "\n";
    to += "b" + std::to_string(i) + "\n";
  }
  CHECK(checked(from, to).size() == 1);
  CHECK(checked(from.substr(0, 5000), to.substr(0, 5000)).size() == 1);
  CHECK(checked(std::string(1 << 20, 'a'), std::string(1 << 20, 'b')).size() == 1);
}
