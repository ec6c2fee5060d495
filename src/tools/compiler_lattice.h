// What compiler_lattice consists of: units of packs, features, bootstrap; and how all of them print.
#pragma once

#include "compile/chain.h"
#include "compile/order.h"
#include "tools/command.h"

namespace packscope::tools {

enum class LatticeFormat { table, json, dot };

// Common to the command and its subcommands.
struct LatticeOptions : ProgressOptions {
  bool json = false;
  std::string format = {}; // as given
  std::vector<std::string> compilers, levels;
  bool slow_mescc = false;
  compile::ChainLimits limits;

  LatticeFormat chosen() const { return json || format == "json" ? LatticeFormat::json : format == "dot" ? LatticeFormat::dot : LatticeFormat::table; }
};
// `own_flags`: also --json and what of progress is shown, which commands that read packs have already.
void add_lattice_options(CLI::App& app, LatticeOptions& options, bool own_flags);
// Of commands that read packs: takes over their --json; a usage error where --format says otherwise.
int take_json(const CLI::App& app, const ReadOptions& read, LatticeOptions& lattice);

// What every run begins with.
struct LatticeStart {
  std::vector<compile::Setting> settings; // not empty
  std::vector<std::string> missing;       // named on standard error
  compile::PrivateFolder folder;          // for what compilers read and write
};
std::optional<LatticeStart> start_lattice(const LatticeOptions& options, Report& report); // null: an error was reported

std::string dot_quoted(const std::string& text);
template <class Value>
void optional_field(JsonWriter& json, const char* name, const std::optional<Value>& value) {
  value ? json.field(name, *value) : json.null_field(name);
}

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
