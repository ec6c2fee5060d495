// The clang module as a backend. The compiler is shut in, so the tree's answers come from the process around it.
#include "compile/backend.h"
#include "compile/clang/loader.h"
#include "compile/file_service.h"

#include <unistd.h>

#include <unordered_map>

namespace packscope::compile {
namespace {

std::string text_of(int fd, std::uint64_t size) {
  std::string text(size, '\0');
  std::size_t at = 0;
  for (ssize_t got; at < size && (got = ::pread(fd, text.data() + at, size - at, static_cast<off_t>(at))) > 0;) at += static_cast<std::size_t>(got);
  text.resize(at);
  return text;
}

class AskedFiles : public clang::Files {
public:
  explicit AskedFiles(int socket) : socket_(socket) {}

  Status status(const std::string& path) override {
    const auto [known, first] = answers_.try_emplace(path); // a compiler asks many times
    int fd = -1;
    if (first) known->second = ask_file(socket_, 's', path, fd);
    const FileAnswer& answer = known->second;
    return {answer.kind, answer.number, answer.size, answer.why};
  }
  std::shared_ptr<const std::string> read(const std::string& path) override {
    int fd = -1;
    const FileAnswer answer = ask_file(socket_, 'r', path, fd);
    if (fd < 0) return nullptr;
    auto text = std::make_shared<const std::string>(text_of(fd, answer.size));
    ::close(fd);
    return text;
  }
  void list(const std::string& path, std::vector<SourceTree::Name>& names) override {
    int fd = -1;
    ask_file(socket_, 'l', path, fd);
    if (fd < 0) return;
    const off_t size = ::lseek(fd, 0, SEEK_END);
    const std::string lines = text_of(fd, size > 0 ? static_cast<std::uint64_t>(size) : 0);
    ::close(fd);
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = std::min(lines.find('\0', at), lines.size());
      names.push_back({lines.substr(at + 1, end - at - 1), lines[at] == 'd' ? NodeKind::folder : NodeKind::file});
      at = end + 1;
    }
  }

private:
  int socket_;
  std::unordered_map<std::string, FileAnswer> answers_;
};

class ClangBackend : public Backend {
public:
  explicit ClangBackend(clang::Module& module) : module_(module) {}
  std::string version() const override { return module_.version(); }
  bool compiles_cplusplus() const override { return true; }
  int compile(const Unit& unit, const HostFolders& host, const MemoryFile& object) override {
    return run_served(*unit.tree, {}, "clang", [&](int socket) {
      AskedFiles files(socket);
      return static_cast<int>(module_.compile(unit.path, unit.flags, files, host, object.fd()));
    });
  }
  int link(const std::vector<Object>& objects, const std::vector<std::string>& flags, bool cplusplus, const MemoryFile& executable) override {
    std::vector<std::string> paths;
    for (const Object& object : objects) paths.push_back("/proc/self/fd/" + std::to_string(object.fd));
    return static_cast<int>(module_.link(paths, flags, cplusplus, executable.fd()));
  }

private:
  clang::Module& module_;
};

} // namespace

Result<std::unique_ptr<Backend>> clang_backend() {
  const Result<clang::Module*> module = clang::load_module();
  if (!module) return std::unexpected(module.error());
  return std::make_unique<ClangBackend>(**module);
}

} // namespace packscope::compile
