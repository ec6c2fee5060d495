// A fork server: a socket, a shared text, a deadline.
//
//   to the server   := Ask request
//   back            := 'p' size:8 ('p' bytes){pieces of the answer} 'e' status     from the child; from the server when it has ended
//                    | 'f' errno                                           where there could be no child
//
// The idea: server and child end by _exit in every case, so nothing of the parent (buffers, destructors, tests) runs twice. The
// answer begins with its own size: whether it is whole doesn't rest on how the child ended. Who goes takes along those below: the
// server when its socket ends, the child with its server.
#include "syntax/apart.h"

#include "base/memory.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <optional>
#include <utility>

namespace packscope::syntax {

struct ForkServer::Ask {
  std::uint64_t memory, seconds, text; // beyond what the server holds; of processor time; bytes
};

namespace {

constexpr char kPiece = 'p', kEnd = 'e', kNoFork = 'f';
constexpr std::size_t kPieceBytes = 60000; // a message, which comes whole

struct Memory {
  std::uint64_t addresses = 0, resident = 0; // bytes
};
Memory memory_of_this_process() {
  Memory memory;
  std::ifstream("/proc/self/statm") >> memory.addresses >> memory.resident;
  const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {memory.addresses * page, memory.resident * page};
}

bool send_message(int to, const void* head, std::size_t head_size, const void* rest, std::size_t rest_size) {
  iovec parts[] = {{const_cast<void*>(head), head_size}, {const_cast<void*>(rest), rest_size}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = std::size(parts);
  ssize_t sent;
  while ((sent = ::sendmsg(to, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) {}
  return sent == static_cast<ssize_t>(head_size + rest_size);
}
void send_number(int to, char what, int number) { send_message(to, &what, 1, &number, sizeof number); }

// Until the child has ended; false: who asked is gone. (Where there are no pidfds, the limits end what works on.)
bool await(pid_t child, int out) {
  const int ended = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (ended < 0) return true;
  pollfd either[] = {{ended, POLLIN, 0}, {out, POLLRDHUP, 0}};
  while (::poll(either, std::size(either), -1) < 0 && errno == EINTR) {}
  ::close(ended);
  return (either[0].revents & POLLIN) != 0;
}

// What a child answers, piece by piece; first its size.
class Answer {
public:
  bool add(std::string_view piece) { // false: no child of ours says that
    if (!size_) {
      if (piece.size() != sizeof(std::uint64_t)) return false;
      std::memcpy(&size_.emplace(), piece.data(), piece.size());
      constexpr std::uint64_t kMost = std::uint64_t{64} << 20; // at once, should it be nonsense
      text_.reserve(std::min(*size_, kMost));
      return true;
    }
    if (piece.size() > *size_ - text_.size()) return false;
    text_ += piece;
    return true;
  }
  bool whole() const { return size_ == text_.size(); }
  std::string take() { return std::move(text_); }

private:
  std::optional<std::uint64_t> size_;
  std::string text_;
};

} // namespace

ForkServer::ForkServer(Work work, std::size_t longest_text) : work_(std::move(work)), longest_text_(longest_text) {}

// --- in the child, and in the server -----------------------------------------------------------------------------

void ForkServer::run_child(const Ask& ask, std::string_view request, int out, pid_t server) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != server) ::_exit(1); // it went before that was said
  const std::uint64_t most = memory_of_this_process().addresses + ask.memory;
  const rlimit space{most, most}, processor{ask.seconds, ask.seconds + 1};
  ::setrlimit(RLIMIT_AS, &space);
  ::setrlimit(RLIMIT_CPU, &processor);
  try {
    const std::string result = work_(request, {text_, ask.text});
    const std::uint64_t size = result.size();
    if (!send_message(out, &kPiece, 1, &size, sizeof size)) ::_exit(1);
    for (std::size_t at = 0; at < result.size(); at += kPieceBytes)
      if (!send_message(out, &kPiece, 1, result.data() + at, std::min(kPieceBytes, result.size() - at))) ::_exit(1);
  } catch (...) {
    ::_exit(kOutOfMemory); // nothing else throws here
  }
  ::_exit(0);
}

void ForkServer::serve(int theirs, int out) {
  // Handlers are inherited, and a test framework's would report a crash as its own; SIGCHLD's, so that a child's end is told.
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTERM, SIGINT, SIGXCPU, SIGCHLD}) ::signal(signal, SIG_DFL);
  // Of all that the parent has open only the socket stays: were this process to hold its other end too, it would wait for ever
  // to be asked by a parent that is gone.
  constexpr int kOut = STDERR_FILENO + 1;
  ::close(theirs); // is one of those below where the parent began without them
  if (out != kOut) {
    ::dup2(out, kOut);
    ::close(out);
  }
  out = kOut;
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  ::close_range(kOut + 1, ~0U, 0);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const pid_t here = ::getpid();
  for (;;) {
    std::array<char, sizeof(Ask) + kLongestRequest> message;
    const ssize_t got = ::recv(out, message.data(), message.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < static_cast<ssize_t>(sizeof(Ask))) ::_exit(0);
    Ask ask;
    std::memcpy(&ask, message.data(), sizeof ask);
    const pid_t child = ::fork();
    if (child == 0) run_child(ask, {message.data() + sizeof ask, static_cast<std::size_t>(got) - sizeof ask}, out, here);
    if (child < 0) {
      send_number(out, kNoFork, errno);
      continue;
    }
    if (!await(child, out)) ::_exit(0); // and the child with it
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    send_number(out, kEnd, status);
  }
}

