// What compiler_lattice consists of: units of packs, features, bootstrap; and how all of them print.
#pragma once

#include "compile/chain.h"
#include "compile/order.h"
#include "tools/command.h"

namespace packscope::tools {

enum class LatticeFormat { table, json, dot };

// Common to the command and its subcommands.
struct LatticeOptions {
  bool json = false, quiet = false;
  std::string format = {}; // as given
  std::vector<std::string> compilers, levels;
  bool slow_mescc = false;
  compile::ChainLimits limits;

  LatticeFormat chosen() const { return json || format == "json" ? LatticeFormat::json : format == "dot" ? LatticeFormat::dot : LatticeFormat::table; }
};
// `own_flags`: also --json and --quiet, which commands that read packs have already.
void add_lattice_options(CLI::App& app, LatticeOptions& options, bool own_flags);
// Names on standard error what is missing; where nothing is left, an error.
std::vector<compile::Setting> chosen_settings(const LatticeOptions& options, Report& report, std::vector<std::string>& missing);

// Records as they come; the order at the end.
class LatticeWriter {
public:
  LatticeWriter(const LatticeOptions& options, std::vector<compile::Setting> settings, std::vector<std::string> missing, Output& output)
      : format_(options.chosen()), settings_(std::move(settings)), missing_(std::move(missing)), output_(output) {}

  // `begin` opens a record and says where the unit is from; an outcome a setting.
  void unit(const std::string& name, const std::function<void(JsonWriter&)>& begin, const std::vector<compile::UnitOutcome>& outcomes);
  void finish();

private:
  struct Row {
    std::string name;
    std::vector<compile::UnitOutcome> outcomes;
  };
  void record(const Row& row, std::size_t setting, const std::function<void(JsonWriter&)>& begin);
  compile::Order order() const;
  std::string units_table() const, cost_table() const, order_text(const compile::Order& order) const, dot(const compile::Order& order) const;
  void order_record(const compile::Order& order);
  std::size_t wrong(std::size_t setting) const;

  const LatticeFormat format_;
  const std::vector<compile::Setting> settings_;
  const std::vector<std::string> missing_;
  Output& output_;
  std::vector<Row> rows_;
};

std::function<int()> configure_lattice_units(CLI::App& app);
std::function<int()> configure_lattice_features(CLI::App& app);
std::function<int()> configure_lattice_bootstrap(CLI::App& app);

} // namespace packscope::tools
