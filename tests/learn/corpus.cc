// Datasets out of a repository that git itself made.
#include "learn/corpus.h"

#include "learn/training.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

// Two Rust files that share a declaration, one C file, one text, all packed; `extra` runs before packing.
std::string make_repository(const TemporaryFolder& folder) {
  const std::string path = folder / "repo";
  write_file(path + "/src/a.rs", "use std::io;\n\nconst A: u8 = 1;\n\nfn a() -> u8 { A }\n");
  write_file(path + "/src/b.rs", "use std::io;\n\nstruct B { x: u32 }\n\nimpl B { fn b(&self) -> u32 { self.x } }\n");
  write_file(path + "/c.c", "int c(void) { return 3; }\n");
  write_file(path + "/notes.md", "# Notes\n");
  std::filesystem::create_symlink("c.c", path + "/link.c");
  must_run("cd " + path + " && git init -q . && git add -A && git commit -qm one && git repack -qad");
  return path;
}

pack::Repository open(const std::string& path) {
  const pack::Sources sources = pack::find_sources({path});
  REQUIRE(sources.found.size() == 1);
  Result<pack::Repository> repository = pack::Repository::open(sources.found.front());
  REQUIRE(repository);
  return std::move(*repository);
}

void no_error(const Error& error) { FAIL_CHECK(error.text()); }

// "label group" of every sample, sorted.
std::vector<std::string> described(const Dataset& dataset) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    lines.push_back(dataset.labels[dataset.answers[i]] + " " + dataset.groups[dataset.samples[i].group]);
  std::ranges::sort(lines);
  return lines;
}

} // namespace

TEST_CASE("Rust items of a repository, each content once, grouped by file") {
  syntax::Grammars grammars;
  if (!grammars.get(syntax::Language::rust)) SKIP("no Rust grammar in " << grammars.directory());
  TemporaryFolder folder;
  pack::Repository repository = open(make_repository(folder));
  const Task& task = *find_task("declaration10");
  DatasetBuilder builder(task, *find_rung("R0"));
  add_repository(repository, {}, grammars, builder, no_error);
  const Dataset dataset = builder.take();
  CHECK(described(dataset) == std::vector<std::string>{"const repo:src/a.rs", "fn repo:src/a.rs", "fn repo:src/b.rs",
                                                       "impl repo:src/b.rs", "struct repo:src/b.rs",
                                                       "use repo:src/a.rs"});
  CHECK(dataset.duplicates == 1); // `use std::io;` again
}

TEST_CASE("general kinds take all languages; a repository can be the group") {
  syntax::Grammars grammars;
  if (!grammars.get(syntax::Language::c)) SKIP("no C grammar in " << grammars.directory());
  TemporaryFolder folder;
  pack::Repository repository = open(make_repository(folder));
  const Task& task = *find_task("declaration");
  DatasetBuilder builder(task, *find_rung("R0"));
  add_repository(repository, {.group_by = GroupBy::repository}, grammars, builder, no_error);
  const Dataset dataset = builder.take();
  CHECK(dataset.groups == std::vector<std::string>{"repo"});
  const std::vector<std::string> lines = described(dataset);
  CHECK(std::ranges::count(lines, "function repo") >= 3);
}

TEST_CASE("languages come from the streams as they lie, links and deltas left out") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder);
  pack::Repository repository = open(path);
  syntax::Grammars grammars;
  DatasetBuilder builder(*find_task("language"), *find_rung("R3-16"), DatasetBuilder::Keep::streams);
  add_repository(repository, {}, grammars, builder, no_error);
  const Dataset dataset = builder.take();
  CHECK(described(dataset) ==
        std::vector<std::string>{"c repo:c.c", "markdown repo:notes.md", "rust repo:src/a.rs", "rust repo:src/b.rs"});
  // git's own compression of the blob is the sample.
  const std::vector<std::uint8_t> expected = compress(as_bytes("int c(void) { return 3; }\n"));
  const auto sample = std::ranges::find_if(
      dataset.samples, [&](const Sample& one) { return dataset.groups[one.group] == "repo:c.c"; });
  REQUIRE(sample != dataset.samples.end());
  REQUIRE(sample->stream.size() >= expected.size());
  CHECK(std::equal(expected.begin(), expected.end(), sample->stream.begin()));
}