// --- in the parent -----------------------------------------------------------------------------------------------

Result<void> ForkServer::begin() {
  constexpr std::uint64_t kGivenBack = std::uint64_t{64} << 20;
  const std::uint64_t held = memory_of_this_process().resident;
  if (server_ >= 0 && owner_ == ::getpid() && held + kGivenBack > held_) return {};
  end(false);
  void* const text = ::mmap(nullptr, longest_text_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (text == MAP_FAILED) return fail(std::string("map: ") + std::strerror(errno));
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    const int why = errno;
    ::munmap(text, longest_text_);
    return fail(std::string("socketpair: ") + std::strerror(why));
  }
  text_ = static_cast<char*>(text);
  const pid_t server = ::fork();
  if (server == 0) serve(ends[0], ends[1]);
  const int why = errno;
  if (server > 0) own_pages_again();
  ::close(ends[1]);
  socket_ = ends[0];
  owner_ = ::getpid();
  server_ = server;
  held_ = held;
  if (server >= 0) return {};
  end(false);
  return fail(std::string("fork: ") + std::strerror(why));
}

void ForkServer::end(bool kill) {
  const bool ours = owner_ == ::getpid();
  if (socket_ >= 0) {
    if (ours) ::shutdown(socket_, SHUT_RDWR); // ends a server that waits to be asked, whoever else holds this end
    ::close(socket_);
  }
  socket_ = -1;
  if (text_ != nullptr) ::munmap(text_, longest_text_);
  text_ = nullptr;
  const pid_t server = std::exchange(server_, -1);
  if (server < 0 || !ours) return;
  if (kill) ::kill(server, SIGKILL);
  while (::waitpid(server, nullptr, 0) < 0 && errno == EINTR) {}
}

Result<std::string> ForkServer::run(std::string_view request, std::span<const std::string_view> pieces, const Limits& limits) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (request.size() > kLongestRequest || size > longest_text_) return fail("too much to ask");
  const auto deadline = std::chrono::steady_clock::now() + limits.clock;
  const Ask ask = {limits.memory, static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(limits.processor).count()), size};
  for (bool again = false;; again = true) { // a server may have been killed since
    if (const Result<void> ready = begin(); !ready) return std::unexpected(ready.error());
    constexpr std::size_t kWorthACall = std::size_t{64} << 10;
    if (size > kWorthACall) ::madvise(text_, size, MADV_POPULATE_WRITE); // a fault for each page costs more than copying it
    char* to = text_;
    for (const std::string_view piece : pieces) to = std::copy(piece.begin(), piece.end(), to);
    if (send_message(socket_, &ask, sizeof ask, request.data(), request.size())) break;
    end(true);
    if (again) return fail("the process that forks is gone");
  }
  struct LetGo { // of a large text's pages
    const ForkServer& server;
    std::size_t size;
    ~LetGo() {
      constexpr std::size_t kKept = std::size_t{8} << 20;
      if (size > kKept && server.text_ != nullptr) ::madvise(server.text_ + kKept, size - kKept, MADV_REMOVE);
    }
  } const after{*this, size};
  Answer answer;
  std::array<char, 1 + kPieceBytes> message;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      end(true);
      return fail("not done within " + std::to_string(limits.clock.count()) + " ms");
    }
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000))) <= 0) continue; // a second, or a signal
    const ssize_t got = ::recv(socket_, message.data(), message.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      end(true);
      return fail("crashed, and with it the process that forks");
    }
    if (message[0] == kPiece) {
      try {
        if (answer.add({message.data() + 1, static_cast<std::size_t>(got) - 1})) continue;
        end(true);
        return fail("crashed: its answer makes no sense");
      } catch (const std::bad_alloc&) { // the child is not to outlive it
        end(true);
        return fail("no memory for the answer");
      }
    }
    int number = 0;
    if (got == 1 + sizeof number) std::memcpy(&number, message.data() + 1, sizeof number);
    if (message[0] == kNoFork) return fail(std::string("fork: ") + std::strerror(number));
    if (answer.whole()) return answer.take();
    if (WIFEXITED(number) && WEXITSTATUS(number) == kOutOfMemory)
      return fail("needs more than " + std::to_string(limits.memory) + " bytes of memory");
    if (WIFSIGNALED(number) && WTERMSIG(number) == SIGXCPU)
      return fail("not done within " + std::to_string(ask.seconds) + " s of processor time");
    return fail(WIFSIGNALED(number) ? "crashed (signal " + std::to_string(WTERMSIG(number)) + ")"
                                    : "failed with exit code " + std::to_string(WEXITSTATUS(number)));
  }
}

} // namespace packscope::syntax
