// decompress_rounds PATH: to come.
#include "tools/decompress_rounds.h"

namespace packscope::tools {

std::function<int()> configure_ladder(CLI::App& app) {
  return [&app] { return usage_error(app, "corpus"); };
}

} // namespace packscope::tools
