// Samples: what a rung reads of a stream, its label, and the group it is held out with.
#pragma once

#include "base/bytes.h"
#include "learn/row.h"
#include "learn/rung.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <unordered_map>
#include <vector>

namespace packscope::learn {

enum class TaskKind : std::uint8_t {
  item,     // Rust's own kind of one declaration, compressed alone
  kind,     // the general kind of one declaration of any language, compressed alone
  place,    // the same, from the declaration's own bits inside its blob's stream
  language, // of a blob, from its stream as it lies in the pack
  facts,    // what a blob declares, from its stream as it lies in the pack
};

// A question with one answer. Most tasks are one; the task of facts asks many of each sample, in one network.
struct Question {
  std::string name;                // "struct"; empty where the task is one question
  std::vector<std::string> labels; // its classes: "no", "yes"
};

struct Task {
  std::string name;
  TaskKind kind;
  std::vector<std::string> labels;   // of all questions, one after the other
  std::vector<Question> questions;   // at least one
  std::vector<std::uint32_t> heads() const; // how many classes each has
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
  std::uint32_t group;                   // index into Dataset::groups
  deflate::BlockType block;              // of the first block, or of the one that holds the declaration
  std::vector<std::uint8_t> stream = {}; // what the rung reads of it, where the builder was asked to keep it
};

// Held out or not, of a group whose list says so.
enum class Side : std::uint8_t { all, train, test };
std::string_view name(Side side);

struct Dataset {
  std::string task;
  std::vector<std::string> labels, groups;
  std::vector<Side> sides;           // by group; all: the split's hash decides
  std::vector<Sample> samples;
  Rows rows;                         // a sample's features, as the rung reads them
  std::vector<std::uint32_t> answers; // samples times questions: the class of each, counted from the question's first
  std::size_t questions = 1;
  std::vector<std::string> origins;  // by group: its commit, where a list names it
  std::uint64_t duplicates = 0; // left out: the same content was there already, perhaps on the other side of a split
  std::uint64_t other = 0;      // left out: of no class of the task
  std::uint64_t hash = 0;       // of all samples, labels and groups in order: names the corpus

  std::string summary() const; // JSON: what a model's file keeps of it
};

class DatasetBuilder {
public:
  enum class Keep : bool { features, streams };
  DatasetBuilder(const Task& task, const Rung& rung, Keep keep = Keep::features);

  const Task& task() const { return task_; }
  // Compresses the text alone, by zlib at its default level 6 (or at another: git's packs hold all of them).
  void add(const DeclarationSample& sample, int level = 6);
  // `key` identifies the content: the second of a key is a duplicate.
  void add(const Source& source, std::string_view label, std::string_view group, std::uint64_t key);
  void add(const Source& source, std::span<const std::uint32_t> answers, std::string_view group, std::uint64_t key);
  // Called with the source of every sample that was added, which is dataset().samples.back(): for who reads it by more
  // than one rung.
  void watch(std::function<void(const Source&)> watch) { watch_ = std::move(watch); }
  // Says of a group whether it is held out, and which commit it stands for.
  void list(std::string_view group, Side side, std::string_view commit);
  const Dataset& dataset() const { return dataset_; }
  Dataset take() { return std::move(dataset_); }

private:
  std::uint32_t group(std::string_view name);

  const Task& task_;
  const Rung& rung_;
  const Keep keep_;
  std::vector<Unit> units_;
  std::vector<Feature> valued_;
  std::function<void(const Source&)> watch_ = {};
  Dataset dataset_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_map<std::string, std::uint32_t> groups_;
};

// zlib's stream of `text` at `level` (window 2^15, memLevel 8: what git and compress2 use).
std::vector<std::uint8_t> compress(Bytes text, int level = 6);

} // namespace packscope::learn
