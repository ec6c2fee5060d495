// Rows out of standings; JSON, CSV and the table. The plot has a file of its own.
#include "tools/ladder_rows.h"

#include "base/text.h"
#include "tools/columns.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace packscope::tools {
namespace {

using deflate::BlockType;
using learn::Side;

constexpr std::array<Side, 3> kSides = {Side::all, Side::train, Side::test};
constexpr std::array<std::optional<BlockType>, 4> kBlocks = {std::nullopt, BlockType::fixed, BlockType::dynamic, BlockType::stored};

std::string block_name(std::optional<BlockType> block) { return block ? std::string(deflate::name(*block)) : "all"; }

// A share as tables show it: ".873".
std::string share(double value) {
  const std::string text = decimals(value, 3);
  return text[0] == '0' ? text.substr(1) : text;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  for (int digits = 1; digits < 17; ++digits) { // the shortest that reads back equal
    char shorter[40];
    std::snprintf(shorter, sizeof shorter, "%.*g", digits, value);
    if (std::strtod(shorter, nullptr) == value) return shorter;
  }
  return text;
}

} // namespace

std::vector<LadderRow> ladder_rows(const learn::Task& task, const std::vector<learn::Standing>& standings) {
  std::vector<LadderRow> rows;
  for (const learn::Standing& standing : standings)
    for (std::size_t question = 0; question < task.questions.size(); ++question)
      for (const Side side : kSides)
        for (const std::optional<BlockType> block : kBlocks) {
          const learn::Confusion& figures = standing.at(side, block, question);
          if (figures.n() == 0) continue;
          LadderRow row{.rung = standing.rung(), .task = task.name, .fact = task.questions[question].name,
                        .split = std::string(learn::name(side)), .block = block_name(block), .n = figures.n(),
                        .accuracy = figures.accuracy(), .macro_f1 = figures.macro_f1(), .majority = figures.majority(),
                        .calibration_error = figures.calibration_error(),
                        .confident_80 = figures.confident_accuracy(0.8), .r2 = {}, .instructions = standing.cost.mean(block),
                        .cost_measured = {}, .cost_objects = standing.cost.n(block)};
          if (row.fact == "functions") row.r2 = standing.r2(side, block);
          if (row.instructions) row.cost_measured = standing.cost.measured;
          rows.push_back(std::move(row));
        }
  return rows;
}

void write_json(Output& output, const std::vector<LadderRow>& rows) {
  for (const LadderRow& row : rows) {
    JsonWriter json;
    json.begin_object().field("rung", row.rung).field("task", row.task);
    if (!row.fact.empty()) json.field("fact", row.fact);
    json.field("split", row.split).field("block", row.block).field("n", row.n).field("accuracy", row.accuracy);
    json.field("macro_f1", row.macro_f1).field("majority", row.majority).field("calibration_error", row.calibration_error);
    json.field("most_confident_80", row.confident_80);
    if (row.fact == "functions") row.r2 ? json.field("r2", *row.r2) : json.null_field("r2");
    row.instructions ? json.field("instructions_per_object", *row.instructions) : json.null_field("instructions_per_object");
    row.instructions ? json.field("cost_measured", row.cost_measured) : json.null_field("cost_measured");
    json.field("cost_objects", row.cost_objects).end_object();
    output.line(json);
  }
}

std::string ladder_csv(const std::vector<LadderRow>& rows) {
  std::string text = "rung,task,fact,split,block,n,accuracy,macro_f1,majority,calibration_error,most_confident_80,r2,instructions_per_object,"
                     "cost_measured,cost_objects\n";
  for (const LadderRow& row : rows) {
    for (const std::string& field : {row.rung, row.task, row.fact, row.split, row.block}) text += field + ",";
    text += std::to_string(row.n) + ",";
    for (const double value : {row.accuracy, row.macro_f1, row.majority, row.calibration_error, row.confident_80}) text += number(value) + ",";
    text += (row.r2 ? number(*row.r2) : "") + "," + (row.instructions ? number(*row.instructions) : "") + ",";
    text += row.cost_measured + "," + std::to_string(row.cost_objects) + "\n";
  }
  return text;
}

void write_table(Output& output, const learn::Task& task, const std::vector<LadderRow>& rows) {
  // Where all samples are of one split, "all" is that split.
  bool splits = false;
  for (const LadderRow& row : rows) splits = splits || row.split != "all";
  const bool facts = task.questions.size() > 1;
  output.write("\n" + task.name + "\n" + to_left("rung", 11) + (facts ? to_left("fact", 11) : "") + to_left("split", 6) + to_right("n", 9) +
               to_right("accuracy", 10) + to_right("macro-F1", 10) + to_right("majority", 10) + to_right("fixed", 7) +
               to_right("dynamic", 9) + to_right("stored", 8) + to_right("calibr.", 9) + to_right("surest 80 %", 12) + (facts ? to_right("R2", 6) : "") +
               to_right("instructions", 14) + "\n");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LadderRow& row = rows[i];
    if (row.block != "all" || (splits && row.split == "all")) continue;
    const auto of_block = [&](const char* block) -> std::string { // the rows of a split stand together, "all" first
      for (std::size_t j = i + 1; j < rows.size() && rows[j].block != "all"; ++j)
        if (rows[j].block == block) return share(rows[j].accuracy);
      return "–";
    };
    output.write(to_left(row.rung, 11) + (facts ? to_left(row.fact, 11) : "") + to_left(row.split, 6) + to_right(human_count(row.n), 9) +
                 to_right(share(row.accuracy), 10) + to_right(share(row.macro_f1), 10) + to_right(share(row.majority), 10) +
                 to_right(of_block("fixed"), 7) + to_right(of_block("dynamic"), 9) + to_right(of_block("stored"), 8) +
                 to_right(share(row.calibration_error), 9) + to_right(share(row.confident_80), 12) + (facts ? to_right(row.r2 ? share(*row.r2) : "", 6) : "") +
                 to_right(row.instructions ? human_count(static_cast<std::uint64_t>(std::llround(*row.instructions))) : "–", 14) + "\n");
  }
}

} // namespace packscope::tools
