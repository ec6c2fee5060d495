// Finding: what compiling a unit costs follows from its compressed bytes (new: the original has no such claim).
//
// The idea: a unit's stream tells its size, and its code lengths what it is made of, without decoding a symbol. Ridge
// regression on the logarithm of the cost, each unit predicted from all others: a unit is a file, so no file is known.
#include "trace/findings/finding.h"

#include "base/text.h"
#include "learn/rung_r2.h"
#include "trace/dataset.h"
#include "trace/findings/statistics.h"
#include "trace/tracer.h"

#include <algorithm>
#include <cmath>

namespace packscope::trace {
namespace {

constexpr std::size_t kFewest = 10; // units

struct Unit {
  std::vector<double> features; // log size of the stream, then the code lengths as R2 has them
  double cost;                  // logarithm
};

// A database in memory to which the trace is attached, with build steps of its own: names of tables lead to it first.
Result<std::unique_ptr<Database>> open_steps(const FindingsInput& input) {
  if (input.build_steps.empty()) return open_trace(input.trace);
  if (Result<std::unique_ptr<Database>> checked = open_trace(input.trace); !checked) return checked;
  Result<std::unique_ptr<Database>> opened = Database::open_existing(":memory:");
  if (!opened) return opened;
  (*opened)->prepare("attach ? as traced").bind(std::string_view(input.trace)).run();
  (*opened)->execute("create table build_step as select * from traced.build_step where 0");
  if (const Result<void> added = add_build_cost(**opened, input.build_steps, {}); !added)
    return std::unexpected(added.error());
  return opened;
}

} // namespace

Result<void> find_compile_cost(const FindingsInput& input, Finding& out) {
  out.id = "compile-cost";
  out.claim = "What compiling a unit costs follows from its stream's size and code lengths (new)";
  out.theirs_text = "–";
  out.unit = "R² held out";
  Result<std::unique_ptr<Database>> opened = open_steps(input);
  if (!opened) return std::unexpected(opened.error());
  Database& database = **opened;
  // One counter for all units: instructions if any unit has them.
  std::string column = "task_clock_ns";
  Statement counted = database.prepare("select count(instructions) from build_step where kind = 'compile'");
  if (counted.step() && counted.integer(0) > 0) column = "instructions";
  Statement rows = database.prepare("select o.id, s." + column + ", s.measured, s.fallback, o.base is not null from build_step s "
                                    "join object o on o.object = s.object where s.kind = 'compile' and s." + column +
                                    " > 0 order by s.unit");
  Result<pack::Store> store = open_packs(database, input.trace);
  if (!store) return std::unexpected(store.error());
  std::vector<Unit> units;
  std::string measured;
  std::optional<std::string> fallback;
  std::uint64_t deltas = 0;
  while (rows.step()) {
    const std::optional<pack::ObjectId> id = pack::ObjectId::parse(rows.text(0));
    if (!id) continue;
    const Result<pack::ObjectPtr> text = store->read(*id);
    if (!text) return std::unexpected(text.error());
    const std::vector<std::uint8_t> stream = learn::compress((*text)->data);
    std::vector<learn::Unit> used(learn::kR2MostUnits);
    std::vector<learn::Feature> room(learn::kR2MostValued);
    learn::Row row(used, room);
    learn::read_r2({.zlib = stream}, row);
    Unit unit{{std::log(static_cast<double>(stream.size()))}, std::log(rows.real(1))};
    unit.features.resize(1 + learn::kR2Lengths);
    for (const learn::Feature& feature : row.valued())
      if (feature.index < learn::kR2Lengths) unit.features[1 + feature.index] = static_cast<double>(feature.value);
    units.push_back(std::move(unit));
    measured = rows.text(2);
    if (!rows.is_null(3)) fallback = rows.text(3);
    deltas += static_cast<std::uint64_t>(rows.integer(4));
  }
  if (const Result<void> status = database.status(); !status) return status;
  if (units.size() < kFewest) {
    Statement reason = database.prepare("select fallback from build_step where kind = 'compile' and fallback is not null");
    return fail("not measured: " + std::to_string(units.size()) + " units have a cost, " + std::to_string(kFewest) +
                " are the least" + (reason.step() ? " (" + reason.text(0) + ")"
                                                  : "; `nix build .#self-build-trace` measures it"));
  }

  std::vector<std::vector<double>> all, sizes;
  std::vector<double> cost;
  for (const Unit& unit : units) {
    all.push_back(unit.features);
    sizes.push_back({unit.features[0]});
    cost.push_back(unit.cost);
  }
  const ColumnBlock size_block = {0, 1}, length_block = {1, all[0].size()};
  const double by_size = held_out_r2(cost, ridge_leave_one_out(sizes, cost, {&size_block, 1}, 1));
  const ColumnBlock both[] = {size_block, length_block};
  const std::vector<double> predicted = ridge_leave_one_out(all, cost, both, 1);
  const double r2 = held_out_r2(cost, predicted);
  std::vector<double> factors;
  for (std::size_t i = 0; i < cost.size(); ++i) factors.push_back(std::exp(std::fabs(cost[i] - predicted[i])));
  out.ours = r2;
  out.verdict = r2 >= 0.5 ? Verdict::holds : r2 >= 0.1 ? Verdict::in_part : Verdict::does_not_hold;
  out.why = human_count(units.size()) + " units of our own build, by " + counter_text(measured, fallback) +
            "; each text as one zlib stream at level 6, also of the " + human_count(deltas) +
            " that lie in the pack as deltas. Ridge regression on the logarithm of the cost, each unit predicted from all "
            "others (a unit is a file); R² against the others' mean: " + figure(by_size) + " from the stream's size alone, " +
            figure(r2) + " with its first block's code lengths; half of the predictions are within a factor of " +
            figure(median(factors)) + ". Headers that a unit includes are not in its bytes. Holds from R² 0.5, in part from 0.1.";
  return {};
}

} // namespace packscope::trace
