// (being written)
#include "tools/commands.h"

namespace packscope::tools {

std::function<int()> configure_stat(CLI::App& app) {
  auto options = std::make_shared<ReadOptions>();
  add_read_options(app, *options);
  return [options] { return kExitUsage; };
}

} // namespace packscope::tools
