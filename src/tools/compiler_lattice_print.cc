// Records, tables and the order of compiler_lattice.
#include "tools/compiler_lattice.h"

#include "base/text.h"
#include "tools/columns.h"

#include <algorithm>
#include <cstdio>

namespace packscope::tools {
namespace {

using compile::Behaviour;
using compile::Order;
using compile::Relation;
using compile::Setting;
using compile::UnitOutcome;
using compile::UnitSet;

const char* word(const UnitOutcome& outcome) { return !outcome.ok ? "no" : outcome.behaviour == Behaviour::differs ? "wrong" : "yes"; }

// Of what was measured; null: nothing was.
std::optional<std::uint64_t> median(std::vector<std::uint64_t> all) {
  if (all.empty()) return {};
  std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
  return all[all.size() / 2];
}

std::string count_or_none(const std::optional<std::uint64_t>& count) { return count ? human_count(*count) : "-"; }

void names(JsonWriter& json, const char* key, const std::vector<std::string>& all) {
  json.key(key).begin_array();
  for (const std::string& one : all) json.value(one);
  json.end_array();
}

// "gcc -O0 = gcc -O2"
std::string class_name(const Order& order, std::size_t number, const char* between) {
  std::string text;
  for (const std::size_t one : order.classes()[number]) text += (text.empty() ? "" : between) + order.all()[one].name;
  return text;
}

} // namespace

void LatticeWriter::unit(const std::string& name, const std::function<void(JsonWriter&)>& begin, const std::vector<UnitOutcome>& outcomes) {
  Row row{name, outcomes};
  if (format_ == LatticeFormat::json)
    for (std::size_t i = 0; i < settings_.size(); ++i) record(row, i, begin);
  for (UnitOutcome& one : row.outcomes) one.output.clear();
  rows_.push_back(std::move(row));
}

void LatticeWriter::record(const Row& row, std::size_t setting, const std::function<void(JsonWriter&)>& begin) {
  const UnitOutcome& outcome = row.outcomes[setting];
  const Setting& of = settings_[setting];
  JsonWriter json;
  begin(json);
  json.field("compiler", of.compiler.name);
  of.compiler.version.empty() ? json.null_field("version") : json.field("version", of.compiler.version);
  of.level.empty() ? json.null_field("level") : json.field("level", of.level);
  json.path_field("unit", row.name).field("ok", outcome.ok);
  const perf::Reading none, &reading = outcome.reading ? *outcome.reading : none;
  const perf::SystemCalls* calls = outcome.calls ? &*outcome.calls : nullptr;
  const auto call_field = [&](const char* name, std::uint64_t value) { calls != nullptr ? json.field(name, value) : json.null_field(name); };
  optional_field(json, "instructions", reading.instructions);
  call_field("reads", calls != nullptr ? calls->before_output.reads : 0);
  call_field("read_bytes", calls != nullptr ? calls->before_output.read_bytes : 0);
  outcome.reading ? json.field("seconds", reading.seconds) : json.null_field("seconds");
  optional_field(json, "object_bytes", outcome.object_bytes);
  reading.max_rss_kib ? json.field("max_rss", *reading.max_rss_kib * 1024) : json.null_field("max_rss");
  json.field("behaviour", name(outcome.behaviour));
  call_field("mapped_bytes", calls != nullptr ? calls->before_output.mapped_bytes : 0);
  call_field("all_reads", calls != nullptr ? calls->all.reads : 0);
  call_field("all_read_bytes", calls != nullptr ? calls->all.read_bytes : 0);
  call_field("files_opened", calls != nullptr ? calls->files_opened : 0);
  call_field("processes", calls != nullptr ? calls->processes : 0);
  optional_field(json, "task_clock_ns", reading.task_clock_ns);
  json.field("measured", reading.measured);
  optional_field(json, "exit_code", outcome.exit_code);
  outcome.message.empty() ? json.null_field("message") : json.field("message", outcome.message);
  output_.line(json.end_object());
}

Order LatticeWriter::order() const {
  std::vector<compile::Accepting> all;
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    UnitSet set(rows_.size());
    for (std::size_t k = 0; k < rows_.size(); ++k)
      if (rows_[k].outcomes[i].accepted()) set.add(k);
    all.push_back({settings_[i].title(), std::move(set)});
  }
  return Order(std::move(all));
}

std::size_t LatticeWriter::wrong(std::size_t setting) const {
  return static_cast<std::size_t>(std::ranges::count_if(rows_, [&](const Row& row) { return row.outcomes[setting].ok && !row.outcomes[setting].accepted(); }));
}

