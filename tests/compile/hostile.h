// Trees that git would not write: objects as they are given, loose, in a repository of their own.
#pragma once

#include "support.h"

#include <cstdint>
#include <string>

namespace packscope::test {

class HostileRepository {
public:
  explicit HostileRepository(const TemporaryFolder& folder) : folder_(folder), path_(folder / "hostile") { must_run("git init -q -b main " + path_); }
  const std::string& path() const { return path_; }

  std::string write(const std::string& type, const std::string& bytes) {
    write_file(folder_ / "object", bytes);
    std::string id = must_run("git -C " + path_ + " hash-object -w --literally -t " + type + " " + (folder_ / "object"));
    id.pop_back();
    return id;
  }
  std::string blob(const std::string& text) { return write("blob", text); }
  static std::string entry(const std::string& mode, const std::string& name, const std::string& id) {
    std::string bytes = mode + " " + name + '\0';
    for (std::size_t at = 0; at < id.size(); at += 2) bytes += static_cast<char>(std::stoi(id.substr(at, 2), nullptr, 16));
    return bytes;
  }
  // A commit of the tree, as main.
  void commit(const std::string& tree) {
    const std::string id = write("commit", "tree " + tree + "\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n");
    write_file(path_ + "/.git/refs/heads/main", id + "\n");
  }

private:
  const TemporaryFolder& folder_;
  std::string path_;
};

} // namespace packscope::test
