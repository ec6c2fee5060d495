// Errors as one line of text; see result.h.
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace packscope {

std::string Error::text() const {
  std::string line;
  if (!file.empty()) line += file + ": ";
  if (offset) line += "offset " + std::to_string(*offset) + ": ";
  return line + what;
}

std::unexpected<Error> fail_errno(std::string_view action, std::string_view file) {
  const int code = errno;
  return fail(std::string(action) + ": " + std::strerror(code), file);
}

} // namespace packscope
