// Versions parsed in the light of those before are what each is by itself: our own sources, changed at random.
#include "texts.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

using namespace packscope;
using namespace packscope::syntax;
using namespace packscope::test;

namespace {

std::string shown(const Result<Parsed>& parsed) {
  if (!parsed) return parsed.error().text();
  std::string out = parsed->has_error ? "repaired\n" : "whole\n";
  for (const Declaration& d : parsed->declarations)
    out += std::to_string(d.begin) + ".." + std::to_string(d.end) + " " + std::string(name(d.kind)) + " " + std::string(d.node) + " [" +
           std::string(d.item) + "] in " + std::to_string(d.parent) + ": " + d.name + "\n";
  return out;
}

Result<Parsed> alone(Language language, std::string_view text) {
  Parser parser(grammars());
  Parsed out;
  const Result<void> done = parser.parse(language, as_bytes(text), out, {.tokens = false, .declarations = true});
  return done ? Result<Parsed>(out) : std::unexpected(done.error());
}

// How many are whole.
std::size_t check(Language language, const std::vector<std::string>& texts) {
  Parser parser(grammars());
  const std::vector<Bytes> views = [&] {
    std::vector<Bytes> all;
    for (const std::string& text : texts) all.push_back(as_bytes(text));
    return all;
  }();
  const std::vector<Result<Parsed>> all = parser.parse_versions(language, views);
  REQUIRE(all.size() == texts.size());
  std::size_t good = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO("version " << i);
    const std::string by_itself = shown(alone(language, texts[i]));
    CHECK(shown(all[i]) == by_itself);
    good += by_itself.starts_with("whole");
  }
  return good;
}

class Changes {
public:
  explicit Changes(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t most) { return most == 0 ? 0 : random_() % most; }
  // A line or some moved, doubled, taken away, or a character.
  std::string of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    if (lines.empty()) return "x\n";
    for (std::size_t times = 1 + below(3); times > 0; --times) {
      const std::size_t at = below(lines.size()), count = std::min(1 + below(12), lines.size() - at);
      const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(at), end = begin + static_cast<std::ptrdiff_t>(count);
      const std::vector<std::string> some(begin, end);
      switch (below(5)) {
      case 0: lines.erase(begin, end); break;
      case 1: lines.insert(begin, some.begin(), some.end()); break;
      case 2: std::reverse(begin, end); break;
      case 3: lines[at].insert(below(lines[at].size() + 1), 1, "{}();x\"#/ "[below(10)]); break;
      default: lines[at] += " "; break;
      }
      if (lines.empty()) lines.push_back("");
    }
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
  }

private:
  std::mt19937 random_;
};

std::string read(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

struct Sample {
  Language language;
  const char* text;
};
constexpr Sample kSamples[] = {
    {Language::rust, "use std::fmt;\n\npub mod inner {\n  #[derive(Debug)]\n  pub struct Point { x: i32, y: i32 }\n  impl Point {\n    pub const ZERO: i32 = 0;\n"
                     "    pub fn new(x: i32) -> Self { Point { x, y: 2 } }\n    fn sum(&self) -> i32 { self.x + self.y }\n  }\n}\n\nmacro_rules! twice { ($e:expr) => { $e; $e } }\n"
                     "static NAME: &str = \"name\";\ntrait Shape { fn area(&self) -> f64; }\nenum Kind { A, B(u8) }\nfn main() { let p = inner::Point::new(1); println!(\"{}\", 1); }\n"},
    {Language::python, "import os\nfrom sys import path\n\nLIMIT = 3\n\n@decorated\nclass A(object):\n    FIELD = 1\n    def one(self):\n        return 1\n\n    @property\n    def two(self):\n"
                       "        def inner():\n            pass\n        return inner\n\ndef main():\n    for x in path:\n        print(x)\n\nif __name__ == '__main__':\n    main()\n"},
    {Language::javascript, "import a from 'a';\nexport const B = 2;\nexport function f(x) { return x + 1; }\nclass C extends a {\n  constructor() { super(); }\n  get d() { return 1; }\n}\n"
                           "let e = () => { const inner = 3; return inner; };\nmodule.exports = { f: f, g: function () { return 2; } };\n"},
    {Language::go, "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nconst (\n\tA = 1\n\tB = 2\n)\n\ntype T struct {\n\tx int\n}\n\ntype I interface {\n\tM() int\n}\n\n"
                   "func (t *T) M() int {\n\treturn t.x\n}\n\nfunc main() {\n\tfmt.Println(os.Args, A)\n}\n"},
    {Language::c, "#include <stdio.h>\n#define N 3\n\ntypedef struct point { int x, y; } point;\nstatic const int kMany = 7;\nint add(int a, int b);\n\nint add(int a, int b) {\n  return a + b;\n}\n\n"
                  "#ifdef N\nenum { A, B };\n#endif\n\nint main(void) {\n  printf(\"%d\\n\", add(1, 2));\n  return 0;\n}\n"},
    {Language::json, "{\n  \"name\": \"a\",\n  \"version\": \"1.0\",\n  \"scripts\": {\n    \"test\": \"x\"\n  },\n  \"list\": [\n    1,\n    2\n  ],\n  \"last\": true\n}\n"},
    {Language::toml, "[package]\nname = \"a\"\nversion = \"1\"\n\n[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nlog = \"0.4\"\n\n[[bin]]\nname = \"b\"\n"},
    {Language::shell, "#!/bin/sh\nset -e\nreadonly A=1\nB=2\nf() {\n  local c=3\n  echo \"$c\"\n}\nif [ -n \"$A\" ]; then\n  f\nfi\n. ./other.sh\n"},
};

} // namespace

