// Outlines of a repository that git made, against the parser on the files that git checks out.
#include "compile/outline.h"

#include "pack/builder.h"

#include <catch2/catch_test_macros.hpp>

#include <map>

using namespace packscope;
using namespace packscope::test;
using compile::Outline;
using compile::OutlineCounts;
using compile::OutlineItem;

namespace {

struct Seen {
  std::string path, id, declarations;
};

std::string text_of(const std::vector<syntax::Declaration>& declarations) {
  std::string text;
  for (const syntax::Declaration& one : declarations)
    text += std::string(syntax::name(one.kind)) + " " + one.name + " " + std::to_string(one.begin) + "-" + std::to_string(one.end) + "\n";
  return text;
}

struct Outlined {
  std::vector<Seen> seen;
  std::vector<std::string> errors;
  OutlineCounts counts;
};

Outlined outlined(const std::string& path, compile::OutlineOptions options) {
  Outlined out;
  pack::Sources sources = pack::find_sources({path});
  REQUIRE(sources.found.size() == 1);
  Result<pack::Repository> repository = pack::Repository::open(sources.found.front());
  REQUIRE(repository);
  options.progress = ProgressMode::never;
  out.counts = compile::outline(
      *repository, options,
      [&](const OutlineItem& item, const Outline& outline) {
        out.seen.push_back({item.blob.path, item.blob.id.hex(), text_of(outline.declarations)});
      },
      [&](const Error& error) { out.errors.push_back(error.text()); });
  return out;
}

std::string checked_out(syntax::Language language, const std::string& text) {
  static syntax::Grammars grammars;
  syntax::Parser parser(grammars);
  syntax::Parsed parsed;
  REQUIRE(parser.parse(language, as_bytes(text), parsed));
  return text_of(parsed.declarations);
}

// Versions of C and Rust, one text under three names, a link, a text of no language, and a long one.
std::string make_sources(const TemporaryFolder& folder) {
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  for (int version = 0; version < 6; ++version) {
    std::string c = "#include <stdio.h>\n", rust = "use std::fmt;\n";
    for (int i = 0; i < 40 + version; ++i) {
      c += "static int function_" + std::to_string(i) + "(int x) { return x + " + std::to_string(i == 20 ? version : 0) + "; }\n";
      rust += "pub fn item_" + std::to_string(i) + "() -> u32 { " + std::to_string(i == 7 ? version : 0) + " }\n";
    }
    write_file(path + "/src/main.c", c);
    write_file(path + "/src/lib.rs", rust);
    write_file(path + "/copy/main.c", "int same;\n");
    write_file(path + "/b/other name.c", "int same;\n");
    write_file(path + "/b/same.hpp", "int same;\n"); // C++
    write_file(path + "/README.md", "# words\n");
    if (version == 0) must_run("cd " + path + " && ln -s main.c src/link.c");
    must_run("cd " + path + " && git add -A && git commit -qm v" + std::to_string(version));
  }
  std::string big;
  for (int i = 0; big.size() < 100'000; ++i) big += "int number_" + std::to_string(i) + "(void);\n";
  write_file(path + "/big.c", big);
  write_file(path + "/empty.py", "");
  must_run("cd " + path + " && git add -A && git commit -qm big && git repack -qadf --depth=20");
  return path;
}

} // namespace

TEST_CASE("a revision's outlines are those of its files, in the tree's order, with any number of threads") {
  TemporaryFolder folder;
  const std::string path = make_sources(folder);
  const Outlined one = outlined(path, {.scope = {.kind = pack::ScopeKind::revisions, .revisions = {"HEAD"}}, .threads = 1});
  CHECK(one.errors.empty());
  std::vector<std::string> paths;
  for (const Seen& seen : one.seen) {
    paths.push_back(seen.path);
    const std::string file = read_file(path + "/" + seen.path);
    CHECK(seen.id == blob_id(file).hex());
    CHECK(seen.declarations == checked_out(syntax::language_of(seen.path), file));
  }
  CHECK(paths == std::vector<std::string>{"b/other name.c", "b/same.hpp", "big.c", "copy/main.c", "empty.py", "src/lib.rs", "src/main.c"});
  CHECK(one.seen[2].declarations.starts_with("function number_0 0-19\n"));
  CHECK(one.seen[4].declarations.empty());
  CHECK(one.counts.parsed == 6); // "int same;" as C once, as C++ once
  CHECK(one.counts.without[static_cast<std::size_t>(syntax::Language::markdown)] == 1);
  CHECK(one.counts.without[static_cast<std::size_t>(syntax::Language::other)] == 1); // the link
  const Outlined three = outlined(path, {.scope = {.kind = pack::ScopeKind::revisions, .revisions = {"HEAD"}}, .threads = 3});
  REQUIRE(three.seen.size() == one.seen.size());
  for (std::size_t i = 0; i < one.seen.size(); ++i) CHECK(three.seen[i].declarations == one.seen[i].declarations);
}

TEST_CASE("a history has every version once, path by path; what memory doesn't keep is parsed again, to the same end") {
  TemporaryFolder folder;
  const std::string path = make_sources(folder);
  const pack::Scope history = {.kind = pack::ScopeKind::history};
  const Outlined all = outlined(path, {.scope = history, .threads = 2});
  CHECK(all.errors.empty());
  REQUIRE(all.seen.size() == 5 + 12);
  CHECK(all.counts.parsed == 4 + 12);
  for (const Seen& seen : all.seen)
    CHECK(seen.declarations == checked_out(syntax::language_of(seen.path), must_run("git -C " + path + " cat-file blob " + seen.id)));
  std::vector<std::string> versions; // oldest first
  for (const Seen& seen : all.seen)
    if (seen.path == "src/main.c") versions.push_back(seen.id + "\n");
  std::string git;
  for (const std::string& commit : lines(must_run("git -C " + path + " rev-list --reverse HEAD -- src/main.c")))
    git += must_run("git -C " + path + " rev-parse " + commit + ":src/main.c");
  std::string ours;
  for (const std::string& id : versions) ours += id;
  CHECK(ours == git);
  const Outlined poor = outlined(path, {.scope = history, .memory = 0, .threads = 2});
  CHECK(poor.counts.parsed == 5 + 12);
  REQUIRE(poor.seen.size() == all.seen.size());
  for (std::size_t i = 0; i < all.seen.size(); ++i) CHECK(poor.seen[i].declarations == all.seen[i].declarations);
}

TEST_CASE("a lone pack: paths from its own trees, each object once; a broken blob is one error") {
  TemporaryFolder folder;
  const std::string path = make_sources(folder), pack = pack_of(path);
  const Outlined whole = outlined(pack, {.threads = 2});
  CHECK(whole.errors.empty());
  CHECK(whole.seen.size() == 3 + 12); // same.hpp's object is other name.c's
  PackBuilder builder;
  const std::string blob = "int good;\n", bad = "int bad;\n";
  std::string entry = entry_head(3, bad.size()) + deflated(bad);
  entry[5] ^= 0x55;
  std::string tree;
  for (const auto& [name, text] : {std::pair{"bad.c", bad}, std::pair{"good.c", blob}})
    tree += "100644 " + std::string(name) + '\0' + std::string(as_text(blob_id(text).raw()));
  const std::uint64_t at_bad = builder.raw(entry), at_good = builder.object(ObjectType::blob, blob),
                      at_tree = builder.object(ObjectType::tree, tree);
  const std::string broken = builder.finish();
  write_file(folder / "broken.pack", broken);
  write_file(folder / "broken.idx", make_index({{blob_id(bad), at_bad}, {blob_id(blob), at_good},
                                                {pack::hash_object(ObjectType::tree, as_bytes(tree)), at_tree}}, broken));
  const Outlined rest = outlined(folder / "broken.pack", {.threads = 1});
  REQUIRE(rest.seen.size() == 1);
  CHECK(rest.seen[0].path == "good.c");
  REQUIRE(rest.errors.size() == 1);
  CHECK(rest.errors[0].find("broken.pack: offset 12: ") != std::string::npos);
  CHECK(rest.errors[0].find("path 'bad.c'") != std::string::npos);
}

TEST_CASE("hostile trees: names that climb or are a megabyte long are names, links and submodules have no outline") {
  TemporaryFolder folder;
  PackBuilder builder;
  const std::string text = "int x;\n";
  const std::string long_name = std::string(1 << 20, 'n') + ".c";
  std::string tree;
  const auto add = [&](const std::string& mode, const std::string& name) {
    tree += mode + " " + name + '\0' + std::string(as_text(blob_id(text).raw()));
  };
  add("100644", "..");
  add("100644", "../../etc/x.c");
  add("100644", "X.c");
  add("120000", "link.c");
  add("160000", "module.c");
  add("100644", long_name);
  add("100644", "x.c");
  const std::uint64_t at_blob = builder.object(ObjectType::blob, text), at_tree = builder.object(ObjectType::tree, tree);
  const std::string pack = builder.finish();
  write_file(folder / "hostile.pack", pack);
  write_file(folder / "hostile.idx",
             make_index({{blob_id(text), at_blob}, {pack::hash_object(ObjectType::tree, as_bytes(tree)), at_tree}}, pack));
  const Outlined out = outlined(folder / "hostile.pack", {.threads = 2});
  CHECK(out.seen.size() <= 1); // an object once, under the first of its names that the trees' reader takes
}
