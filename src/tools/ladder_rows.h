// The ladder's figures as rows: one a rung, task, fact, split and type of block; and the ways to show them.
#pragma once

#include "learn/ladder.h"
#include "tools/command.h"

namespace packscope::tools {

struct LadderRow {
  std::string rung, task, fact; // fact: of a task of several questions; empty else
  std::string split, block;     // "all", "train", "test"; "all", "fixed", "dynamic", "stored"
  std::uint64_t n = 0;
  double accuracy = 0, macro_f1 = 0, majority = 0, calibration_error = 0;
  double confident_80 = 0;            // accuracy of the most confident 80 %
  std::optional<double> r2;           // of the fact "functions"
  std::optional<double> instructions; // an object, by the mean over `cost_objects` of that type of block
  std::string cost_measured;          // "single steps", "instructions:u"; empty: not measured
  std::uint64_t cost_objects = 0;
};

// Rungs in order, for each all facts, splits and types of block that have samples.
std::vector<LadderRow> ladder_rows(const learn::Task& task, const std::vector<learn::Standing>& standings);

void write_json(Output& output, const std::vector<LadderRow>& rows);
std::string ladder_csv(const std::vector<LadderRow>& rows); // RFC 4180, with a header line
// A table of one task's rows for people: a line a rung, the types of block side by side. `notes`: lines below it.
void write_table(Output& output, const learn::Task& task, const std::vector<LadderRow>& rows);
// Accuracy (of facts: the mean of theirs) against instructions an object, as an SVG: a series a task; of the test split
// where it has samples, else of all. A rung without a cost has no place in it.
std::string ladder_plot(const std::vector<LadderRow>& rows);

} // namespace packscope::tools