TEST_CASE("versions of small texts of every language", "[versions]") {
  for (const Sample& sample : kSamples) {
    if (const Result<const TSLanguage*> grammar = grammars().get(sample.language); !grammar || *grammar == nullptr) FAIL(name(sample.language) << ": no grammar");
    Changes changes(static_cast<unsigned>(sample.language));
    std::size_t good = 0;
    for (int round = 0; round < 15; ++round) {
      std::vector<std::string> texts = {sample.text};
      for (int i = 0; i < 12; ++i) texts.push_back(changes.below(3) == 0 ? std::string(sample.text) : changes.of(texts.back()));
      INFO(name(sample.language) << ", round " << round);
      good += check(sample.language, texts);
    }
    CHECK(good > 15); // what was not repaired is what this is about
  }
}

TEST_CASE("versions of our own sources, in this process and in one of their own", "[versions]") {
  const std::filesystem::path sources = PACKSCOPE_SOURCES;
  Changes changes(1);
  for (const char* const file : {"syntax/walk.cc", "pack/resolve.cc", "base/json.h", "syntax/declarations.cc"}) {
    const std::string whole = read(sources / file);
    REQUIRE(whole.size() > 1000);
    std::vector<std::string> texts = {whole};
    for (int i = 0; i < 20; ++i) texts.push_back(changes.below(4) == 0 ? whole : changes.of(texts.back()));
    INFO(file);
    CHECK(check(Language::cpp, texts) > 3);
    std::string large;
    while (large.size() < 70000) large += whole;
    std::vector<std::string> larger = {large, changes.of(large), "", large, large + "int last;\n", "int first;\n" + large};
    check(Language::cpp, larger);
  }
}

TEST_CASE("a version keeps nothing of a broken one before it", "[versions]") {
  const std::string python = "def f():\n  return 1\n", shell = "a() {\n  b\n}\nc=1\n", script = "const a = f('x') // d\nlet b = 2\n";
  check(Language::python, {python, "x = f'''x\n" + python, python, "", python + "y = 2\n", "x = f\"{\n" + python, python});
  check(Language::shell, {shell, "cat <<EOF\n" + shell, shell, "cat <<'A'\nA\n" + shell, shell, "a=1 \\\n b=2\n" + shell});
  check(Language::javascript, {script, "let q = 1\n" + script, script, "`${" + script, script});
}

// Each version wraps the one before, which is used again as one entry of tree-sitter's stack: nothing but memory tells how many there
// are below.
TEST_CASE("versions that grow around each other are errors of their own, or trees", "[versions]") {
  std::vector<std::string> texts = {"int a = x;\n"};
  std::string inner = "x";
  for (int version = 0; version < 4; ++version) {
    std::string around;
    for (int i = 0; i < 6200; ++i) around += "-//\n//\n//\n";
    inner = around + inner;
    texts.push_back("int a = " + inner + ";\n");
  }
  texts.push_back("int a = " + inner);
  texts.push_back(texts.front());
  std::vector<Bytes> views;
  for (const std::string& text : texts) views.push_back(as_bytes(text));
  Parser parser(grammars());
  const std::vector<Result<Parsed>> all = parser.parse_versions(Language::c, views);
  REQUIRE(all.size() == texts.size());
  REQUIRE((all.front() && all.back()));
  CHECK(all.front()->declarations.size() == all.back()->declarations.size());
}

TEST_CASE("hostile versions are errors of their own, and leave the others whole", "[versions]") {
  const std::string good = "int a;\nint b(void) { return 1; }\n", deep(200000, '('), zeros(300000, '\0');
  check(Language::c, {good, deep, good, std::string(), good + "int c;\n", zeros, good});
  Parser parser(grammars(), std::chrono::milliseconds(1)); // some run out of time, whichever
  std::string slow;
  for (int i = 0; i < 20000; ++i) slow += "x = [[[[[\n";
  const std::vector<std::string> texts = {good, slow, good};
  const std::vector<Bytes> views = {as_bytes(texts[0]), as_bytes(texts[1]), as_bytes(texts[2])};
  const std::vector<Result<Parsed>> all = parser.parse_versions(Language::python, views);
  REQUIRE(all.size() == 3);
  CHECK(!all[1]);
}
