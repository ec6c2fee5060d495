// A file written aside and renamed when whole: a reader sees the old file or the new one, never half of it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>

namespace packscope {

// Usage: create, fill `temporary_path()` by any means (or write()), then commit(). Without commit() the
// temporary file is removed by the destructor, and by an interrupt after remove_on_signals(); a killed process leaves
// only a dot file with its process id.
class OutputFile {
public:
  // Errors: no such folder, a directory, anything there that is not a regular file.
  [[nodiscard]] static Result<OutputFile> create(const std::string& path);

  // For the whole process, once: SIGINT, SIGTERM and SIGHUP (where they are not ignored) remove the temporary files and
  // then end it as they would have; a limit on the size of files is an error of the write instead of a signal.
  static void remove_on_signals();

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  const std::string& temporary_path() const { return temporary_; }
  [[nodiscard]] Result<void> write(std::string_view text);
  // Flushes to disk, then renames over the final name.
  [[nodiscard]] Result<void> commit();

private:
  OutputFile(std::string path, std::string temporary, int fd, int slot)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd), slot_(slot) {}
  void forget_temporary();

  std::string path_;
  std::string temporary_;
  int fd_;
  int slot_; // among the names that a signal's handler knows
};

// The whole of it at once.
[[nodiscard]] Result<void> write_whole(const std::string& path, std::string_view text);

} // namespace packscope
