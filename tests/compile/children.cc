// Work in children: results in order, ends by a signal told, and a sandbox that holds.
#include "compile/children.h"
#include "compile/sandbox.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>

#include <cerrno>
#include <csignal>

using namespace packscope;
using namespace packscope::test;
using compile::Child;
using compile::MemoryFile;
using compile::run_children;
using compile::Sandbox;

TEST_CASE("children: outputs, messages and ends, in order, several at once") {
  std::vector<Child> children;
  const Result<void> ran = run_children(
      20, {.at_once = 4},
      [](std::size_t i, const MemoryFile& output) {
        if (i % 3 == 0) ::usleep(20'000);
        ::dprintf(output.fd(), "out %zu", i);
        std::fprintf(stderr, "said %zu", i);
        if (i == 7) {
          std::signal(SIGSEGV, SIG_DFL); // a sanitizer's handler would end it by exit
          ::raise(SIGSEGV);
        }
        if (i == 8) throw std::runtime_error("thrown");
        return static_cast<int>(i);
      },
      [&](std::size_t i, Child child) {
        CHECK(i == children.size());
        children.push_back(std::move(child));
      });
  REQUIRE(ran);
  REQUIRE(children.size() == 20);
  for (std::size_t i = 0; i < children.size(); ++i) {
    CHECK(children[i].output.text() == "out " + std::to_string(i));
    if (i != 8) CHECK(children[i].messages.text() == "said " + std::to_string(i));
    if (i != 7 && i != 8) CHECK(children[i].status == static_cast<int>(i));
  }
  CHECK(children[7].status == 128 + SIGSEGV);
  CHECK(children[7].ended == "was ended by signal 11 (Segmentation fault)");
  CHECK(children[8].status == 2);
  CHECK(children[8].messages.text() == "said 8packscope: thrown\n");
}

TEST_CASE("sandbox: no file opens but through its door, and only to read; no program starts") {
  TemporaryFolder folder;
  const std::string file = folder / "file";
  write_file(file, "text");
  std::string said;
  const Result<void> ran = run_children(
      1, {},
      [&](std::size_t, const MemoryFile&) {
        const Result<Sandbox> sandbox = Sandbox::enter();
        if (!sandbox) {
          std::printf("no seccomp");
          return 0;
        }
        char byte = 0;
        const int door = sandbox->open(file);
        std::printf("%d%d ", door >= 0, ::read(door, &byte, 1) == 1 && byte == 't');
        std::printf("%d ", ::open(file.c_str(), O_RDONLY) < 0 && errno == EACCES);
        std::printf("%d ", ::openat(1000, file.c_str() + 1, O_RDWR) < 0 && errno == EACCES);
        std::printf("%d ", ::openat(1000, (file + "2").c_str() + 1, O_RDONLY | O_CREAT, 0600) < 0 && errno == EACCES);
        std::printf("%d ", std::fopen(file.c_str(), "r") == nullptr);
        std::printf("%d ", ::unlink(file.c_str()) < 0 && errno == EACCES);
        ::execl("/bin/true", "true", nullptr);
        std::printf("%d", errno == EACCES);
        std::fflush(stdout);
        return 0;
      },
      [&](std::size_t, Child child) { said = child.messages.text(); });
  REQUIRE(ran);
  if (said == "no seccomp") SKIP("the kernel refuses seccomp filters");
  CHECK(said == "11 1 1 1 1 1 1");
}
