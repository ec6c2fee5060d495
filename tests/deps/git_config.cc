// Git's configuration syntax, against git itself.
#include "deps/git_config.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::deps;
using namespace packscope::test;

namespace {

// As `git config --list -z` prints: "section.subsection.key\nvalue\0".
std::string ours(const std::string& text) {
  const Result<std::vector<GitConfigEntry>> entries = parse_git_config(text);
  if (!entries) return "refused";
  std::string out;
  for (const GitConfigEntry& one : *entries) {
    out += (one.section.empty() && !one.subsection ? "" : one.section + ".") + (one.subsection ? *one.subsection + "." : "") + one.key;
    if (one.value) out += "\n" + *one.value;
    out += '\0';
  }
  return out;
}
std::string gits(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder / "config", text);
  const Ran ran = run("git config -f " + (folder / "config") + " --list -z 2>/dev/null");
  return ran.status == 0 ? ran.output : "refused";
}

} // namespace

TEST_CASE("values, quotes, escapes and comments as git reads them", "[git_config]") {
  for (const std::string body :
       {"key = value", "key=value ; comment", "key = \"a # b\" # c", "key = a \"b  c\"  d  ", "key = a\\tb\\n\\\\\\\"c\\b", "key",
        "key =", "key = a \\\n   b", "KEY-2 = x", "key = a\r\nother = b\r", "key = \"\"", "key = a\"b\"c", "key = \\x", "key = \"open",
        "9key = x", "key : x", "key = a;b", "key = a # b \\\n c = d", "= x", "key = é", "key = a b", "k_y = x"})
    CHECK(ours("[submodule \"a\"]\n\t" + body + "\n") == gits("[submodule \"a\"]\n\t" + body + "\n"));
}

TEST_CASE("sections as git reads them", "[git_config]") {
  for (const std::string head :
       {"[a]", "[A \"B\"]", "[a.B]", "[a \"b \\\" \\\\ \\c ] d\"]", "[a\t\"b\"]", "[a \"b\" ]", "[a \"b]", "[a b]", "[]", "[a-1.b.C]",
        "[a \"\"]", "[a \"b\"] x = 1", "# c\n[a]", "\xef\xbb\xbf[a]", "[a.b \"C\"]", "x = 1\n[a]", "[a", "[a_b]", "[ \"b\"]", "[.b]", "[a.]", "[a\n\"b\"]"})
    CHECK(ours(head + "\nkey = value\n") == gits(head + "\nkey = value\n"));
}
