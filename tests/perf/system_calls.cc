// Reads of programs whose reads are known: dd reads as often as it is told.
#include "perf/system_calls.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>

using namespace packscope;
using namespace packscope::test;
using perf::SystemCalls;

namespace {

SystemCalls traced(const std::string& script, const std::string& output_folder, perf::ChildLimits limits = {}) {
  const Result<SystemCalls> calls = perf::trace_system_calls({"sh", "-c", script}, {.limits = limits}, output_folder);
  if (!calls && calls.error().what.starts_with("ptrace")) SKIP(calls.error().text());
  REQUIRE(calls);
  return *calls;
}
std::string dd(const std::string& from, const std::string& to, int blocks) {
  return "dd if=" + from + " of=" + to + " bs=100 count=" + std::to_string(blocks) + " status=none";
}

} // namespace

TEST_CASE("reads and their bytes are counted, one by one, in every process") {
  TemporaryFolder folder;
  write_file(folder / "in", std::string(10'000, 'x'));
  const SystemCalls ten = traced(dd(folder / "in", folder / "out", 10), "/nowhere"), thirty = traced(dd(folder / "in", folder / "out", 30), "/nowhere");
  CHECK(thirty.all.reads - ten.all.reads == 20);
  CHECK(thirty.all.read_bytes - ten.all.read_bytes == 2000);
  CHECK(thirty.files_opened == ten.files_opened);
  CHECK(!ten.wrote);
  CHECK(ten.before_output.reads == ten.all.reads);
  CHECK(ten.status == 0);
  const std::string both = dd(folder / "in", folder / "out", 10) + " & " + dd(folder / "in", folder / "two", 30) + "; wait; exit 7";
  const SystemCalls two = traced(both, "/nowhere");
  CHECK(two.processes == 3); // the shell, too
  CHECK(two.status == 7);
  CHECK(two.all.read_bytes >= 4000);
}

TEST_CASE("what is read before the first write below the output folder is counted apart") {
  TemporaryFolder folder;
  const std::string real = std::filesystem::canonical(folder.path());
  write_file(folder / "in", std::string(10'000, 'x'));
  std::filesystem::create_directory(folder / "work");
  const auto measure = [&](int before, int after) {
    return traced(dd(folder / "in", folder / "elsewhere", before) + "; exec 3> " + (folder / "work/out") + "; echo x >&3; " + dd(folder / "in", folder / "elsewhere", after), real + "/work");
  };
  const SystemCalls few = measure(10, 10), more = measure(30, 15);
  CHECK(few.wrote);
  CHECK(more.before_output.read_bytes - few.before_output.read_bytes == 2000);
  CHECK(more.all.read_bytes - few.all.read_bytes == 2500);
  CHECK(few.before_output.reads < few.all.reads);
}

TEST_CASE("files opened are those that were there") {
  TemporaryFolder folder;
  write_file(folder / "in", "x\n");
  const std::string open_it = "read line < " + (folder / "in") + "; ", miss_it = "read line < " + (folder / "none") + "; ";
  const std::uint64_t none = traced(": ;", "/nowhere").files_opened;
  CHECK(traced(open_it + open_it + open_it, "/nowhere").files_opened == none + 3);
  CHECK(traced("{ " + miss_it + "} 2> " + (folder / "errors") + "; :", "/nowhere").files_opened == none + 1);
}

TEST_CASE("a program under the tracer gets its signals, stops and goes on, and ends in time") {
  CHECK(traced("trap 'exit 5' USR1; kill -USR1 $$; exit 1", "/nowhere").status == 5);
  CHECK(traced("kill -9 $$", "/nowhere").status == 137);
  CHECK(traced("(sleep 0.1; kill -CONT $$) & kill -STOP $$; wait; exit 3", "/nowhere", {.seconds = 20}).status == 3);
  const SystemCalls late = traced("sleep 1000 & sleep 1000", "/nowhere", {.seconds = 0.2});
  CHECK(late.timed_out);
  CHECK(late.status == 137);
}

TEST_CASE("what cannot be started is an error, not a count") {
  const Result<SystemCalls> calls = perf::trace_system_calls({"no-such-command-here"}, {}, "/nowhere");
  REQUIRE(!calls);
  CHECK(calls.error().text().find("no-such-command-here") != std::string::npos);
}
