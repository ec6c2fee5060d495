// pack_compiler: from a pack straight to what its source says. This file: its subcommands; each has a file.
#include "tools/pack_compiler.h"

#include "tools/commands.h"

namespace packscope::tools {

std::function<int()> configure_pack_compiler(CLI::App& app) {
  app.require_subcommand(1);
  auto chosen = std::make_shared<std::function<int()>>();
  const auto add = [&](const char* name, const char* purpose, const char* example, std::function<int()> (*configure)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, purpose);
    const std::function<int()> action = configure(*sub);
    const std::string notes = sub->get_footer();
    sub->footer(notes + (notes.empty() ? "" : "\n\n") + "Example:\n  packscope pack_compiler " + example);
    sub->callback([chosen, action] { *chosen = action; });
  };
  add("outline", "What every blob declares: kinds, names, spans; exact", "outline --rev HEAD .", configure_outline);
  add("tokens", "Which compressed bits carry each token", "tokens --rev HEAD --json .", configure_tokens);
  add("predict", "Language and facts of every blob from its compressed bytes, with a confidence", "predict --compare --rev HEAD .",
      configure_facts);
  add("build", "Compile and link C or C++ straight from a revision, without a checkout", "build --repo . --run HEAD:src/main.c -- -Iinclude -O2",
      configure_build);
  return [chosen] { return (*chosen)(); };
}

} // namespace packscope::tools
