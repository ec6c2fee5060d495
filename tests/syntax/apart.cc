// Work in a process of its own: its answer, and the ways it can end badly.
#include "syntax/apart.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>

using packscope::Result;
using packscope::syntax::ForkServer;
using packscope::syntax::Limits;
using namespace std::chrono_literals;

namespace {
constexpr Limits kLimits{.processor = 1s, .clock = 20s, .memory = std::uint64_t{64} << 20};
constexpr std::size_t kLongest = 1 << 20;

Result<std::string> run_apart(const std::function<std::string()>& work, const Limits& limits) {
  ForkServer server([&](std::string_view, std::string_view) { return work(); }, kLongest);
  return server.run("", "", limits);
}
}

TEST_CASE("the answer comes back whole, whatever its size, and nothing else changes") {
  int touched = 0;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8}, std::size_t{1'000'000}}) {
    const Result<std::string> answer = run_apart(
        [&] {
          touched = 1;
          return std::string(size, '\0');
        },
        kLimits);
    REQUIRE(answer);
    CHECK(*answer == std::string(size, '\0'));
  }
  CHECK(touched == 0);
}

TEST_CASE("a text may be given in pieces") {
  constexpr std::size_t kLarge = std::size_t{40} << 20; // some of its pages go back afterwards
  ForkServer server([](std::string_view, std::string_view text) { return std::to_string(text.size()) + std::string(text.substr(0, 8)) + text.back(); }, kLarge + 8);
  const std::string large(kLarge, 'x');
  const Limits limits{.processor = 20s, .clock = 60s, .memory = std::uint64_t{1} << 30};
  const std::string_view pieces[] = {"one ", "", "two!", large};
  for (int i = 0; i < 2; ++i) {
    CHECK(server.run("", pieces, limits).value_or("") == std::to_string(kLarge + 8) + "one two!x");
    CHECK(server.run("", std::span(pieces).first(3), limits).value_or("") == "8one two!!");
  }
  const std::string_view too_much[] = {large, large};
  CHECK(!server.run("", too_much, limits));
}

TEST_CASE("an answer is known to be whole without the child's exit code") {
  const auto old = ::signal(SIGCHLD, SIG_IGN); // as some parents leave it
  const Result<std::string> answer = run_apart([] { return std::string("yes"); }, kLimits);
  const Result<std::string> none = run_apart([]() -> std::string { ::_exit(0); }, kLimits);
  ::signal(SIGCHLD, old);
  REQUIRE(answer);
  CHECK(*answer == "yes");
  CHECK(!none);
}

TEST_CASE("the child holds nothing open but its answer: it ends with a parent that is gone") {
  int extra[2];
  REQUIRE(::pipe(extra) == 0);
  const Result<std::string> open = run_apart(
      [] {
        std::string numbers;
        for (int i = 0; i < 256; ++i)
          if (::fcntl(i, F_GETFD) != -1) numbers += std::to_string(i) + " ";
        return numbers;
      },
      kLimits);
  ::close(extra[0]);
  ::close(extra[1]);
  REQUIRE(open);
  CHECK((*open == "0 1 2 3 " || *open == "1 2 3 "));
}

TEST_CASE("a crash, a hang, a wait and greed are errors") {
  const auto error_of = [](const std::function<std::string()>& work, Limits limits = kLimits) {
    const Result<std::string> answer = run_apart(work, limits);
    return answer ? "no error" : answer.error().text();
  };
  CHECK(error_of([] { return ::raise(SIGABRT), std::string(); }) == "crashed (signal 6)"); // not Catch2's handler
  CHECK(error_of([]() -> std::string { ::_exit(7); }) == "failed with exit code 7");
  CHECK(error_of([]() -> std::string {
          for (volatile bool forever = true; forever;) {}
          return "";
        }) == "not done within 1 s of processor time");
  CHECK(error_of([] { return ::sleep(60), std::string(); }, {.processor = 1s, .clock = 300ms, .memory = 1 << 26}) ==
        "not done within 300 ms");
#if !defined(__SANITIZE_ADDRESS__) // whose allocator ends the process in its own way
  CHECK(error_of([] { return std::string(2 * kLimits.memory, 'x'); }) == "needs more than 67108864 bytes of memory");
#endif
}

