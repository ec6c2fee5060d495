// The corpus as a file: blobs' streams as they lie, and where their declarations are. Texts are not kept: inflating a
// stream gives them.
#include "learn/corpus.h"

#include "base/database.h"
#include "base/output_file.h"
#include "deflate/inflate.h"
#include "learn/split.h"
#include "pack/leaf_names.h"
#include "syntax/parse.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_set>

namespace packscope::learn {
namespace {

constexpr const char* kCorpusSchema = R"(
create table repository(id integer primary key, name text not null, commit_id text not null, split text not null);
create table blob(id integer primary key, repository integer not null references repository, object text not null,
  name text not null,         -- in a tree
  language text not null, inflated integer not null, packed integer not null,
  stream blob not null);      -- of the zlib stream, at most the limit's bytes
create table declaration(blob integer not null references blob, "begin" integer not null, "end" integer not null,
  kind text not null, item text not null, node text not null);
create index declaration_blob on declaration(blob);
pragma application_id = 1885565795; -- "pckc"
pragma user_version = 1;
)";
constexpr std::int64_t kApplication = 1885565795;

std::int64_t pragma(Database& database, const char* name) {
  Statement statement = database.prepare(std::string("pragma ") + name);
  return statement.step() ? statement.integer(0) : 0;
}

struct Candidate {
  pack::ObjectId id;
  pack::Location at;
  syntax::Language language;
};

// Plain blobs with a name, by language, in order of their ids: which of them are taken does not follow from anything.
std::vector<Candidate> find_candidates(pack::Store& store, const pack::LeafNames& names, const CorpusLimits& limits) {
  syntax::HeaderVote vote;
  const auto each = [&](const auto& visit) {
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry)
        if (const std::string_view name = names.of({pack, entry}); !name.empty()) visit(pack::Location{pack, entry}, name);
  };
  each([&](pack::Location, std::string_view name) { vote.count(name); });
  std::vector<Candidate> found;
  each([&](pack::Location at, std::string_view name) {
    const pack::Outcome<pack::EntryHeader> header = store.packs()[at.pack].header(at.entry);
    if (!header || header->type != pack::EntryType::blob || header->size == 0 || header->size > limits.max_blob) return;
    if (names.is_link(at)) return; // a path for a text, whatever its own name says
    if (const std::optional<pack::ObjectId> id = store.id_of(at)) found.push_back({*id, at, vote.language_of(name)});
  });
  std::ranges::sort(found, {}, [](const Candidate& candidate) { return std::pair(candidate.language, candidate.id); });
  return found;
}

} // namespace

bool is_corpus(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return false;
  Result<std::unique_ptr<Database>> database = Database::open_read_only(path);
  return database && pragma(**database, "application_id") == kApplication;
}

Result<void> add_corpus(const std::string& path, DatasetBuilder& builder) {
  Result<std::unique_ptr<Database>> opened = Database::open_read_only(path);
  if (!opened) return std::unexpected(opened.error());
  Database& database = **opened;
  if (pragma(database, "user_version") != 1) return fail("corpus: a version other than 1", path);
  const std::vector<syntax::Language> parsed = parsed_languages(builder.task());
  Statement blobs = database.prepare("select b.id, b.object, b.language, b.inflated, b.packed, b.stream, r.name, r.split, "
                                     "r.commit_id from blob b join repository r on r.id = b.repository order by b.id");
  Statement declarations = database.prepare(
      "select \"begin\", \"end\", kind, item, node from declaration where blob = ? order by \"begin\", rowid");
  deflate::Inflater inflater;
  while (blobs.step()) {
    CorpusBlob blob{.group = blobs.text(6), .key = stable_hash(blobs.text(1))};
    if (!syntax::parse_language(blobs.text(2), blob.language)) return fail("blob.language: '" + blobs.text(2) + "'", path);
    const bool parse = std::ranges::find(parsed, blob.language) != parsed.end();
    if (!parsed.empty() && !parse) continue;
    builder.list(blob.group, blobs.text(7) == "test" ? Side::test : Side::train, blobs.text(8));
    const std::vector<std::uint8_t> stream = blobs.blob(5);
    blob.source = {.zlib = stream, .inflated_size = static_cast<std::uint64_t>(blobs.integer(3)),
                   .packed_size = static_cast<std::uint64_t>(blobs.integer(4))};
    std::vector<std::uint8_t> text;
    std::vector<CorpusDeclaration> found;
    if (parse) {
      if (blob.source.packed_size > stream.size()) continue; // cut: its text is not here
      text.resize(std::min<std::uint64_t>(blob.source.inflated_size, std::uint64_t{1} << 28));
      std::size_t consumed = 0;
      if (inflater.zlib(stream, text, consumed) != deflate::Fault::none) return fail("blob.stream: does not inflate", path);
      declarations.bind(blobs.integer(0));
      while (declarations.step()) {
        found.push_back({static_cast<std::uint32_t>(declarations.integer(0)), static_cast<std::uint32_t>(declarations.integer(1)),
                         declarations.text(2), declarations.text(3), declarations.text(4)});
        if (found.back().begin > found.back().end || found.back().end > text.size())
          return fail("declaration: outside of its text", path);
      }
      declarations.reset();
      blob.text = text;
      blob.declarations = found;
    }
    add_blob(blob, builder);
  }
  return database.status();
}

