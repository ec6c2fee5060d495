// decompress_rounds: the ladder, measured. This file: its subcommands; each has a file.
#include "tools/decompress_rounds.h"

#include "tools/commands.h"

namespace packscope::tools {

std::function<int()> configure_decompress_rounds(CLI::App& app) {
  app.require_subcommand(0, 1);
  auto chosen = std::make_shared<std::function<int()>>(configure_ladder(app));
  const auto add = [&](const char* name, const char* purpose, std::function<int()> (*configure)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, purpose);
    const std::function<int()> action = configure(*sub);
    sub->callback([chosen, action] { *chosen = action; });
  };
  add("corpus", "Write a corpus: samples of many repositories, and the list of them", configure_corpus);
  add("steps", "Learning decompression round by round: which steps a network can learn", configure_steps);
  add("inherit", "Whether deltas agree with what they inherit: some are resolved, and asked themselves", configure_inherit);
  add("traditional", "What the same blobs cost by git, a file and tree-sitter, and how many times a rung is cheaper", configure_traditional);
  return [chosen] { return (*chosen)(); };
}

} // namespace packscope::tools
