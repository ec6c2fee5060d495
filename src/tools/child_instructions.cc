// Cachegrind without its caches, one log a process: "==123== I   refs:      1,234,567".
#include "tools/child_instructions.h"

#include "perf/child.h"

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>

namespace packscope::tools {
namespace {

namespace fs = std::filesystem;

class File {
public:
  File(const std::string& path, int flags) : fd(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const int fd;
};

std::optional<std::uint64_t> count_in(const fs::path& log) {
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find("refs:");
    if (colon == std::string::npos || line.find("== I ") == std::string::npos) continue;
    std::uint64_t count = 0;
    for (const char c : line.substr(colon))
      if (std::isdigit(static_cast<unsigned char>(c)) != 0) count = count * 10 + static_cast<std::uint64_t>(c - '0');
    return count;
  }
  return std::nullopt;
}

} // namespace

Result<ChildInstructions> count_child(const std::vector<std::string>& command, const std::string& input, const std::string& output) {
  const File in(input, O_RDONLY), out(output, O_WRONLY | O_CREAT | O_TRUNC);
  if (in.fd < 0) return fail_errno("open", input);
  if (out.fd < 0) return fail_errno("open", output);
  const Result<perf::ChildReading> plain = perf::measure_child(command, {.standard_input = in.fd, .standard_output = out.fd});
  if (!plain) return std::unexpected(plain.error());
  if (plain->status != 0) return fail("exit " + std::to_string(plain->status), command[0]);
  if (plain->reading.instructions) return ChildInstructions{*plain->reading.instructions, "instructions:u"};

  std::string logs = output + ".valgrind-XXXXXX";
  if (::mkdtemp(logs.data()) == nullptr) return fail_errno("mkdtemp", logs);
  std::vector<std::string> watched = {"valgrind",           "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
                                      "--trace-children=yes", "--log-file=" + logs + "/%p"};
  watched.insert(watched.end(), command.begin(), command.end());
  ::lseek(in.fd, 0, SEEK_SET);
  const File again(output, O_WRONLY | O_CREAT | O_TRUNC);
  const Result<perf::ChildReading> child = perf::measure_child(watched, {.standard_input = in.fd, .standard_output = again.fd});
  ChildInstructions counted{0, kByValgrind};
  bool any = false;
  std::error_code ignored;
  for (const fs::directory_entry& log : fs::directory_iterator(logs, ignored))
    if (const std::optional<std::uint64_t> count = count_in(log.path())) counted.instructions += *count, any = true;
  fs::remove_all(logs, ignored);
  if (!child) return fail(plain->reading.fallback.value_or("instructions:u: not measured") + "; valgrind is not installed either");
  if (child->status != 0 || !any) return fail("valgrind: exit " + std::to_string(child->status), command[0]);
  return counted;
}

} // namespace packscope::tools
