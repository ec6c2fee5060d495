// A file appears whole or not at all.
#include "base/output_file.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

using packscope::OutputFile;
using namespace packscope::test;

TEST_CASE("without commit the old file stays and nothing is left behind") {
  TemporaryFolder folder;
  write_file(folder / "out", "old");
  {
    packscope::Result<OutputFile> file = OutputFile::create(folder / "out");
    REQUIRE(file);
    REQUIRE(file->write("half"));
    CHECK(read_file(folder / "out") == "old");
  }
  CHECK(read_file(folder / "out") == "old");
  CHECK(run("ls -A " + folder.path()).output == "out\n");
}

TEST_CASE("commit replaces the file") {
  TemporaryFolder folder;
  packscope::Result<OutputFile> file = OutputFile::create(folder / "out");
  REQUIRE(file);
  REQUIRE(file->write("whole"));
  REQUIRE(file->commit());
  CHECK(read_file(folder / "out") == "whole");
  CHECK(run("ls -A " + folder.path()).output == "out\n");
}

TEST_CASE("errors name the file") {
  TemporaryFolder folder;
  packscope::Result<OutputFile> file = OutputFile::create(folder / "none/out");
  REQUIRE(!file);
  CHECK(file.error().text() == folder / "none/out" + ": create: No such file or directory");
  CHECK(!OutputFile::create(folder.path()));
}

TEST_CASE("a link is followed, a pipe is refused, a file's mode is kept") {
  TemporaryFolder folder;
  write_file(folder / "real", "old");
  must_run("chmod 600 " + (folder / "real") + "; ln -s real " + (folder / "link") + "; mkfifo " + (folder / "pipe"));
  packscope::Result<OutputFile> file = OutputFile::create(folder / "link");
  REQUIRE(file);
  REQUIRE(file->write("new"));
  REQUIRE(file->commit());
  CHECK(read_file(folder / "real") == "new");
  CHECK(run("stat -c %A-%F " + (folder / "real") + " " + (folder / "link")).output == "-rw--------regular file\nlrwxrwxrwx-symbolic link\n");
  packscope::Result<OutputFile> pipe = OutputFile::create(folder / "pipe");
  REQUIRE(!pipe);
  CHECK(pipe.error().what == "not a regular file");
}

TEST_CASE("two outputs of one name in one process do not meet") {
  TemporaryFolder folder;
  packscope::Result<OutputFile> one = OutputFile::create(folder / "out"), two = OutputFile::create(folder / "out");
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->temporary_path() != two->temporary_path());
}