struct CorpusWriter::State {
  CorpusLimits limits;
  OutputFile file;
  std::unique_ptr<Database> database;
  Statement repository, blob, declaration;
  std::unordered_set<pack::ObjectId, pack::ObjectIdHash> seen = {};
  syntax::Grammars grammars = syntax::Grammars();
  syntax::Parser parser = syntax::Parser(grammars);
  std::uint64_t repositories = 0, blobs = 0;

  std::uint64_t add_declarations(const pack::Store& store, const Candidate& candidate, Bytes text,
                                 const OnError& error);
};

CorpusWriter::CorpusWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
CorpusWriter::CorpusWriter(CorpusWriter&&) noexcept = default;
CorpusWriter::~CorpusWriter() = default;

Result<CorpusWriter> CorpusWriter::create(const std::string& path, CorpusLimits limits) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return std::unexpected(file.error());
  Result<std::unique_ptr<Database>> database = Database::create(file->temporary_path());
  if (!database) return std::unexpected(database.error());
  (*database)->execute(kCorpusSchema);
  (*database)->execute("begin");
  Statement repository = (*database)->prepare("insert into repository values(?, ?, ?, ?)");
  Statement blob = (*database)->prepare("insert into blob values(?, ?, ?, ?, ?, ?, ?, ?)");
  Statement declaration = (*database)->prepare("insert into declaration values(?, ?, ?, ?, ?, ?)");
  if (Result<void> status = (*database)->status(); !status) return std::unexpected(status.error());
  return CorpusWriter(std::unique_ptr<State>(new State{limits, std::move(*file), std::move(*database), std::move(repository),
                                                       std::move(blob), std::move(declaration)}));
}

Result<CorpusRepository> CorpusWriter::add(pack::Repository& repository, const std::string& name, Side side,
                                           unsigned threads, std::uint64_t memory, const OnError& error) {
  State& state = *state_;
  CorpusRepository out{.name = name, .side = side};
  if (const Result<pack::ObjectId> head = repository.resolve("HEAD")) out.commit = head->hex();
  pack::Store& store = repository.store();
  store.compute_ids();
  const pack::LeafNames names = pack::LeafNames::of(store, threads, memory, error);
  const std::uint64_t id = ++state.repositories;
  state.repository.bind(id).bind(name).bind(out.commit).bind(learn::name(side)).run();
  std::array<std::uint32_t, syntax::kLanguages> taken = {};
  for (const Candidate& candidate : find_candidates(store, names, state.limits)) {
    std::uint32_t& count = taken[static_cast<std::size_t>(candidate.language)];
    if (count == state.limits.per_language) continue;
    if (!state.seen.insert(candidate.id).second) {
      ++out.duplicates;
      continue;
    }
    const pack::Outcome<pack::ObjectPtr> object = store.read(candidate.at);
    const pack::Outcome<pack::Stream> stream = store.stream(candidate.at);
    if (!object || !stream) {
      error(store.error(candidate.at, object ? stream.error() : object.error()));
      continue;
    }
    const std::uint64_t packed = stream->zlib.size();
    const Bytes kept = stream->zlib.first(std::min(packed, state.limits.max_stream));
    ++count;
    const std::string hex = candidate.id.hex();
    const std::string_view leaf = names.of(candidate.at);
    state.blob.bind(++state.blobs).bind(id).bind(hex).bind(leaf).bind(syntax::name(candidate.language));
    state.blob.bind(stream->inflated_size).bind(packed).bind_blob(kept.data(), kept.size()).run();
    ++out.blobs;
    if (kept.size() == packed) out.declarations += state.add_declarations(store, candidate, (*object)->data, error);
  }
  if (Result<void> status = state.database->status(); !status) return std::unexpected(status.error());
  return out;
}

std::uint64_t CorpusWriter::State::add_declarations(const pack::Store& store, const Candidate& candidate, Bytes text,
                                 const OnError& error) {
  const Result<const TSLanguage*> grammar = grammars.get(candidate.language);
  if (!grammar || *grammar == nullptr) return 0;
  syntax::Parsed parsed;
  if (Result<void> done = parser.parse(candidate.language, text, parsed, {.tokens = false, .declarations = true}); !done) {
    error({.what = done.error().what + " (object " + candidate.id.hex() + ": no declarations taken)",
           .file = std::string(store.file_of(candidate.at)), .offset = store.offset_of(candidate.at)});
    return 0;
  }
  std::uint64_t count = 0;
  for (const syntax::Declaration& one : parsed.declarations) {
    if (count == limits.per_blob) break;
    declaration.bind(blobs).bind(one.begin).bind(one.end).bind(syntax::name(one.kind)).bind(one.item).bind(one.node).run();
    ++count;
  }
  return count;
}

Result<void> CorpusWriter::finish() {
  for (Statement* statement : {&state_->repository, &state_->blob, &state_->declaration}) *statement = {};
  state_->database->execute("commit");
  if (Result<void> status = state_->database->status(); !status) return status;
  state_->database.reset();
  return state_->file.commit();
}

} // namespace packscope::learn
