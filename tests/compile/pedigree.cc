// Declarations through versions that are given by hand.
#include "compile/pedigree.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using compile::Pedigree;
using syntax::DeclarationKind;

namespace {

pack::ObjectId id(std::uint8_t number) {
  pack::ObjectId made;
  made.bytes[0] = number;
  return made;
}

struct Version {
  std::uint8_t first, last; // commits, numbered as they come
  std::vector<std::pair<std::string, std::uint64_t>> functions; // name, hash of its text
};

std::vector<Pedigree> followed(const std::vector<std::pair<std::string, Version>>& versions) {
  std::vector<Pedigree> found;
  compile::Pedigrees pedigrees([&](const Pedigree& one) { found.push_back(one); });
  std::uint8_t number = 100;
  for (const auto& [path, version] : versions) {
    compile::Outline outline;
    for (const auto& [name, text] : version.functions) {
      syntax::Declaration one;
      one.kind = DeclarationKind::function;
      one.name = name;
      outline.declarations.push_back(one);
      outline.texts.push_back(text);
    }
    pack::BlobPath blob{.id = id(number++), .at = {}, .path = path, .first_commit = id(version.first), .last_commit = id(version.last),
                        .last_place = version.last};
    pedigrees.add({blob, syntax::Language::c, false}, outline);
  }
  pedigrees.finish();
  return found;
}

} // namespace

TEST_CASE("a declaration begins, changes, and ends; a file has its own") {
  const std::vector<Pedigree> found = followed({
      {"a.c", {1, 2, {{"f", 10}, {"g", 20}}}},
      {"a.c", {3, 4, {{"f", 11}, {"g", 20}}}},
      {"a.c", {5, 9, {{"h", 30}, {"f", 11}}}},
      {"b.c", {6, 7, {{"g", 20}}}},
  });
  REQUIRE(found.size() == 4);
  CHECK(found[0].name == "f");
  CHECK(found[0].first_commit == id(1));
  CHECK(found[0].last_commit == id(9));
  CHECK(found[0].versions == 3);
  REQUIRE(found[0].changes.size() == 2);
  CHECK(found[0].changes[1].commit == id(3));
  CHECK(found[0].changes[1].object == id(101));
  CHECK(found[1].name == "g");
  CHECK(found[1].last_commit == id(4));
  CHECK(found[1].changes.size() == 1);
  CHECK(found[2].name == "h");
  CHECK(found[2].first_commit == id(5));
  CHECK(found[3].path == "b.c");
}

TEST_CASE("a version that came back later than its successor: the last commit is the latest, not the last version's") {
  const std::vector<Pedigree> found = followed({{"a.c", {1, 8, {{"f", 1}}}}, {"a.c", {2, 3, {{"f", 2}}}}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].last_commit == id(8));
  CHECK(found[0].changes.size() == 2);
}

TEST_CASE("several of one name in a version are told apart by their order") {
  const std::vector<Pedigree> found = followed({{"a.c", {1, 1, {{"f", 1}, {"f", 2}}}}, {"a.c", {2, 2, {{"f", 1}}}}});
  REQUIRE(found.size() == 2);
  CHECK(found[0].versions == 2);
  CHECK(found[1].versions == 1);
}

TEST_CASE("what a declaration stands in is a part of what it is") {
  compile::Outline outline;
  outline.declarations.resize(4);
  outline.texts = {1, 2, 3, 4};
  const char* names[] = {"A", "run", "B", "run"};
  for (std::size_t i = 0; i < 4; ++i) {
    outline.declarations[i].name = names[i];
    outline.declarations[i].kind = i % 2 == 0 ? DeclarationKind::type : DeclarationKind::function;
    outline.declarations[i].parent = i % 2 == 0 ? -1 : static_cast<std::int32_t>(i - 1);
  }
  std::vector<Pedigree> found;
  compile::Pedigrees pedigrees([&](const Pedigree& one) { found.push_back(one); });
  pedigrees.add({{.id = id(1), .at = {}, .path = "a.cc"}, syntax::Language::cpp, false}, outline);
  pedigrees.finish();
  REQUIRE(found.size() == 4);
  CHECK(found[1].within == std::vector<std::string>{"A"});
  CHECK(found[3].within == std::vector<std::string>{"B"});
}
