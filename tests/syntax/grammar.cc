// Grammars load by name; whatever is wrong with one is an error that names the file.
#include "syntax/grammar.h"

#include "support.h"
#include "texts.h"

#include <tree_sitter/api.h>

#include <thread>

using namespace packscope::syntax;
using namespace packscope::test;

namespace {
std::string error_of(Grammars& all, Language language) {
  const packscope::Result<const TSLanguage*> grammar = all.get(language);
  return grammar ? "no error" : grammar.error().text();
}
} // namespace

TEST_CASE("the nine grammars that packscope needs are there") {
  for (const Language language : {Language::c, Language::cpp, Language::rust, Language::python, Language::go,
                                  Language::javascript, Language::toml, Language::json, Language::shell}) {
    INFO(name(language));
    const packscope::Result<const TSLanguage*> grammar = grammars().get(language);
    REQUIRE(grammar);
    REQUIRE(*grammar != nullptr);
    CHECK(ts_language_symbol_count(*grammar) > 10);
    CHECK(*grammars().get(language) == *grammar);
  }
}

TEST_CASE("a missing file is an error where the grammar is needed, and no grammar elsewhere") {
  TemporaryFolder folder;
  Grammars none(folder / "nowhere");
  CHECK(error_of(none, Language::shell) ==
        folder / "nowhere/bash.so" + ": grammar: no such file (PACKSCOPE_GRAMMARS names the directory)");
  CHECK(error_of(none, Language::shell) == error_of(none, Language::shell));
  for (const Language language : {Language::other, Language::nix, Language::perl, Language::yaml, Language::markdown})
    CHECK(none.get(language).value() == nullptr);
}

TEST_CASE("what is no whole grammar is named") {
  TemporaryFolder folder;
  Grammars broken(folder.path());
  const std::string whole = read_file(grammar_directory() + "/c.so");
  write_file(folder / "c.so", "not a shared object");
  write_file(folder / "cpp.so", "");
  write_file(folder / "python.so", whole); // exports tree_sitter_c
  write_file(folder / "json.so", std::string(whole.size(), '\x7f'));
  std::filesystem::create_directory(folder / "toml.so");
  CHECK(error_of(broken, Language::c) == folder / "c.so" + ": grammar: no shared object");
  CHECK(error_of(broken, Language::cpp) == folder / "cpp.so" + ": grammar: no shared object");
  CHECK(error_of(broken, Language::python) == folder / "python.so" + ": grammar: exports no tree_sitter_python");
  CHECK(error_of(broken, Language::json) == folder / "json.so" + ": grammar: no shared object");
  CHECK(error_of(broken, Language::toml).starts_with(folder / "toml.so" + ": "));
}

TEST_CASE("a truncated grammar is an error, wherever it was cut") {
  const std::string whole = read_file(grammar_directory() + "/json.so");
  TemporaryFolder folder;
  for (std::size_t size = 0; size < whole.size() * 3 / 4; size += whole.size() / 40) {
    INFO(size);
    const std::string directory = folder / std::to_string(size);
    write_file(directory + "/json.so", whole.substr(0, size));
    Grammars cut(directory);
    CHECK(error_of(cut, Language::json).starts_with(directory + "/json.so: "));
  }
}

TEST_CASE("a grammar of another ABI is refused by number") {
  Grammars future(PACKSCOPE_FAKE_GRAMMARS);
  CHECK(error_of(future, Language::c) ==
        PACKSCOPE_FAKE_GRAMMARS "/c.so: grammar: ABI 999 outside " +
            std::to_string(TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION) + " to " +
            std::to_string(TREE_SITTER_LANGUAGE_VERSION));
}

TEST_CASE("the environment names the directory, unless empty") {
  const char* old = std::getenv("PACKSCOPE_GRAMMARS");
  const std::string keep = old != nullptr ? old : "";
  ::setenv("PACKSCOPE_GRAMMARS", "/somewhere/else", 1);
  CHECK(grammar_directory() == "/somewhere/else");
  ::setenv("PACKSCOPE_GRAMMARS", "", 1);
  const std::string compiled_in = grammar_directory();
  CHECK(!compiled_in.empty());
  if (old != nullptr) ::setenv("PACKSCOPE_GRAMMARS", keep.c_str(), 1);
  else ::unsetenv("PACKSCOPE_GRAMMARS");
}

TEST_CASE("threads that ask at once get the same grammar") {
  Grammars shared;
  const TSLanguage* seen[8] = {};
  {
    std::vector<std::jthread> threads;
    for (const TSLanguage*& slot : seen) threads.emplace_back([&] { slot = shared.get(Language::rust).value_or(nullptr); });
  }
  REQUIRE(seen[0] != nullptr);
  for (const TSLanguage* one : seen) CHECK(one == seen[0]);
}