TEST_CASE("a corpus is named by a hash of what it holds") {
  const auto hash = [](const std::string& text, const std::string& group) {
    DatasetBuilder builder(*find_task("declaration3"), *find_rung("R0"));
    builder.add({{text.begin(), text.end()}, "", "fn", group});
    return builder.take().hash;
  };
  CHECK(hash("fn a() {}", "f") == hash("fn a() {}", "f"));
  CHECK(hash("fn a() {}", "f") != hash("fn b() {}", "f"));
  CHECK(hash("fn a() {}", "f") != hash("fn a() {}", "g"));
}

TEST_CASE("facts of a blob, and its declarations in place, come from its own stream") {
  syntax::Grammars grammars;
  if (!grammars.get(syntax::Language::rust)) SKIP("no Rust grammar in " << grammars.directory());
  TemporaryFolder folder;
  pack::Repository repository = open(make_repository(folder));
  const Task& facts = *find_task("ast-facts");
  DatasetBuilder whole(facts, *find_rung("R2"));
  add_repository(repository, {}, grammars, whole, no_error);
  const Dataset dataset = whole.take();
  REQUIRE(dataset.samples.size() == 3); // a.rs, b.rs, c.c
  REQUIRE(dataset.answers.size() == 3 * facts.questions.size());
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint32_t* answers = dataset.answers.data() + i * facts.questions.size();
    const bool b = dataset.groups[dataset.samples[i].group] == "repo:src/b.rs";
    CHECK(answers[0] == b);                          // struct
    CHECK(answers[4] == b);                          // impl
    CHECK(answers[facts.questions.size() - 1] == 1); // one function each
  }
  DatasetBuilder place(*find_task("declaration-in-place"), *find_rung("R3-16"));
  add_repository(repository, {}, grammars, place, no_error);
  CHECK(std::ranges::count(described(place.dataset()), "implementation repo:src/b.rs") == 1);
  CHECK(place.dataset().duplicates == 0);
}

TEST_CASE("a corpus file gives the samples of the repositories it was made of, with their sides") {
  syntax::Grammars grammars;
  if (!grammars.get(syntax::Language::rust)) SKIP("no Rust grammar in " << grammars.directory());
  TemporaryFolder folder;
  const std::string path = make_repository(folder);
  const std::string file = folder / "corpus.sqlite";
  CHECK(!is_corpus(file));
  const auto write = [&] {
    Result<CorpusWriter> writer = CorpusWriter::create(file);
    REQUIRE(writer);
    pack::Repository repository = open(path);
    const Result<CorpusRepository> one = writer->add(repository, "one", Side::train, 1, 1 << 24, no_error);
    REQUIRE(one);
    CHECK(one->blobs == 4); // not the link's: a path's language is not what its text is in
    CHECK(one->declarations == 8);
    CHECK(one->commit.size() == 40);
    pack::Repository again = open(path);
    const Result<CorpusRepository> two = writer->add(again, "two", Side::test, 1, 1 << 24, no_error);
    REQUIRE(two);
    CHECK(two->blobs == 0);
    CHECK(two->duplicates == 4); // all of them were in the first
    REQUIRE(writer->finish());
  };
  write();
  REQUIRE(is_corpus(file));
  const std::string first = read_file(file);
  write();
  CHECK(read_file(file) == first);

  DatasetBuilder builder(*find_task("language"), *find_rung("R3-16"));
  REQUIRE(add_corpus(file, builder));
  const Dataset dataset = builder.take();
  CHECK(described(dataset) == std::vector<std::string>{"c one", "markdown one", "rust one", "rust one"});
  CHECK(dataset.sides == std::vector<Side>{Side::train});
  CHECK(side_of(dataset, {}, Side::test).empty());
  DatasetBuilder items(*find_task("declaration10"), *find_rung("R0"));
  REQUIRE(add_corpus(file, items));
  CHECK(items.dataset().samples.size() == 6);

  write_file(folder / "other.sqlite", "SQLite format 3");
  CHECK(!is_corpus(folder / "other.sqlite"));
}
