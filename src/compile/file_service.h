// How a compiler that is shut in (sandbox.h) reads a revision: it asks over a socket, and the process that holds the
// repository answers. A message each way:
//
//   question := 's' path  what is there        answer := kind, number, size, why it is refused
//             | 'r' path  the file's text                 … and a descriptor with the text, where there is one
//             | 'o' path  the same, and files of system headers by absolute path
//             | 'l' path  the names in a folder           … a descriptor with lines: 'f' or 'd', name, NUL
#pragma once

#include "compile/host_folders.h"
#include "compile/source_tree.h"

#include <functional>

namespace packscope::compile {

inline constexpr std::size_t kLongestPath = 4096; // longer ones are missing: no header has one

struct FileAnswer {
  NodeKind kind = NodeKind::missing;
  char why[55] = {};
  std::uint64_t number = 0, size = 0;
};
static_assert(sizeof(FileAnswer) == 72);

// Until the other end is closed. What cannot be read is a line on descriptor 2.
void serve_files(int socket, SourceTree& tree, const HostFolders& host);

// A question; `fd`: the descriptor that came with the answer, or -1.
FileAnswer ask_file(int socket, char what, std::string_view path, int& fd);

// Both ends of a socket for it, closed by exec.
struct SocketPair {
  int ends[2] = {-1, -1};
  bool open();
  ~SocketPair() { close(0), close(1); }
  void close(int end);
  SocketPair() = default;
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
};

// Runs `shut_in` in a child process, which asks at the given socket, and serves it; its exit code. `name`: for the message,
// if a signal ends it.
int run_served(SourceTree& tree, const HostFolders& host, const char* name, const std::function<int(int socket)>& shut_in);

} // namespace packscope::compile
