// Joins what the build under perf measured into a trace: one JSON line a unit, folded stacks by count.
//
//   build-steps.jsonl := ({"unit", "kind", "instructions", …} '\n')*      numbers, or null where not measured
//   folded            := (frame (';' frame)* ' ' count '\n')*              as flame graph tools read them
#include "trace/tracer.h"

#include "base/json.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <fstream>
#include <map>

namespace packscope::trace {
namespace {

std::optional<std::int64_t> integer(const nlohmann::json& record, const char* name) {
  const auto at = record.find(name);
  if (at == record.end() || !at->is_number()) return {};
  return at->is_number_integer() ? at->get<std::int64_t>() : static_cast<std::int64_t>(at->get<double>());
}

std::string text(const nlohmann::json& record, const char* name, const std::string& otherwise = {}) {
  const auto at = record.find(name);
  return at != record.end() && at->is_string() ? at->get<std::string>() : otherwise;
}

Result<void> add_steps(Database& database, const std::string& path) {
  std::ifstream in(path);
  if (!in) return fail_errno("open", path);
  database.execute("delete from build_step");
  Statement object = database.prepare("select object from path where path = ? order by object limit 1");
  Statement insert = database.prepare("insert or replace into build_step values (?,?,?,?,?,?,?,?,?,?,?)");
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto broken = [&](const std::string& what) {
      return fail("line " + std::to_string(number) + ": " + what, path);
    };
    const nlohmann::json record = nlohmann::json::parse(line, nullptr, false);
    if (!record.is_object()) return broken("not a JSON object");
    const std::string unit = text(record, "unit");
    if (unit.empty()) return broken("unit: missing");
    std::optional<std::int64_t> traced;
    object.bind(std::string_view(unit));
    if (object.step()) traced = object.integer(0);
    object.reset();
    const std::string kind = text(record, "kind", "compile"), measured = text(record, "measured", "not measured"),
                      fallback = text(record, "fallback");
    insert.bind(std::string_view(unit)).bind(traced).bind(std::string_view(kind));
    for (const char* name : {"instructions", "cycles", "task_clock_ns", "page_faults", "max_rss_kib"})
      insert.bind(integer(record, name));
    const auto seconds = record.find("seconds");
    if (seconds != record.end() && seconds->is_number()) insert.bind(seconds->get<double>());
    else insert.bind_null();
    insert.bind(std::string_view(measured));
    if (fallback.empty()) insert.bind_null();
    else insert.bind(std::string_view(fallback));
    insert.run();
  }
  return database.status();
}

Result<void> add_stacks(Database& database, const std::string& path) {
  std::ifstream in(path);
  if (!in) return fail_errno("open", path);
  database.execute("delete from sample");
  std::map<std::string, std::int64_t> stacks; // the same stack may stand twice
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    const std::size_t space = line.rfind(' ');
    std::int64_t count = 0;
    const char* end = line.data() + line.size();
    if (space == std::string::npos || std::from_chars(line.data() + space + 1, end, count).ptr != end || count <= 0)
      return fail("line " + std::to_string(number) + ": count: not a positive number", path);
    stacks[line.substr(0, space)] += count;
  }
  Statement insert = database.prepare("insert into sample values (?,?)");
  for (const auto& [stack, count] : stacks) {
    const std::string readable = valid_utf8(stack);
    insert.bind(std::string_view(readable)).bind(count).run();
  }
  return database.status();
}

} // namespace

Result<void> add_build_cost(Database& database, const std::string& build_steps, const std::string& folded) {
  database.execute("begin");
  if (!build_steps.empty())
    if (Result<void> added = add_steps(database, build_steps); !added) return added;
  if (!folded.empty())
    if (Result<void> added = add_stacks(database, folded); !added) return added;
  database.execute("commit");
  return database.status();
}

} // namespace packscope::trace
