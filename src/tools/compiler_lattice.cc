// compiler_lattice: the compilers from mes to LLVM on the same sources. This file: its subcommands and what they share.
#include "tools/compiler_lattice.h"

#include "tools/commands.h"

namespace packscope::tools {

void add_lattice_options(CLI::App& app, LatticeOptions& options, bool own_flags) {
  options.compilers.assign(std::begin(compile::kChain), std::end(compile::kChain));
  options.levels = {"0", "2"};
  app.add_option("--format", options.format, "How to print: a table, records as JSON Lines and then their order, or the order as DOT [table]")
      ->type_name("table|json|dot")
      ->check(CLI::IsMember({"table", "json", "dot"}));
  app.add_option("--compilers", options.compilers, "Names or paths of compilers, with commas between [mescc,tcc,gcc,clang]")
      ->type_name("NAMES")->delimiter(',')->allow_extra_args(false);
  app.add_option("--levels", options.levels, "Levels of optimization, of compilers that have them [0,2]")
      ->type_name("LEVELS")->delimiter(',')->allow_extra_args(false)->check(CLI::IsMember({"0", "1", "2", "3", "s"}));
  app.add_flag("--slow-mescc", options.slow_mescc, "Run mescc by mes itself even where Guile is installed, which takes ten times as long for the same bytes");
  app.add_option("--compile-seconds", options.limits.compile_seconds, "Time limit of one compilation [60]")->type_name("N")->check(CLI::Range(0.1, 86400.0));
  app.add_option("--run-seconds", options.limits.run_seconds, "Time limit of one program that was made [10]")->type_name("N")->check(CLI::Range(0.1, 86400.0));
  if (!own_flags) return;
  app.add_flag("--json", options.json, "The same as --format json");
  add_progress_options(app, options);
}

int take_json(const CLI::App& app, const ReadOptions& read, LatticeOptions& lattice) {
  if (read.json && !lattice.format.empty() && lattice.format != "json") return usage_error(app, "--json excludes --format " + lattice.format);
  lattice.json = read.json;
  return kExitOk;
}

std::optional<LatticeStart> start_lattice(const LatticeOptions& options, Report& report) {
  compile::ChainCompilers compilers = compile::find_chain_compilers(options.compilers, options.slow_mescc);
  for (const std::string& name : compilers.missing) report.note(name + " is not installed: skipped");
  std::vector<compile::Setting> settings = compile::settings_of(compilers.found, options.levels);
  if (settings.empty()) report.error({.what = "no compiler of the chain is installed"});
  Result<compile::PrivateFolder> folder = compile::PrivateFolder::create();
  if (!folder) report.error(folder.error());
  if (settings.empty() || !folder) return std::nullopt;
  return LatticeStart{std::move(settings), std::move(compilers.missing), std::move(*folder)};
}

std::string dot_quoted(const std::string& text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + "\"";
}

std::function<int()> configure_compiler_lattice(CLI::App& app) {
  app.require_subcommand(0, 1);
  auto chosen = std::make_shared<std::function<int()>>(configure_lattice_units(app));
  const auto add = [&](const char* name, const char* purpose, const char* example, std::function<int()> (*configure)(CLI::App&)) {
    CLI::App* sub = app.add_subcommand(name, purpose);
    const std::function<int()> action = configure(*sub);
    const std::string notes = sub->get_footer();
    sub->footer(notes + (notes.empty() ? "" : "\n\n") + "Example:\n  packscope compiler_lattice " + example);
    sub->callback([chosen, action] { *chosen = action; });
  };
  add("features", "Small C programs of one feature each: who accepts them, and who miscompiles them silently", "features",
      configure_lattice_features);
  add("bootstrap", "Compilers built by compilers, and by themselves: whoever built one, it must make the same bytes", "bootstrap",
      configure_lattice_bootstrap);
  return [chosen] { return (*chosen)(); };
}

} // namespace packscope::tools
