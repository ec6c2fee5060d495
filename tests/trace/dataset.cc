// Declarations out of a trace carry the very text that stands in the blob.
#include "trace/dataset.h"

#include "made_trace.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

namespace {

std::string make_two_files(const TemporaryFolder& folder) {
  return make_trace(folder, {{"a.rs", "use a::b;\nfn f() { g() }\n"}, {"b.py", "def h():\n    return 1\n"}});
}

} // namespace

TEST_CASE("texts, kinds, items and paths of a trace") {
  TemporaryFolder folder;
  const std::string trace = make_two_files(folder);
  REQUIRE(trace::is_trace(trace));
  CHECK(!trace::is_trace(folder / "self.pack"));
  std::string seen;
  const Result<void> read = trace::for_each_declaration(trace, [&](const trace::TracedDeclaration& one) {
    seen += one.path + " " + one.language + " " + one.kind + " " + one.item + ": " + std::string(as_text(one.text)) + "\n";
  });
  REQUIRE(read);
  CHECK(seen.find("a.rs rust import use: use a::b;\n") != std::string::npos);
  CHECK(seen.find("a.rs rust function fn: fn f() { g() }\n") != std::string::npos);
  CHECK(seen.find("b.py python function : def h():\n    return 1\n") != std::string::npos);
}

TEST_CASE("what is no trace, or has lost its pack, is an error that names the file") {
  TemporaryFolder folder;
  const std::string trace = make_two_files(folder);
  const auto nothing = [](const trace::TracedDeclaration&) {};
  must_run("sqlite3 " + (folder / "other.sqlite") + " 'create table x(y)'");
  const Result<void> other = trace::for_each_declaration(folder / "other.sqlite", nothing);
  REQUIRE(!other);
  CHECK(other.error().text() == folder / "other.sqlite" + ": not a packscope trace");
  must_run("sqlite3 " + trace + " 'pragma user_version = 99'");
  const Result<void> newer = trace::for_each_declaration(trace, nothing);
  REQUIRE(!newer);
  CHECK(newer.error().what.starts_with("schema version 99"));
  must_run("sqlite3 " + trace + " 'pragma user_version = 2'; rm " + (folder / "self.pack"));
  const Result<void> lost = trace::for_each_declaration(trace, nothing);
  REQUIRE(!lost);
  CHECK(lost.error().file.find("self.pack") != std::string::npos);
}
