// Tasks, and building a dataset sample by sample.
#include "learn/dataset.h"

#include "learn/split.h"
#include "syntax/language.h"
#include "syntax/parse.h"

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>

namespace packscope::learn {
namespace {

std::vector<Task> make_tasks() {
  std::vector<std::string> kinds, languages;
  for (unsigned i = 0; i < syntax::kDeclarationKinds; ++i)
    kinds.emplace_back(syntax::name(static_cast<syntax::DeclarationKind>(i)));
  for (unsigned i = 0; i < syntax::kLanguages; ++i)
    languages.emplace_back(syntax::name(static_cast<syntax::Language>(i)));
  return {
      {"declaration3", TaskKind::item, {"const", "fn", "use"}},
      {"declaration10", TaskKind::item,
       {"fn", "struct", "enum", "impl", "use", "const", "mod", "trait", "type", "macro"}},
      {"declaration", TaskKind::kind, kinds},
      {"language", TaskKind::language, languages},
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

std::string Dataset::summary() const {
  std::vector<std::uint64_t> counts(labels.size());
  for (const Sample& sample : samples) ++counts[sample.label];
  nlohmann::ordered_json json = {{"samples", samples.size()}, {"groups", groups.size()}, {"duplicates", duplicates}};
  for (std::size_t i = 0; i < labels.size(); ++i) json["by_label"][labels[i]] = counts[i];
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  json["hash"] = digits;
  return json.dump();
}

DatasetBuilder::DatasetBuilder(const Task& task, const Rung& rung) : task_(task), rung_(rung) {
  dataset_.task = task.name;
  dataset_.labels = task.labels;
}

void DatasetBuilder::add(const DeclarationSample& sample) {
  const std::string& label = task_.kind == TaskKind::item ? sample.item : sample.kind;
  if (std::ranges::find(task_.labels, label) == task_.labels.end()) {
    ++dataset_.other;
    return;
  }
  add(compress(sample.text), label, sample.group, stable_hash(as_text(sample.text)));
}

void DatasetBuilder::add(Bytes zlib, std::string_view label, std::string_view group, std::uint64_t key) {
  const auto class_of = std::ranges::find(task_.labels, label);
  if (class_of == task_.labels.end()) {
    ++dataset_.other;
    return;
  }
  if (!seen_.insert(key).second) {
    ++dataset_.duplicates;
    return;
  }
  const auto [at, is_new] = groups_.try_emplace(std::string(group), static_cast<std::uint32_t>(dataset_.groups.size()));
  if (is_new) dataset_.groups.emplace_back(group);
  const Bytes kept = zlib.first(std::min(zlib.size(), rung_.source_bytes));
  dataset_.samples.push_back({{kept.begin(), kept.end()},
                              static_cast<std::uint32_t>(class_of - task_.labels.begin()), at->second});
  dataset_.hash = stable_hash(as_text(kept), stable_hash(label, stable_hash(group, dataset_.hash)));
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
