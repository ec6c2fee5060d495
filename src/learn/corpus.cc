// From a blob to the samples of a task, and over a repository's blobs.
#include "learn/corpus.h"

#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"
#include "learn/facts.h"
#include "learn/split.h"
#include "syntax/parse.h"

#include <algorithm>
#include <unordered_set>

namespace packscope::learn {
namespace {

using syntax::Language;

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

void add_declarations_alone(const CorpusBlob& blob, DatasetBuilder& builder) {
  for (const CorpusDeclaration& declaration : blob.declarations) {
    const Bytes own = blob.text.subspan(declaration.begin, declaration.end - declaration.begin);
    // Git's packs hold streams of all levels; which one a sample gets follows from its text.
    const int level = 1 + static_cast<int>(stable_hash(as_text(own), 6) % 9);
    builder.add({.text = {own.begin(), own.end()}, .kind = declaration.kind, .item = declaration.item, .group = blob.group},
                level);
  }
}

// Each declaration from the symbol on that makes its first byte.
void add_declarations_in_place(const CorpusBlob& blob, DatasetBuilder& builder) {
  deflate::SymbolReader reader(blob.source.zlib, deflate::kZlibHeaderBits);
  deflate::Symbol symbol{};
  Source source = blob.source;
  std::uint64_t made = 0; // end of the symbol's output
  for (const CorpusDeclaration& declaration : blob.declarations) { // in order of begin
    while (made <= declaration.begin) {
      const deflate::SymbolReader::Step step = reader.next(symbol);
      if (step == deflate::SymbolReader::Step::end || step == deflate::SymbolReader::Step::fault) return;
      if (step == deflate::SymbolReader::Step::symbol) made = symbol.out_begin + symbol.length;
    }
    source.block = &reader.block();
    source.bit = symbol.bit_begin;
    if (symbol.kind == deflate::SymbolKind::stored) source.bit += (declaration.begin - symbol.out_begin) * 8;
    source.inflated_size = source.packed_size = 0; // the blob's, not the declaration's
    builder.add(source, declaration.kind, blob.group, stable_hash(std::to_string(declaration.begin), blob.key));
  }
}

bool is_plain(const pack::Outcome<pack::Stream>& stream) { return stream && !pack::is_delta(stream->type); }

} // namespace

std::vector<Language> parsed_languages(const Task& task) {
  switch (task.kind) {
  case TaskKind::item: return {Language::rust};
  case TaskKind::facts: return {Language::rust, Language::c, Language::cpp, Language::python};
  case TaskKind::kind:
  case TaskKind::place: {
    std::vector<Language> all;
    for (unsigned i = 0; i < syntax::kLanguages; ++i) all.push_back(static_cast<Language>(i));
    return all;
  }
  case TaskKind::language: return {};
  }
  return {};
}

void add_blob(const CorpusBlob& blob, DatasetBuilder& builder) {
  const TaskKind kind = builder.task().kind;
  if (kind == TaskKind::item || kind == TaskKind::kind) return add_declarations_alone(blob, builder);
  if (blob.source.zlib.empty()) return;
  if (kind == TaskKind::place) return add_declarations_in_place(blob, builder);
  if (kind == TaskKind::language) return builder.add(blob.source, syntax::name(blob.language), blob.group, blob.key);
  FactCounter facts;
  for (const CorpusDeclaration& declaration : blob.declarations) facts.add(declaration.kind, declaration.node);
  builder.add(blob.source, facts.answers(), blob.group, blob.key);
}

void add_repository(pack::Repository& repository, const CorpusOptions& options, syntax::Grammars& grammars,
                    DatasetBuilder& builder, const OnError& error) {
  const std::vector<Language> parsed = parsed_languages(builder.task());
  const bool alone = builder.task().kind == TaskKind::item || builder.task().kind == TaskKind::kind;
  const std::vector<pack::BlobPath> found = blobs(repository, options, error);
  syntax::HeaderVote vote;
  for (const pack::BlobPath& blob : found) vote.count(blob.path);
  syntax::Parser parser(grammars);
  syntax::Parsed syntax;
  pack::Store& store = repository.store();
  for (const pack::BlobPath& blob : found) {
    CorpusBlob out{.group = group_of(repository, options, blob.path),
                   .key = load_le<std::uint64_t>(blob.id.bytes.data()),
                   .language = vote.language_of(blob.path)};
    const bool parse = std::ranges::find(parsed, out.language) != parsed.end();
    if (!parsed.empty() && !parse) continue;
    const pack::Outcome<pack::Stream> stream = store.stream(blob.at);
    if (!stream) {
      error(store.error(blob.at, stream.error()));
      continue;
    }
    const bool streams = blob.at.pack != pack::kLoose && is_plain(stream); // a loose one begins with "blob 123\0"
    if (!alone && !streams) continue;
    const pack::Outcome<std::uint64_t> size = store.size_of(blob.at);
    if (size && *size > options.max_blob) continue;
    if (streams)
      out.source = {.zlib = stream->zlib, .inflated_size = stream->inflated_size, .packed_size = stream->zlib.size()};
    std::vector<CorpusDeclaration> declarations;
    pack::ObjectPtr object;
    if (parse) {
      const Result<const TSLanguage*> grammar = grammars.get(out.language);
      if (!grammar || *grammar == nullptr) continue; // a language without a grammar has no declarations
      const pack::Outcome<pack::ObjectPtr> read = store.read(blob.at);
      if (!read) {
        error(store.error(blob.at, read.error()));
        continue;
      }
      object = *read;
      out.text = object->data;
      if (Result<void> done = parser.parse(out.language, out.text, syntax, {.tokens = false, .declarations = true}); !done) {
        error(done.error());
        continue;
      }
      for (const syntax::Declaration& declaration : syntax.declarations)
        declarations.push_back({declaration.begin, declaration.end, std::string(syntax::name(declaration.kind)),
                                std::string(declaration.item), std::string(declaration.node)});
      out.declarations = declarations;
    }
    add_blob(out, builder);
  }
}

} // namespace packscope::learn
