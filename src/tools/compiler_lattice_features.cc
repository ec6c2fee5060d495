// compiler_lattice features: the built-in corpus, whose programs' results are known beforehand.
#include "tools/compiler_lattice.h"

#include "compile/feature.h"

namespace packscope::tools {
namespace {

using compile::Behaviour;
using compile::UnitOutcome;

struct FeatureOptions : LatticeOptions {
  std::vector<std::string> only;
  bool list = false;
};

UnitOutcome judged(UnitOutcome outcome, const compile::Feature& feature) {
  if (!outcome.exit_code) return outcome;
  const bool right = *outcome.exit_code == feature.exit_code && outcome.output == feature.prints;
  outcome.behaviour = right ? Behaviour::same : Behaviour::differs;
  if (!right && outcome.message.empty())
    outcome.message = *outcome.exit_code != feature.exit_code
                          ? "exit " + std::to_string(*outcome.exit_code) + " in place of " + std::to_string(feature.exit_code)
                          : "another output";
  return outcome;
}

int run_features(const FeatureOptions& options) {
  Report report;
  report.quiet = options.quiet;
  Output output;
  std::vector<const compile::Feature*> wanted;
  for (const compile::Feature& one : compile::features())
    if (options.only.empty() || std::ranges::find(options.only, one.name) != options.only.end()) wanted.push_back(&one);
  if (options.list) {
    for (const compile::Feature* one : wanted) output.write(std::string(one->name) + ": " + std::string(one->needs) + "\n");
    output.finish(report);
    return report.exit_code();
  }
  std::optional<LatticeStart> start = start_lattice(options, report);
  if (!start) return report.exit_code();
  const std::vector<compile::Setting>& settings = start->settings;
  compile::Chain chain(start->folder, options.limits);
  LatticeWriter writer(options, settings, start->missing, output);
  Progress progress("features", wanted.size() * settings.size(), "compilations", options.progress());
  for (const compile::Feature* feature : wanted) {
    const std::string path = std::string(feature->name) + ".c";
    if (const Result<void> written = start->folder.write(std::string(compile::Chain::kTree) + "/" + path, feature->text); !written) {
      report.error(written.error());
      continue;
    }
    std::vector<UnitOutcome> outcomes;
    for (const compile::Setting& setting : settings) {
      Result<UnitOutcome> outcome = chain.compile(setting, path);
      if (!outcome) report.error(outcome.error());
      outcomes.push_back(outcome ? std::move(*outcome) : UnitOutcome{.message = outcome.error().text()});
      if (chain.link(setting, outcomes.back(), false)) chain.run(outcomes.back());
      outcomes.back() = judged(std::move(outcomes.back()), *feature);
      progress.advance();
    }
    writer.unit(std::string(feature->name), [](JsonWriter& json) { json.begin_object(); }, outcomes);
  }
  writer.finish();
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_lattice_features(CLI::App& app) {
  auto options = std::make_shared<FeatureOptions>();
  add_lattice_options(app, *options, true);
  app.add_option("--only", options->only, "Only this feature; may be repeated")->type_name("NAME")->allow_extra_args(false)
      ->check([](const std::string& name) {
        const bool known = std::ranges::any_of(compile::features(), [&](const compile::Feature& one) { return one.name == name; });
        return known ? std::string() : "no feature '" + name + "' (--list names them)";
      });
  app.add_flag("--list", options->list, "Name the features, and what each needs");
  app.footer("A program that is accepted is run, and says by its exit code whether it is right: 'wrong' in the table, \"differs\" in a\n"
             "record. What is accepted and right is a compiler's set, and sets are ordered by inclusion.");
  return [options] { return run_features(*options); };
}

} // namespace packscope::tools