std::string LatticeWriter::units_table() const {
  std::size_t width = 4;
  for (const Row& row : rows_) width = std::max(width, std::min<std::size_t>(printable(row.name).size(), 48));
  std::string text = to_left("unit", width);
  for (const Setting& one : settings_) text += "  " + to_left(one.title(), 5);
  text += "\n";
  for (const Row& row : rows_) {
    text += to_left(printable(row.name), width);
    for (std::size_t i = 0; i < settings_.size(); ++i)
      text += "  " + (i + 1 < settings_.size() ? to_left(word(row.outcomes[i]), std::max<std::size_t>(settings_[i].title().size(), 5)) : word(row.outcomes[i]));
    text += "\n";
  }
  return text;
}

std::string LatticeWriter::cost_table() const {
  std::string text = "\ncompiler     version    accepts  wrong  rejects | of a unit, median: instructions     reads  bytes read   opened   max RSS   "
                     "  ms    object\n";
  std::string measured, refused;
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    std::vector<std::uint64_t> instructions, reads, bytes, opened, rss, microseconds, objects;
    std::size_t accepted = 0;
    for (const Row& row : rows_) {
      const UnitOutcome& one = row.outcomes[i];
      accepted += one.accepted();
      if (one.reading && one.reading->instructions) instructions.push_back(*one.reading->instructions);
      if (one.reading) microseconds.push_back(static_cast<std::uint64_t>(one.reading->seconds * 1e6));
      if (one.reading && one.reading->max_rss_kib) rss.push_back(*one.reading->max_rss_kib * 1024);
      if (one.reading && one.reading->fallback) measured = *one.reading->fallback;
      if (!one.calls_refused.empty()) refused = one.calls_refused;
      if (one.calls) reads.push_back(one.calls->before_output.reads), bytes.push_back(one.calls->before_output.read_bytes), opened.push_back(one.calls->files_opened);
      if (one.object_bytes) objects.push_back(*one.object_bytes);
    }
    const std::size_t errors = wrong(i);
    const auto size = [](const std::optional<std::uint64_t>& value) { return value ? human_bytes(*value) : "-"; };
    const std::optional<std::uint64_t> time = median(microseconds);
    char milliseconds[32];
    std::snprintf(milliseconds, sizeof milliseconds, "%.1f", static_cast<double>(time.value_or(0)) / 1000);
    text += to_left(settings_[i].title(), 12) + " " + to_left(settings_[i].compiler.version, 10) + to_right(std::to_string(accepted), 8) +
            to_right(std::to_string(errors), 7) + to_right(std::to_string(rows_.size() - accepted - errors), 9) + " | " +
            to_right(count_or_none(median(instructions)), 31) + to_right(count_or_none(median(reads)), 10) + to_right(size(median(bytes)), 12) +
            to_right(count_or_none(median(opened)), 9) + to_right(size(median(rss)), 10) + to_right(time ? milliseconds : "-", 9) +
            to_right(size(median(objects)), 10) + "\n";
  }
  text += "accepts: compiled, and right where it was run; wrong: compiled without a word, and the program does something else.\n"
          "Reads and bytes read: before anything is written, by all processes of the compiler.\n";
  if (!measured.empty()) text += "Instructions are not measured: " + measured + "\n";
  if (!refused.empty()) text += "Reads are not counted: " + refused + "\n";
  return text;
}

std::string LatticeWriter::order_text(const Order& order) const {
  std::string text;
  for (std::size_t i = 0; i < settings_.size(); ++i)
    for (const Row& row : rows_)
      if (row.outcomes[i].ok && !row.outcomes[i].accepted())
        text += (text.empty() ? "\nsilently miscompiled:\n" : "") + std::string("  ") + settings_[i].title() + ": " + printable(row.name) +
                (row.outcomes[i].message.empty() ? "" : " (" + printable(row.outcomes[i].message) + ")") + "\n";
  text += "\norder (a < b: b accepts all that a accepts, and more; nothing stands between):\n";
  for (const Order::Cover& cover : order.covers()) text += "  " + class_name(order, cover.below, " = ") + " < " + class_name(order, cover.above, " = ") + "\n";
  std::vector<bool> covered(order.classes().size());
  for (const Order::Cover& cover : order.covers()) covered[cover.below] = covered[cover.above] = true;
  for (std::size_t i = 0; i < covered.size(); ++i)
    if (!covered[i]) text += "  " + class_name(order, i, " = ") + "\n";
  text += "\nmeets and joins:\n";
  const auto& classes = order.classes();
  for (std::size_t a = 0; a < classes.size(); ++a)
    for (std::size_t b = a + 1; b < classes.size(); ++b) {
      const UnitSet &one = order.all()[classes[a][0]].set, &other = order.all()[classes[b][0]].set, low = meet(one, other), high = join(one, other);
      const std::optional<std::size_t> below = order.largest_below(low), above = order.smallest_above(high);
      text += "  " + order.all()[classes[a][0]].name + ", " + order.all()[classes[b][0]].name + ": " + name(relation(one, other)) + "; both accept " +
              std::to_string(low.count()) + (below ? " (largest compiler within: " + order.all()[*below].name + ")" : "") + ", together they accept " +
              std::to_string(high.count()) + (above ? " (smallest compiler for all: " + order.all()[*above].name + ")" : " (no compiler here accepts them all)") + "\n";
    }
  return text;
}

