// The folder that compilers work in: what may be written there, and that it does not stay.
#include "compile/private_folder.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

using namespace packscope;
using namespace packscope::test;
using compile::checkout_path;
using compile::PrivateFolder;

TEST_CASE("only names that stay below a folder become files") {
  for (const std::string good : {"a.c", "src/a.c", "a b/…/c.h", "..c", "a/...", ".gitignore"}) CHECK(checkout_path(good) == good);
  for (const std::string bad : {"", "/etc/passwd", "../a", "a/../b", "a/..", "..", ".", "./a", "a//b", "a/", ".git/config", "x/.GIT/hooks/y"}) {
    INFO(bad);
    CHECK(!checkout_path(bad));
  }
  CHECK(!checkout_path(std::string("a\0b", 3)));
  CHECK(!checkout_path(std::string(256, 'n')));
  CHECK(checkout_path(std::string(255, 'n')));
  CHECK(!checkout_path(std::string(1 << 20, 'n')));
}

TEST_CASE("files are written, read and removed; a name that would leave is refused, a link is not followed") {
  Result<PrivateFolder> folder = PrivateFolder::create();
  REQUIRE(folder);
  TemporaryFolder outside;
  write_file(outside / "target", "untouched");
  REQUIRE(folder->write("tree/src/a.c", "int x;\n"));
  CHECK(folder->read("tree/src/a.c").value() == "int x;\n");
  REQUIRE(folder->write("tree/src/a.c", "int y;\n"));
  CHECK(folder->read("tree/src/a.c").value() == "int y;\n");
  CHECK(!folder->write("../escaped", "x"));
  CHECK(!folder->write("tree/src/a.c/b.c", "x")); // a file is no folder
  std::filesystem::create_symlink(outside / "target", *folder / "tree/link.c");
  std::filesystem::create_symlink(outside.path(), *folder / "tree/folder");
  CHECK(!folder->write("tree/link.c", "changed"));
  CHECK(!folder->read("tree/link.c"));
  CHECK(!folder->write("tree/folder/target", "changed"));
  CHECK(read_file(outside / "target") == "untouched");
  folder->remove("tree");
  CHECK(!folder->read("tree/src/a.c"));
  REQUIRE(folder->write("tree/src/a.c", "again"));
  CHECK(read_file(outside / "target") == "untouched");
}

TEST_CASE("the folder goes with its owner, also when that is killed, and what ran in it, too") {
  std::string path;
  {
    Result<PrivateFolder> folder = PrivateFolder::create();
    REQUIRE(folder);
    path = folder->path();
    REQUIRE(folder->write("a/b", "c"));
  }
  CHECK(!std::filesystem::exists(path));

  TemporaryFolder notes;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1); // the guardian becomes a child of this process, which can wait for it
  const pid_t owner = ::fork();
  REQUIRE(owner >= 0);
  if (owner == 0) {
    Result<PrivateFolder> folder = PrivateFolder::create();
    if (!folder || !folder->write("a/b", "c")) ::_exit(1);
    const pid_t worker = ::fork();
    if (worker == 0) {
      ::setpgid(0, 0);
      ::execlp("sleep", "sleep", "1000", nullptr);
      ::_exit(127);
    }
    ::setpgid(worker, worker);
    folder->running(worker);
    write_file(notes / "path", folder->path());
    write_file(notes / "worker", std::to_string(worker));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(owner, &status, 0) == owner);
  CHECK(WIFSIGNALED(status));
  int ended = 0; // guardian and worker
  for (int tries = 0; ended < 2 && tries < 3000; ++tries) {
    if (::waitpid(-1, &status, WNOHANG) > 0) ++ended;
    else ::usleep(10'000);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  if (ended < 2) ::kill(std::stoi(read_file(notes / "worker")), SIGKILL);
  CHECK(ended == 2);
  path = read_file(notes / "path");
  REQUIRE(path.find("packscope-") != std::string::npos);
  CHECK(!std::filesystem::exists(path));
}
