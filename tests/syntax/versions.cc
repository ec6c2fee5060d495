// Versions parsed in the light of those before are what each is by itself: our own sources, changed at random.
#include "changes.h"
#include "texts.h"

#include <filesystem>
#include <fstream>
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

std::string read(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

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

TEST_CASE("what a change does beyond its own lines", "[versions]") {
  std::string python = "class A:\n";
  for (int i = 0; i < 30; ++i) {
    const std::string n = std::to_string(i);
    python += "    def f" + n + "(self):\n        a = " + n + "\n        if a:\n            b = g(a)\n        return b\n\n";
  }
  const auto with = [&python](const std::string& before, const std::string& text) {
    std::string out = python;
    return out.insert(out.find(before), text);
  };
  check(Language::python, {python,
                           with("    def f9(", "        more = 1\n"),                      // the end of f8
                           with("    def f9(", "    @decorated\n"),                        // f9 is another node
                           with("    def f9(", "            more = 1\n"),                  // within f8, as far in as its last `if` was
                           with("    def f9(", "B = 1\n"),                                 // the class ends
                           with("    def f9(", "    \"\"\"\n"),                             // a string without end
                           with("        a = 9\n", "    def other(self):\n"),             // f9 ends sooner
                           with("        a = 9\n", "          x = 2\n       y = 3\n"),      // indented otherwise
                           with("        a = 9\n", "        (\n"), python, "if x:\n  pass\n" + python});
  std::string c = "#define A 1\nint before;\n";
  for (int i = 0; i < 40; ++i) c += "int f" + std::to_string(i) + "(void) {\n  int a = 1;\n  return a;\n}\n\n";
  const std::string comment = "/* c */\nint last;\n";
  check(Language::c, {c + comment,
                      "#define A /* no end\nint before;\n" + c.substr(c.find("int f0")) + comment, // it ends in the last comment
                      c + comment, "#define A /* no end\n" + c, c, "#define A /* no end\n" + c + comment,
                      "int g(void) {\n" + c, c + "}\n", "#if 1\n" + c + "#endif\n", "foo\n" + c, c});
}

TEST_CASE("an error far from a change is what it was", "[versions]") {
  const auto functions = [](int first, int end) {
    std::string c;
    for (int i = first; i < end; ++i) c += "int f" + std::to_string(i) + "(void) {\n  int a = 1;\n  return a + " + std::to_string(i) + ";\n}\n\n";
    return c;
  };
  const std::string broken = "int e(void) {\n  x = = 1;\n  return (2;\n}\n\n", c = functions(0, 30) + broken + functions(30, 60);
  CHECK(check(Language::c, {c, "int first;\n" + c, c + "int last;\n", functions(0, 29) + broken + functions(29, 60), functions(0, 30) + broken + "int near;\n" + functions(30, 60),
                            functions(0, 60), c, functions(0, 10) + broken + c}) == 1);
  std::string python = "def e():\n  x = (\n\n";
  for (int i = 0; i < 40; ++i) python += "def f" + std::to_string(i) + "():\n  return 1\n\n";
  check(Language::python, {python, python + "def last():\n  return 2\n", "import os\n" + python, python});
}

TEST_CASE("what rests on text far behind is seen, wherever a chunk ends", "[versions]") {
  const std::string c = "int first;\nint aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\nint x = a /* b;\nint e;\n";
  check(Language::c, {c, c + "int f; /* c */\n"});
  check(Language::cpp, {c, c + "int f; /* c */\n"});
  const std::string go = "package p\nvar aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1\nvar x = a /* b\nvar e = 1\n";
  CHECK(check(Language::go, {go, go + "var f = 1 /* c */\n"}) == 2);
  // A line of code that begins as a comment does.
  const std::string code = "/ 2; int k;\nint aaaaaaaaaaaaaaaaaaaa;\n/* c */\nint bbbbbbbbbbbbbbbbbbbbb;\nint e;\n";
  check(Language::c, {"int x = a\n" + code, "int x = a /* b\n" + code});
  check(Language::cpp, {"int x = a\n" + code, "int x = a /* b\n" + code});
}

// A scanner that goes over all of them for each must not be watched at such a price: this ended at the limit of time.
TEST_CASE("many lines of comments and blank ones", "[versions]") {
  std::string comments = "def f():\n    a = 1\n";
  for (int i = 0; i < 1500; ++i) comments += "    # comment line number " + std::to_string(i) + "\n";
  comments += "    b = 2\n\ndef g():\n    return 1\n";
  CHECK(check(Language::python, {comments, comments + "x = 1\n"}) == 2);
  const std::string blanks = "a = 1\n" + std::string(60000, '\n') + "b = 2\n";
  CHECK(check(Language::python, {blanks, blanks + "x = 1\n"}) == 2);
}

TEST_CASE("a block's column tells what is in it", "[versions]") {
  const std::string block = "        b\n        class Y:\n        def g(): pass\n        ccccccccccccccccccccccccccccccccccccc\n        e\n        d\n";
  check(Language::python, {"def f():\n" + block, "def f():\n    a\n" + block, "def f():\n" + block});
  const std::string uneven = "        b\n        if y:\n      bodybodybody = 1\n    g = lambda: 1\n    class C: pass\n        e\n";
  check(Language::python, {"def f():\n    a\n" + uneven, "def f():\n" + uneven});
  // A form feed and a carriage return set it back.
  const std::string inner = "      i = 1\n      kkkkkkkkkkkkkkkkkkkkkkkkkkkkk = 1\n      l = 1\n   def odd(): pass\n      m = 1\n      n = 1\n";
  for (const std::string first : {"  \f  a\n", "  \r  a = 1\n", "  \\\n  a\n"})
    check(Language::python, {"class X:\n" + first + inner, "class X:\n     a\n" + inner, "class X:\n" + first + inner});
}

TEST_CASE("a name has all of its text, also what was left out", "[versions]") {
  const std::string rust = "fn first() {}\nimpl Foo<{\n  let aaaaaaaaaaaaaaaaaa = 1;\n  let bbbbbbbbbbbbbbbbbb = 1;\n  let cccc = 1;\n  5\n}> { fn x() {} }\n";
  CHECK(check(Language::rust, {rust, "fn before() {}\n" + rust}) == 2);
}

TEST_CASE("a repair may rest on what is far before and behind", "[versions]") {
  const std::string comment(110, 'c'), begin = "a\nconst(\ndefghijklmnopqrstuvwxyz\"\nreturn//" + comment + "\n", end = "s\n{\n}\n";
  check(Language::go, {begin + "import \"a958\"\n" + end, begin + end});
  const std::string json = "\"\":\"\",//" + comment + "\n\"b691\": \n\"92\":\n\n  \"a693\": 1,\n},\n\"\":0\n}\n";
  check(Language::json, {"{\n\"e690\": \"" + std::string(84, 'e') + "\",\n" + json, "{\n" + json});
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
