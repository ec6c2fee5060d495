// Two walks: over declarations (blobs are resolved and parsed), over streams (nothing is resolved).
#include "learn/corpus.h"

#include "learn/split.h"
#include "syntax/parse.h"

#include <unordered_set>

namespace packscope::learn {
namespace {

std::string group_of(const pack::Repository& repository, const CorpusOptions& options, const std::string& path) {
  const std::string& name = repository.source().name;
  return options.group_by == GroupBy::repository ? name : name + ":" + path;
}

// The blobs of the scope with a path, each once, links left out, in the scope's order.
std::vector<pack::BlobPath> blobs(pack::Repository& repository, const CorpusOptions& options, const OnError& error) {
  std::vector<pack::BlobPath> found;
  std::unordered_set<pack::ObjectId, pack::ObjectIdHash> seen;
  pack::Scope scope = options.scope;
  scope.commits = false;
  repository.for_each_blob(
      scope,
      [&](const pack::BlobPath& blob) {
        if (!blob.path.empty() && !pack::is_link(blob.mode) && seen.insert(blob.id).second) found.push_back(blob);
      },
      error);
  return found;
}

} // namespace

void add_declarations(pack::Repository& repository, const CorpusOptions& options, const Task& task,
                      syntax::Grammars& grammars, DatasetBuilder& builder, const OnError& error) {
  const std::vector<pack::BlobPath> found = blobs(repository, options, error);
  syntax::HeaderVote vote;
  for (const pack::BlobPath& blob : found) vote.count(blob.path);
  syntax::Parser parser(grammars);
  syntax::Parsed parsed;
  for (const pack::BlobPath& blob : found) {
    const syntax::Language language = vote.language_of(blob.path);
    if (task.kind == TaskKind::item && language != syntax::Language::rust) continue;
    const Result<const TSLanguage*> grammar = grammars.get(language);
    if (!grammar || *grammar == nullptr) continue; // a language without a grammar has no declarations
    const pack::Outcome<std::uint64_t> size = repository.store().size_of(blob.at);
    if (size && *size > options.max_blob) continue;
    const pack::Outcome<pack::ObjectPtr> object = repository.store().read(blob.at);
    if (!object) {
      error(repository.store().error(blob.at, object.error()));
      continue;
    }
    const Bytes text = (*object)->data;
    if (Result<void> done = parser.parse(language, text, parsed, {.tokens = false, .declarations = true}); !done) {
      error(done.error());
      continue;
    }
    for (const syntax::Declaration& declaration : parsed.declarations) {
      const Bytes own = text.subspan(declaration.begin, declaration.end - declaration.begin);
      builder.add(DeclarationSample{.text = {own.begin(), own.end()},
                                    .kind = std::string(syntax::name(declaration.kind)),
                                    .item = std::string(declaration.item),
                                    .group = group_of(repository, options, blob.path)});
    }
  }
}

void add_languages(pack::Repository& repository, const CorpusOptions& options, DatasetBuilder& builder,
                   const OnError& error) {
  const std::vector<pack::BlobPath> found = blobs(repository, options, error);
  syntax::HeaderVote vote;
  for (const pack::BlobPath& blob : found) vote.count(blob.path);
  for (const pack::BlobPath& blob : found) {
    if (blob.at.pack == pack::kLoose) continue; // its stream begins with another text: "blob 123\0"
    const pack::Outcome<pack::Stream> stream = repository.store().stream(blob.at);
    if (!stream) {
      error(repository.store().error(blob.at, stream.error()));
      continue;
    }
    if (pack::is_delta(stream->type) || stream->inflated_size > options.max_blob) continue;
    builder.add(stream->zlib, syntax::name(vote.language_of(blob.path)), group_of(repository, options, blob.path),
                load_le<std::uint64_t>(blob.id.bytes.data()));
  }
}

} // namespace packscope::learn
