// Datasets out of repositories and packs, read where they lie, and out of a corpus: samples of many repositories in one
// SQLite file, so that what was trained on can be read again without them.
//
//   corpus.sqlite: see kCorpusSchema in corpus_file.cc
#pragma once

#include "base/progress.h"
#include "learn/dataset.h"
#include "pack/repository.h"
#include "syntax/grammar.h"

#include <functional>

namespace packscope::learn {

enum class GroupBy : std::uint8_t { file, repository };

struct CorpusOptions {
  pack::Scope scope = {};
  GroupBy group_by = GroupBy::file;
  std::uint64_t max_blob = std::uint64_t{1} << 20; // larger blobs are left out: generated, most of them
};
using OnError = std::function<void(const Error&)>;

struct CorpusDeclaration {
  std::uint32_t begin, end;     // bytes of the text
  std::string kind, item, node; // as syntax::Declaration has them
};

// One blob, as all tasks see it.
struct CorpusBlob {
  std::string group;
  std::uint64_t key = 0; // of the content
  syntax::Language language = syntax::Language::other;
  Source source = {};    // as it lies in a pack; no stream where it is a delta or a loose object
  Bytes text = {};       // only where the task asks for declarations
  std::span<const CorpusDeclaration> declarations = {};
};
// Which languages' declarations a task needs; empty: none.
std::vector<syntax::Language> parsed_languages(const Task& task);
// The samples of the builder's task that the blob holds.
void add_blob(const CorpusBlob& blob, DatasetBuilder& builder);

// The blobs of the scope: for a task of whole streams those that lie in a pack and are no deltas, labelled by their path.
// Links and blobs without a path are left out; a blob with several paths takes the first.
void add_repository(pack::Repository& repository, const CorpusOptions& options, syntax::Grammars& grammars,
                    DatasetBuilder& builder, const OnError& error);

// Is it one of write_corpus()'s files? By its schema.
bool is_corpus(const std::string& path);
Result<void> add_corpus(const std::string& path, DatasetBuilder& builder);

struct CorpusLimits {
  std::uint32_t per_language = 300;               // blobs of one language from one repository, by object id
  std::uint32_t per_blob = 200;                   // declarations of one blob, the first
  std::uint64_t max_blob = std::uint64_t{1} << 20;
  std::uint64_t max_stream = std::uint64_t{128} << 10; // bytes kept of a longer stream
};
struct CorpusRepository {
  std::string name, commit; // the first tip's commit; empty: none
  Side side = Side::train;
  std::uint64_t blobs = 0, declarations = 0, duplicates = 0;
};

// Fills a corpus, repository by repository.
class CorpusWriter {
public:
  static Result<CorpusWriter> create(const std::string& path, CorpusLimits limits = {});
  CorpusWriter(CorpusWriter&&) noexcept;
  ~CorpusWriter();

  // Samples the repository's blobs that lie in a pack, are no deltas, and have a name in one of its trees.
  Result<CorpusRepository> add(pack::Repository& repository, const std::string& name, Side side, unsigned threads,
                               std::uint64_t memory, const OnError& error);
  Result<void> finish();

private:
  struct State;
  explicit CorpusWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace packscope::learn
