// Files in memory: they grow no folder, and are gone with the last descriptor.
#include "compile/capture.h"

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

Capture::Capture(std::string_view input)
    : input_(::memfd_create("input", MFD_CLOEXEC)), output_(::memfd_create("output", MFD_CLOEXEC)), errors_(::memfd_create("errors", MFD_CLOEXEC)) {
  for (std::size_t at = 0; at < input.size();) {
    const ssize_t written = ::pwrite(input_, input.data() + at, input.size() - at, static_cast<off_t>(at));
    if (written <= 0) break; // a shorter input
    at += static_cast<std::size_t>(written);
  }
}

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

Result<Captured> run_captured(const std::vector<std::string>& command, perf::ChildOptions options, std::string_view input) {
  const Capture capture(input);
  capture.attach(options);
  Result<perf::ChildReading> reading = perf::measure_child(command, options);
  if (!reading) return std::unexpected(reading.error());
  return Captured{std::move(*reading), capture.output(), capture.errors()};
}

} // namespace packscope::compile
