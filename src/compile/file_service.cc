// The answering end of file_service.h.
#include "compile/file_service.h"

#include "base/text.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <set>
#include <utility>

namespace packscope::compile {
namespace {

int in_memory(std::string_view text) {
  const int fd = ::memfd_create("source", MFD_CLOEXEC);
  for (std::size_t at = 0; fd >= 0 && at < text.size();) {
    const ssize_t written = ::write(fd, text.data() + at, text.size() - at);
    if (written <= 0) {
      ::close(fd);
      return -1;
    }
    at += static_cast<std::size_t>(written);
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

class Service {
public:
  Service(SourceTree& tree, const HostFolders& host) : tree_(tree), host_(host) {}

  FileAnswer answer(char what, const std::string& path, int& fd) {
    if (what == 'o' && path.starts_with('/')) return of_host(path, fd);
    const Node node = tree_.find(path);
    FileAnswer answer = {.kind = node.kind, .number = node.number};
    std::strncpy(answer.why, node.why, sizeof answer.why - 1);
    // A link is worth a word; ".." above the root finds nothing on a checkout either.
    if (node.kind == NodeKind::damaged || (node.kind == NodeKind::outside && path.find("..") == std::string::npos)) tell(plain_path("/" + path).substr(1), node.why);
    if (what == 'l' && node.kind == NodeKind::folder) fd = in_memory(names_in(node));
    if (node.kind != NodeKind::file) return answer;
    const Result<pack::ObjectPtr> object = tree_.read(node);
    if (!object) {
      tell(node.path, object.error().text());
      answer.kind = NodeKind::damaged;
      std::strncpy(answer.why, "the object cannot be read", sizeof answer.why - 1);
      return answer;
    }
    answer.size = (*object)->data.size();
    if (what == 'r' || what == 'o') fd = in_memory(as_text({(*object)->data.data(), (*object)->data.size()}));
    return answer;
  }

private:
  FileAnswer of_host(const std::string& path, int& fd) {
    const std::optional<std::string> allowed = host_.file(path);
    if (allowed) fd = ::open(allowed->c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return {.kind = fd >= 0 ? NodeKind::file : NodeKind::missing};
  }
  void tell(const std::string& path, const std::string& what) { // once
    if (told_.insert(path).second) std::fprintf(stderr, "packscope: %s: %s\n", printable(path).c_str(), what.c_str());
  }
  std::string names_in(const Node& folder) {
    std::string lines;
    for (const SourceTree::Name& name : tree_.list(folder)) lines += (name.kind == NodeKind::folder ? 'd' : 'f') + name.name + '\0';
    return lines;
  }

  SourceTree& tree_;
  const HostFolders& host_;
  std::set<std::string> told_;
};

bool send_answer(int socket, FileAnswer& answer, int fd) {
  iovec part = {&answer, sizeof answer};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof answer);
}

} // namespace

bool SocketPair::open() { return ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0; }
void SocketPair::close(int end) {
  if (const int fd = std::exchange(ends[end], -1); fd >= 0) ::close(fd);
}

void serve_files(int socket, SourceTree& tree, const HostFolders& host) {
  Service service(tree, host);
  std::string question(kLongestPath + 1, '\0');
  for (;;) {
    const ssize_t got = ::recv(socket, question.data(), question.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    int fd = -1;
    FileAnswer answer = service.answer(question[0], question.substr(1, static_cast<std::size_t>(got) - 1), fd);
    const bool sent = send_answer(socket, answer, fd);
    if (fd >= 0) ::close(fd);
    if (!sent) return;
  }
}

int run_served(SourceTree& tree, const HostFolders& host, const char* name, const std::function<int(int)>& shut_in) {
  SocketPair pair;
  if (!pair.open()) {
    std::perror("packscope: socketpair");
    return 2;
  }
  const pid_t process = ::fork();
  if (process < 0) {
    std::perror("packscope: fork");
    return 2;
  }
  if (process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    pair.close(0);
    int code = 2;
    try {
      code = shut_in(pair.ends[1]);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "packscope: %s: %s\n", name, error.what());
    }
    std::fflush(stderr);
    ::_exit(code);
  }
  pair.close(1);
  serve_files(pair.ends[0], tree, host);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {}
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  if (signal == SIGXCPU || signal == SIGKILL) std::fprintf(stderr, "packscope: %s took too long, or too much memory\n", name);
  else std::fprintf(stderr, "packscope: %s was ended by signal %d (%s)\n", name, signal, ::strsignal(signal));
  return 1;
}

} // namespace packscope::compile
