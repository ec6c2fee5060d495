// Tasks, and building a dataset sample by sample.
#include "learn/dataset.h"

#include "learn/facts.h"
#include "learn/split.h"
#include "syntax/language.h"
#include "syntax/parse.h"

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>

namespace packscope::learn {
namespace {

// The first block's, or the one's that is read in; a stream without a readable one counts as stored.
deflate::BlockType block_type(const Source& source) {
  if (source.block != nullptr) return source.block->type;
  const unsigned type = source.zlib.size() < 3 ? 0 : source.zlib[2] >> 1 & 3;
  return type == 3 ? deflate::BlockType::stored : static_cast<deflate::BlockType>(type);
}

Task one_question(std::string name, TaskKind kind, std::vector<std::string> labels) {
  return {std::move(name), kind, labels, {{"", labels}}};
}

// What a blob's declarations answer (facts.h counts them).
Task make_facts() {
  Task task{"ast-facts", TaskKind::facts, {}, {}};
  for (const std::string_view fact : kFacts) task.questions.push_back({std::string(fact), {"no", "yes"}});
  task.questions.push_back({"functions", {}});
  for (unsigned bin = 0; bin < kFunctionBins; ++bin) task.questions.back().labels.push_back(function_bin_name(bin));
  for (const Question& question : task.questions)
    for (const std::string& label : question.labels) task.labels.push_back(question.name + ":" + label);
  return task;
}

std::vector<Task> make_tasks() {
  std::vector<std::string> kinds, languages;
  for (unsigned i = 0; i < syntax::kDeclarationKinds; ++i)
    kinds.emplace_back(syntax::name(static_cast<syntax::DeclarationKind>(i)));
  for (unsigned i = 0; i < syntax::kLanguages; ++i)
    languages.emplace_back(syntax::name(static_cast<syntax::Language>(i)));
  return {
      one_question("declaration3", TaskKind::item, {"const", "fn", "use"}),
      one_question("declaration10", TaskKind::item,
                   {"fn", "struct", "enum", "impl", "use", "const", "mod", "trait", "type", "macro"}),
      one_question("declaration", TaskKind::kind, kinds),
      one_question("declaration-in-place", TaskKind::place, kinds),
      one_question("language", TaskKind::language, languages),
      make_facts(),
  };
}

} // namespace

const std::vector<Task>& tasks() {
  static const std::vector<Task> kTasks = make_tasks();
  return kTasks;
}

const Task* find_task(std::string_view name) {
  const auto at = std::ranges::find(tasks(), name, &Task::name);
  return at == tasks().end() ? nullptr : &*at;
}

std::string task_names() {
  std::string names;
  for (const Task& task : tasks()) names += (names.empty() ? "" : ", ") + task.name;
  return names;
}

std::vector<std::uint32_t> Task::heads() const {
  std::vector<std::uint32_t> sizes;
  for (const Question& question : questions) sizes.push_back(static_cast<std::uint32_t>(question.labels.size()));
  return sizes;
}

std::string_view name(Side side) { return side == Side::train ? "train" : side == Side::test ? "test" : "all"; }

std::string Dataset::summary() const {
  nlohmann::ordered_json json = {{"samples", samples.size()}, {"groups", groups.size()}, {"duplicates", duplicates}};
  if (questions == 1) {
    std::vector<std::uint64_t> counts(labels.size());
    for (const std::uint32_t answer : answers) ++counts[answer];
    for (std::size_t i = 0; i < labels.size(); ++i) json["by_label"][labels[i]] = counts[i];
  }
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (sides[i] != Side::all) json["repositories"].push_back({{"name", groups[i]}, {"commit", origins[i]}, {"split", name(sides[i])}});
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  json["hash"] = digits;
  return json.dump();
}

DatasetBuilder::DatasetBuilder(const Task& task, const Rung& rung, Keep keep)
    : task_(task), rung_(rung), keep_(keep), units_(rung.most_units), valued_(rung.most_valued) {
  dataset_.task = task.name;
  dataset_.labels = task.labels;
  dataset_.questions = task.questions.size();
  dataset_.rows.width = rung.width;
}

void DatasetBuilder::add(const DeclarationSample& sample, int level) {
  const std::string& label = task_.kind == TaskKind::item ? sample.item : sample.kind;
  if (std::ranges::find(task_.labels, label) == task_.labels.end()) {
    ++dataset_.other;
    return;
  }
  const std::vector<std::uint8_t> stream = compress(sample.text, level);
  add({.zlib = stream, .inflated_size = sample.text.size(), .packed_size = stream.size()}, label, sample.group,
      stable_hash(as_text(sample.text)));
}

void DatasetBuilder::add(const Source& source, std::string_view label, std::string_view group, std::uint64_t key) {
  const auto class_of = std::ranges::find(task_.labels, label);
  if (class_of == task_.labels.end()) {
    ++dataset_.other;
    return;
  }
  add(source, {{static_cast<std::uint32_t>(class_of - task_.labels.begin())}}, group, key);
}

void DatasetBuilder::add(const Source& source, std::span<const std::uint32_t> answers, std::string_view group_name,
                         std::uint64_t key) {
  if (!seen_.insert(key).second) {
    ++dataset_.duplicates;
    return;
  }
  Row row(units_, valued_);
  rung_.read(source, row); // a fault leaves what was read before it: a broken stream is a sample like any other
  dataset_.rows.add(row);
  const Bytes kept = source.zlib.first(std::min(source.zlib.size(), rung_.source_bytes));
  Sample sample{group(group_name), block_type(source)};
  if (keep_ == Keep::streams) sample.stream.assign(kept.begin(), kept.end());
  dataset_.samples.push_back(std::move(sample));
  dataset_.answers.insert(dataset_.answers.end(), answers.begin(), answers.end());
  for (const std::uint32_t answer : answers) dataset_.hash = stable_hash(task_.labels[answer], dataset_.hash);
  dataset_.hash = stable_hash(as_text(kept), stable_hash(group_name, dataset_.hash));
  if (watch_) watch_(source);
}

void DatasetBuilder::list(std::string_view name, Side side, std::string_view commit) {
  const std::uint32_t at = group(name);
  dataset_.sides[at] = side;
  dataset_.origins[at] = commit;
}

std::uint32_t DatasetBuilder::group(std::string_view name) {
  const auto [at, is_new] = groups_.try_emplace(std::string(name), static_cast<std::uint32_t>(dataset_.groups.size()));
  if (is_new) {
    dataset_.groups.emplace_back(name);
    dataset_.sides.push_back(Side::all);
    dataset_.origins.emplace_back();
  }
  return at->second;
}

std::vector<std::uint8_t> compress(Bytes text, int level) {
  std::vector<std::uint8_t> out(compressBound(text.size()));
  uLongf size = out.size();
  // Fails only for want of memory: the output has room for the worst case.
  if (compress2(out.data(), &size, text.data(), text.size(), level) != Z_OK) throw std::bad_alloc();
  out.resize(size);
  return out;
}

} // namespace packscope::learn
