// Languages by path, as linguist tells them.
#include "syntax/language.h"

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>

using namespace packscope::syntax;

TEST_CASE("names and back") {
  std::set<std::string_view> seen;
  for (unsigned i = 0; i < kLanguages; ++i) {
    Language back = Language::other;
    REQUIRE(parse_language(name(static_cast<Language>(i)), back));
    CHECK(back == static_cast<Language>(i));
    seen.insert(name(back));
  }
  CHECK(seen.size() == kLanguages);
  Language out = Language::c;
  CHECK(!parse_language("C", out));
  CHECK(!parse_language("", out));
}

TEST_CASE("the extension tells, folded; the file name goes first") {
  const struct {
    const char* path;
    Language language;
  } cases[] = {
      {"a.c", Language::c},
      {"dir.d/a.h", Language::c},
      {"config.h.in", Language::c},
      {"A.CPP", Language::cpp},
      {"a.cc", Language::cpp},
      {"a.c++", Language::cpp},
      {"a.hh", Language::cpp},
      {"a.ipp", Language::cpp},
      {"src/lib.rs", Language::rust},
      {"flake.nix", Language::nix},
      {"flake.lock", Language::json},
      {"Cargo.toml", Language::toml},
      {"deep/er/Cargo.lock", Language::toml},
      {"cargo.lock", Language::other},
      {"a.pyi", Language::python},
      {"SConstruct", Language::python},
      {"a.pl", Language::perl},
      {"t/basic.t", Language::perl},
      {"Makefile.PL", Language::perl},
      {"main.go", Language::go},
      {"go.mod", Language::other},
      {"a.mjs", Language::javascript},
      {"a.jsx", Language::javascript},
      {"a.ts", Language::other},
      {"README.md", Language::markdown},
      {"a.mdx", Language::other},
      {".md", Language::markdown},
      {".github/workflows/ci.yml", Language::yaml},
      {".clang-format", Language::yaml},
      {"package.json", Language::json},
      {"tsconfig.json", Language::other}, // linguist: JSON with Comments
      {"a.tar.json.gz", Language::other},
      {"terraform.tfstate.backup", Language::json},
      {"home/.bashrc", Language::shell},
      {"configure.sh.in", Language::shell},
      {"a.zsh", Language::shell},
      {"a.fish", Language::other},
      {"Makefile", Language::other},
      {"CMakeLists.txt", Language::other},
      {"meson.build", Language::other},
      {"LICENSE", Language::other},
      {"a.c.orig", Language::other},
      {"a.", Language::other},
      {".", Language::other},
      {"a.c/", Language::other},
      {"", Language::other},
  };
  for (const auto& [path, language] : cases) {
    INFO(path);
    CHECK(name(language_of(path)) == name(language));
  }
}

TEST_CASE("a hostile name costs no more than its length") {
  CHECK(language_of(std::string(1'000'000, '.')) == Language::other);
  CHECK(language_of(std::string(1'000'000, '.') + "c") == Language::c);
  CHECK(language_of(std::string("a\0.c", 4)) == Language::c);
}

TEST_CASE(".h follows the majority of its repository, ties give c") {
  HeaderVote vote;
  CHECK(vote.language_of("x.h") == Language::c);
  vote.count("a.cc");
  CHECK(vote.language_of("x.h") == Language::cpp);
  CHECK(vote.language_of("X.H") == Language::cpp);
  CHECK(vote.language_of("x.c") == Language::c);
  CHECK(vote.language_of("x.h.in") == Language::c);
  vote.count("b.c");
  CHECK(vote.language_of("x.h") == Language::c);
  for (const char* path : {"c.cpp", "d.cxx", "e.hpp", "f.h", "g.rs"}) vote.count(path);
  vote.count("h.c");
  vote.count("i.c");
  CHECK(vote.language_of("x.h") == Language::cpp); // 4 against 3
}