std::string LatticeWriter::dot(const Order& order) const {
  std::string text = "digraph compiler_lattice {\n  rankdir=BT;\n  node [shape=box];\n";
  const auto& classes = order.classes();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    std::string label = class_name(order, i, "\\n") + "\\n" + std::to_string(order.all()[classes[i][0]].set.count()) + " of " + std::to_string(rows_.size());
    if (const std::size_t errors = wrong(classes[i][0]); errors > 0) label += ", " + std::to_string(errors) + " wrong";
    text += "  c" + std::to_string(i) + " [label=\"" + label + "\"];\n";
  }
  for (const Order::Cover& cover : order.covers()) text += "  c" + std::to_string(cover.below) + " -> c" + std::to_string(cover.above) + ";\n";
  // Meets and joins that are no compiler's.
  for (std::size_t a = 0; a < classes.size(); ++a)
    for (std::size_t b = a + 1; b < classes.size(); ++b) {
      const UnitSet &one = order.all()[classes[a][0]].set, &other = order.all()[classes[b][0]].set;
      if (relation(one, other) != Relation::incomparable) continue;
      for (const bool up : {false, true}) {
        const UnitSet made = up ? join(one, other) : meet(one, other);
        if (std::ranges::any_of(order.all(), [&](const compile::Accepting& each) { return each.set == made; })) continue;
        const std::string id = (up ? "j" : "m") + std::to_string(a) + "_" + std::to_string(b);
        text += "  " + id + " [style=dashed, label=" + dot_quoted(std::string(up ? "join: " : "meet: ") + std::to_string(made.count())) + "];\n";
        for (const std::size_t end : {a, b})
          text += "  " + (up ? "c" + std::to_string(end) + " -> " + id : id + " -> c" + std::to_string(end)) + " [style=dashed];\n";
      }
    }
  return text + "}\n";
}

void LatticeWriter::order_record(const Order& order) {
  JsonWriter json;
  json.begin_object().key("order").begin_array();
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    const std::size_t accepted = order.all()[i].set.count(), errors = wrong(i);
    json.begin_object().field("name", order.all()[i].name).field("compiler", settings_[i].compiler.name);
    settings_[i].level.empty() ? json.null_field("level") : json.field("level", settings_[i].level);
    json.field("accepts", accepted).field("wrong", errors).field("rejects", rows_.size() - accepted - errors).end_object();
  }
  json.end_array().field("units", rows_.size()).key("classes").begin_array();
  for (const std::vector<std::size_t>& one : order.classes()) {
    json.begin_array();
    for (const std::size_t each : one) json.value(order.all()[each].name);
    json.end_array();
  }
  json.end_array().key("covers").begin_array();
  for (const Order::Cover& cover : order.covers())
    json.begin_object().field("below", order.all()[order.classes()[cover.below][0]].name).field("above", order.all()[order.classes()[cover.above][0]].name).end_object();
  json.end_array().key("pairs").begin_array();
  for (std::size_t a = 0; a < settings_.size(); ++a)
    for (std::size_t b = a + 1; b < settings_.size(); ++b) {
      const UnitSet &one = order.all()[a].set, &other = order.all()[b].set, low = meet(one, other), high = join(one, other);
      const std::optional<std::size_t> below = order.largest_below(low), above = order.smallest_above(high);
      json.begin_object().field("a", order.all()[a].name).field("b", order.all()[b].name).field("relation", name(relation(one, other)));
      json.field("meet", low.count());
      below ? json.field("meet_compiler", order.all()[*below].name) : json.null_field("meet_compiler");
      json.field("join", high.count());
      above ? json.field("join_compiler", order.all()[*above].name) : json.null_field("join_compiler");
      json.end_object();
    }
  json.end_array();
  names(json, "missing", missing_);
  output_.line(json.end_object());
}

void LatticeWriter::finish() {
  const Order all = order();
  if (format_ == LatticeFormat::json) return order_record(all);
  if (format_ == LatticeFormat::dot) return output_.write(dot(all));
  if (rows_.empty()) return output_.write("no unit to compile\n");
  output_.write(units_table() + cost_table() + order_text(all));
  for (const std::string& one : missing_) output_.write("\n" + printable(one) + " is not installed: skipped\n");
}

} // namespace packscope::tools
