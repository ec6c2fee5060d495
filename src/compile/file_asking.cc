// The asking end of file_service.h. Also part of packscope-tcc, so it needs nothing but the system.
#include "compile/file_service.h"

#include <sys/socket.h>

#include <cstring>
#include <string>

namespace packscope::compile {

FileAnswer ask_file(int socket, char what, std::string_view path, int& fd) {
  fd = -1;
  FileAnswer answer;
  if (path.size() > kLongestPath) return answer;
  const std::string question = what + std::string(path);
  if (::send(socket, question.data(), question.size(), MSG_NOSIGNAL) < 0) return answer;
  iovec part = {&answer, sizeof answer};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof answer)) return {};
  if (const cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr && head->cmsg_type == SCM_RIGHTS) std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
  return answer;
}

} // namespace packscope::compile
