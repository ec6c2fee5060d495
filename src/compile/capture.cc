// See capture.h.
#include "compile/capture.h"

namespace packscope::compile {

constexpr std::size_t kKept = std::size_t{1} << 20;

Result<Capture> Capture::create(std::string_view input) {
  Result<MemoryFile> in = MemoryFile::create("input"), out = MemoryFile::create("output"), errors = MemoryFile::create("errors");
  for (const Result<MemoryFile>* file : {&in, &out, &errors})
    if (!*file) return std::unexpected(file->error());
  if (const Result<void> written = in->write(input); !written) return std::unexpected(written.error());
  return Capture(std::move(*in), std::move(*out), std::move(*errors));
}

void Capture::attach(perf::ChildOptions& options) const {
  options.standard_input = input_.fd();
  options.standard_output = output_.fd();
  options.standard_error = errors_.fd();
}

std::string Capture::output() const { return output_.text(kKept); }
std::string Capture::errors() const { return errors_.text(kKept); }

Result<Captured> run_captured(const std::vector<std::string>& command, perf::ChildOptions options, std::string_view input) {
  const Result<Capture> capture = Capture::create(input);
  if (!capture) return std::unexpected(capture.error());
  capture->attach(options);
  Result<perf::ChildReading> reading = perf::measure_child(command, options);
  if (!reading) return std::unexpected(reading.error());
  return Captured{std::move(*reading), capture->output(), capture->errors()};
}

} // namespace packscope::compile
