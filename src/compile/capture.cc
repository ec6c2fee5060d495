// Files in memory: they grow no folder, and are gone with the last descriptor.
#include "compile/capture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace packscope::compile {
namespace {

std::string text_of(int fd) {
  std::string text(std::size_t{1} << 20, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

} // namespace

Capture::Capture()
    : input_(::open("/dev/null", O_RDONLY | O_CLOEXEC)), output_(::memfd_create("output", MFD_CLOEXEC)),
      errors_(::memfd_create("errors", MFD_CLOEXEC)) {}

Capture::~Capture() {
  for (const int fd : {input_, output_, errors_})
    if (fd >= 0) ::close(fd);
}

void Capture::attach(perf::ChildOptions& options) const {
  options.standard_input = input_;
  options.standard_output = output_;
  options.standard_error = errors_;
}

std::string Capture::output() const { return text_of(output_); }
std::string Capture::errors() const { return text_of(errors_); }

Result<Captured> run_captured(const std::vector<std::string>& command, perf::ChildOptions options) {
  const Capture capture;
  capture.attach(options);
  Result<perf::ChildReading> reading = perf::measure_child(command, options);
  if (!reading) return std::unexpected(reading.error());
  return Captured{std::move(*reading), capture.output(), capture.errors()};
}

} // namespace packscope::compile
