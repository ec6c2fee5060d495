// Inside the room: work that may crash, hang or eat memory, done in a process of its own.
#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace packscope::syntax {

// A child that finds no memory ends with this exit code; what throws std::bad_alloc does so by itself.
inline constexpr int kOutOfMemory = 3;

struct Limits {
  std::chrono::milliseconds processor; // counted in whole seconds, rounded up
  std::chrono::milliseconds clock;     // for what waits instead of working
  std::uint64_t memory;                // bytes beyond what this process holds
};

// Forks a child for each piece of work, from a process that is itself forked once, with the first piece: a fork makes both
// sides fault on every page that they write afterwards, and so this process pays for one fork, not for each. The server keeps
// what this process held when it began, up to 64 MiB of which may have been given back since, and 8 MiB of texts. For one thread.
class ForkServer {
public:
  // Runs in a child, which sees this process as it was when the server began (so pointers to what existed then keep their
  // meaning). It must stay off what other threads may hold locked; malloc is fine (glibc and the sanitizers take care of it
  // in fork).
  using Work = std::function<std::string(std::string_view request, std::string_view text)>;
  ForkServer(Work work, std::size_t longest_text);
  ~ForkServer() { end(false); }
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;

  static constexpr std::size_t kLongestRequest = 256;
  // What the work returns. Errors: the child crashed, or went over a limit, for which it is killed. Its output goes nowhere.
  // `pieces`: of the text, one behind the other.
  Result<std::string> run(std::string_view request, std::span<const std::string_view> pieces, const Limits& limits);
  Result<std::string> run(std::string_view request, std::string_view text, const Limits& limits) { return run(request, {&text, 1}, limits); }
  // The next run() sees this process as it is then.
  void renew() { end(false); }

private:
  struct Ask;
  Result<void> begin();
  void end(bool kill);
  [[noreturn]] void serve(int theirs, int out);
  [[noreturn]] void run_child(const Ask& ask, std::string_view request, int out, pid_t server);

  const Work work_;
  const std::size_t longest_text_;
  char* text_ = nullptr; // longest_text_ bytes that this process and the server share
  pid_t server_ = -1, owner_ = -1; // -1: none; whose it is, as a copy of this may be in a child
  std::uint64_t held_ = 0;         // bytes that this process held then
  int socket_ = -1;
};

} // namespace packscope::syntax
