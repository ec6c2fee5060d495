// What all commands share, as a user meets it: lists of paths, what a clone may lack, interrupts and full disks.
#include "pack/builder.h"
#include "records.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace packscope::test;

namespace {

bool has_part(const std::string& folder) {
  return std::ranges::any_of(std::filesystem::directory_iterator(folder), [](const auto& file) { return file.path().extension() == ".part"; });
}

// Starts `packscope trace REPOSITORY -o OUT` and sends `signal` as soon as something lies beside OUT. Returns its status
// as wait() gives it.
int interrupted_trace(const std::string& repository, const std::string& out, int signal) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
    ::signal(signal, SIG_DFL); // under nohup(1) it is ignored, and packscope keeps to that
    ::execl(kProgram.c_str(), "packscope", "trace", repository.c_str(), "--history", "-o", out.c_str(), nullptr);
    ::_exit(99);
  }
  const std::string folder = std::filesystem::path(out).parent_path().string();
  int status = -1;
  for (int tries = 0; tries < 600000 && ::waitpid(child, &status, WNOHANG) == 0; ++tries) {
    if (has_part(folder)) ::kill(child, signal);
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return status;
}

} // namespace

TEST_CASE("a list of paths may have either line ending; one without paths is an error", "[command]") {
  TemporaryFolder folder;
  make_repository(folder / "r", 1);
  const std::string stat = " | " + kProgram + " stat - 2>&1";
  for (const std::string ending : {"\\n", "\\r\\n", "\\r\\n\\r\\n\\n", ""}) {
    const Ran ran = run("printf '" + (folder / "r") + ending + "'" + stat);
    CHECK(ran.status == 0);
    CHECK(ran.output.starts_with("r: loose\n"));
  }
  must_run("mv " + (folder / "r") + " \"$(printf '" + (folder / "r") + "\\r')\""); // a name that ends so
  CHECK(run("printf '" + (folder / "r") + "\\r\\n'" + stat).status == 0);
  for (const std::string empty : {"", "\\n\\r\\n"}) {
    const Ran ran = run("printf '" + empty + "'" + stat);
    CHECK(ran.status == 1);
    CHECK(ran.output == "packscope: standard input: list of paths is empty\n");
  }
}

TEST_CASE("what a partial clone lacks is a note, with --verbose by name, and no error", "[command]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 3), partial = folder / "partial.git";
  must_run("git -C " + path + " config uploadpack.allowFilter true && git clone -q --bare --filter=blob:limit=100 file://" +
           path + " " + partial);
  const std::string note = "packscope: " + partial + ": 2 objects that a partial or shallow clone may lack\n";
  const std::string trace = kProgram + " trace --no-progress " + partial + " -o " + (folder / "t");
  const Ran traced = run(trace + " 2>&1 >/dev/null");
  CHECK(traced.status == 0);
  CHECK(traced.output == note);
  const Ran named = run(trace + " --verbose 2>&1 >/dev/null");
  CHECK(named.status == 0);
  const std::string lost = must_run("git -C " + path + " rev-parse HEAD:src/b.c").substr(0, 40);
  CHECK(named.output.ends_with(note));
  CHECK(named.output.find("packscope: " + partial + ": blob " + lost + " of path 'src/b.c' is missing\n") != std::string::npos);
  CHECK(lines(named.output).size() == 3);
  CHECK(run(trace + " --quiet 2>&1 >/dev/null").output.empty());
  const Ran stat = run(kProgram + " stat --verify " + partial + " 2>&1 >/dev/null");
  CHECK(stat.status == 0);
  CHECK(stat.output.empty()); // every object that is there is whole
}

TEST_CASE("a killed or interrupted trace leaves the old file, and an interrupted one nothing else", "[command]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 60);
  for (const int signal : {SIGKILL, SIGTERM, SIGINT, SIGHUP}) {
    const std::string here = folder / std::to_string(signal);
    write_file(here + "/t", "old");
    const int status = interrupted_trace(path, here + "/t", signal);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK((read_file(here + "/t") == "old")); // in brackets: a trace is not to be printed
    if (signal != SIGKILL) CHECK(run("ls -A " + here).output == "t\n");
  }
}

TEST_CASE("where a file may not grow, the output is an error and nothing is left behind", "[command]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 10);
  write_file(folder / "out/t", "old");
  const Ran ran = run("ulimit -f 16; " + kProgram + " trace --history " + path + " -o " + (folder / "out/t") + " 2>&1 >/dev/null");
  CHECK(ran.status == 1);
  CHECK(ran.output.starts_with("packscope: " + (folder / "out/t") + ": SQLite: "));
  CHECK(read_file(folder / "out/t") == "old");
  CHECK(run("ls -A " + (folder / "out")).output == "t\n");
}

TEST_CASE("one broken base under two blobs is named once by trace", "[command]") {
  TemporaryFolder folder;
  PackBuilder pack;
  std::string stream = deflated("broken");
  stream.back() = static_cast<char>(~stream.back());
  const std::uint64_t broken = pack.raw(entry_head(3, 6) + stream);
  const std::uint64_t first = pack.ofs_delta(broken, appending_delta(6, "x"));
  const std::uint64_t second = pack.ofs_delta(broken, appending_delta(6, "y"));
  const std::uint64_t good = pack.object(ObjectType::blob, "good");
  const std::string bytes = pack.finish();
  write_file(folder / "p.pack", bytes);
  write_file(folder / "p.idx", make_index({{blob_id("broken"), broken}, {blob_id("brokenx"), first},
                                           {blob_id("brokeny"), second}, {blob_id("good"), good}}, bytes));
  const std::string at = "packscope: " + (folder / "p.pack") + ": offset ";
  for (const std::string threads : {"1", "3"}) {
    const Ran ran = run(kProgram + " trace --threads " + threads + " " + (folder / "p.pack") + " -o " + (folder / "t") + " 2>&1 >/dev/null");
    CHECK(ran.status == 1);
    const std::vector<std::string> said = lines(ran.output);
    REQUIRE(said.size() == 3);
    CHECK(said[0].starts_with(at + std::to_string(broken) + ": zlib stream"));
    CHECK(said[1] == at + std::to_string(first) + ": delta base cannot be read itself");
    CHECK(said[2] == at + std::to_string(second) + ": delta base cannot be read itself");
  }
}