TEST_CASE("a server answers again and again, what it is asked, whatever became of the last child") {
  std::string seen = "before";
  ForkServer server(
      [&](std::string_view request, std::string_view text) -> std::string {
        if (request == "crash") ::raise(SIGSEGV);
        if (request == "exit") ::_exit(0);
        if (request == "orphan") ::kill(::getppid(), SIGKILL), ::sleep(60);
        if (request == "sleep") ::sleep(60);
        if (request == "seen") return seen;
        seen = "by a child";
        return std::string(request) + ":" + std::string(text);
      },
      kLongest);
  const auto said = [&](std::string_view request, std::string_view text = "", Limits limits = kLimits) {
    const Result<std::string> answer = server.run(request, text, limits);
    return answer ? *answer : answer.error().text();
  };
  CHECK(said("a", "text") == "a:text");
  const std::string long_text(kLongest, 'x');
  CHECK(said("long", long_text) == "long:" + long_text);
  CHECK(said("b") == "b:"); // nothing is left of the longer one
  CHECK(said("seen") == "before");
  seen = "after";
  CHECK(said("seen") == "before");
  server.renew();
  CHECK(said("seen") == "after");
  CHECK(said("crash") == "crashed (signal 11)");
  CHECK(said("c", "text") == "c:text");
  CHECK(said("exit") == "failed with exit code 0");
  CHECK(said("d") == "d:");
  CHECK(said("sleep", "", {.processor = 1s, .clock = 300ms, .memory = 1 << 26}) == "not done within 300 ms");
  CHECK(said("e") == "e:");
  CHECK(said("orphan") == "crashed, and with it the process that forks");
  CHECK(said("f") == "f:");
  CHECK(said(std::string(ForkServer::kLongestRequest + 1, 'r')) == "too much to ask");
  CHECK(said("g", long_text + "y") == "too much to ask");
}

TEST_CASE("a program that was started without descriptors is answered, and ends") {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close_range(0, 2, 0); // a socket's ends are 0 and 1
    ::alarm(20);
    std::string said;
    {
      ForkServer server([](std::string_view request, std::string_view) { return std::string(request); }, kLongest);
      said = server.run("a", "", kLimits).value_or("");
      server.renew(); // waits for the end of the first
      said += server.run("b", "", kLimits).value_or("");
    }
    ::_exit(said == "ab" ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("a process that was forked has a server of its own") {
  ForkServer server([](std::string_view request, std::string_view) { return std::string(request) + std::to_string(::getppid()); }, kLongest);
  const Result<std::string> ours = server.run("server ", "", kLimits);
  REQUIRE(ours);
  const pid_t child = ::fork();
  if (child == 0) {
    const Result<std::string> own = server.run("server ", "", kLimits);
    ::_exit(own && own->starts_with("server ") && *own != *ours ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(server.run("server ", "", kLimits).value_or("") == *ours);
}

// Zombies have ended: here they may wait for a first process that looks for none.
bool runs(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string word;
  return stat >> word >> word >> word && word != "Z";
}

TEST_CASE("server and child end with who asked, however that ended") {
  void* const shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  auto* const who = new (shared) std::array<std::atomic<pid_t>, 2>{};
  const pid_t owner = ::fork();
  if (owner == 0) {
    ForkServer server(
        [&](std::string_view, std::string_view) -> std::string {
          (*who)[0] = ::getppid();
          (*who)[1] = ::getpid();
          ::raise(SIGSTOP); // would wait for ever
          return "";
        },
        kLongest);
    (void)server.run("", "", {.processor = 60s, .clock = 60s, .memory = 1 << 26});
    ::_exit(1);
  }
  while ((*who)[1] == 0) ::usleep(1000);
  CHECK(runs((*who)[1]));
  REQUIRE(::kill(owner, SIGKILL) == 0);
  REQUIRE(::waitpid(owner, nullptr, 0) == owner);
  for (int i = 0; i < 10'000 && (runs((*who)[0]) || runs((*who)[1])); ++i) ::usleep(1000);
  CHECK(!runs((*who)[0]));
  CHECK(!runs((*who)[1]));
  ::munmap(shared, 4096);
}
