// Datasets out of repositories and packs, read where they lie.
#pragma once

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

// Every declaration of every blob of the scope whose language has a grammar (for a task of Rust items: of Rust's).
void add_declarations(pack::Repository& repository, const CorpusOptions& options, const Task& task,
                      syntax::Grammars& grammars, DatasetBuilder& builder, const OnError& error);

// Every blob of the scope that lies in a pack and is no delta: its stream as it lies, labelled by its path.
// Links and blobs without a path are left out; a blob with several paths takes the first.
void add_languages(pack::Repository& repository, const CorpusOptions& options, DatasetBuilder& builder,
                   const OnError& error);

} // namespace packscope::learn
