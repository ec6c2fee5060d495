// Samples: what a rung reads of a stream, its label, and the group it is held out with.
#pragma once

#include "base/bytes.h"
#include "learn/rung.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <unordered_map>
#include <vector>

namespace packscope::learn {

enum class TaskKind : std::uint8_t {
  item,     // Rust's own kind of one declaration, compressed alone
  kind,     // the general kind of one declaration of any language, compressed alone
  language, // of a blob, from its stream as it lies in the pack
};

struct Task {
  std::string name;
  TaskKind kind;
  std::vector<std::string> labels;
};
const std::vector<Task>& tasks();
const Task* find_task(std::string_view name); // null: none
std::string task_names();

// One declaration of a text, wherever it came from (a trace, a pack, the seed's sample).
struct DeclarationSample {
  std::vector<std::uint8_t> text;
  std::string kind;  // as syntax::name(DeclarationKind) gives it
  std::string item;  // Rust: fn struct enum …; else empty
  std::string group; // the file or repository it is held out with
};

struct Sample {
  std::vector<std::uint8_t> stream; // of the zlib stream, as much as the rung reads
  std::uint32_t label;              // index into Dataset::labels
  std::uint32_t group;              // index into Dataset::groups
};

struct Dataset {
  std::string task;
  std::vector<std::string> labels, groups;
  std::vector<Sample> samples;
  std::uint64_t duplicates = 0; // left out: the same content was there already, perhaps on the other side of a split
  std::uint64_t other = 0;      // left out: of no class of the task
  std::uint64_t hash = 0;       // of all samples, labels and groups in order: names the corpus

  std::string summary() const; // JSON: what a model's file keeps of it
};

class DatasetBuilder {
public:
  DatasetBuilder(const Task& task, const Rung& rung);

  // Compresses the text alone, by zlib at its default level 6.
  void add(const DeclarationSample& sample);
  // `key` identifies the content: the second of a key is a duplicate.
  void add(Bytes zlib, std::string_view label, std::string_view group, std::uint64_t key);
  const Dataset& dataset() const { return dataset_; }
  Dataset take() { return std::move(dataset_); }

private:
  const Task& task_;
  const Rung& rung_;
  Dataset dataset_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_map<std::string, std::uint32_t> groups_;
};

// zlib's stream of `text` at `level` (window 2^15, memLevel 8: what git and compress2 use).
std::vector<std::uint8_t> compress(Bytes text, int level = 6);

} // namespace packscope::learn
