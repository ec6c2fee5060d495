// Has the objects numbered and traced (traced_items.h), and writes the rows in order; see tracer.h.
#include "trace/tracer.h"

#include "base/json.h"
#include "trace/schema.h"
#include "trace/traced_items.h"

#include <filesystem>
#include <unordered_set>

namespace packscope::trace {
using Item = TracedItem;

struct Tracer::State {
  State(Database& target, TraceOptions given, std::function<void(const Error&)> hear)
      : database(target), options(std::move(given)), error(std::move(hear)) {
    database.execute("begin");
    database.execute(kTables);
    object = database.prepare("insert into object values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    pack = database.prepare("insert into pack values (?,?,?,?,?)");
    path = database.prepare("insert into path values (?,?,?,?)");
    block = database.prepare("insert into block values (?,?,?,?,?,?,?,?,?,?,?,?,?,null,null)");
    declaration = database.prepare("insert into declaration values (?,?,?,?,?,?,?,?,?)");
    token = database.prepare("insert into token values (?,?,?,?,?,?,?)");
    piece = database.prepare("insert into piece values (?,?,?,?,?,?,?,?,?,?)");
  }

  std::int64_t pack_number(pack::Store& store, const pack::Repository& repository, pack::Location at);
  void write(pack::Repository& repository, const Item& item, const BlobTrace& trace);
  void report(const pack::Store& store, const Item& item, Error broken);
  void write_object(pack::Repository& repository, const Item& item, const BlobTrace& trace);
  void write_path(std::int64_t number, const pack::BlobPath& named);
  void write_text(const BlobTrace& trace);

  Database& database;
  TraceOptions options;
  std::function<void(const Error&)> error;
  TraceCounts counts;
  Statement object, pack, path, block, declaration, token, piece;
  std::unordered_map<std::string, std::int64_t> packs; // by path
  std::unordered_set<std::string> reported;            // errors, as text
  std::int64_t numbered = 0;                           // objects that have a number
};

Tracer::Tracer(Database& database, TraceOptions options, std::function<void(const Error&)> error)
    : state_(std::make_unique<State>(database, std::move(options), std::move(error))) {}
Tracer::~Tracer() = default;
const TraceCounts& Tracer::counts() const { return state_->counts; }

void Tracer::add(pack::Repository& repository) {
  State& state = *state_;
  const pack::Scope& scope = state.options.scope;
  const bool whole = scope.kind == pack::ScopeKind::all_objects ||
                     (scope.kind == pack::ScopeKind::automatic && !repository.source().repository);
  repository.store().compute_ids(); // of packs without an index: so that ids do not depend on who asks first
  pack::Scope names = scope;
  names.commits = false; // no table of the trace has them
  const TracedItems items = traced_items(repository, names, {.whole = whole, .first_number = state.numbered + 1}, state.error);
  state.numbered += static_cast<std::int64_t>(items.items.size());
  const TraceWork work = {state.options.store, state.options.memory, state.options.threads, state.options.progress};
  const Result<void> done = trace_items(repository.source(), items, items.items.size(), work, [&](std::size_t i, BlobTrace trace) {
    state.write(repository, items.items[i], trace);
  });
  if (!done) state.error(done.error());
}

void Tracer::State::write(pack::Repository& repository, const Item& item, const BlobTrace& trace) {
  for (const Error& broken : trace.errors) report(repository.store(), item, broken);
  if (!trace.usable) return;
  write_object(repository, item, trace);
  if (trace.traced) write_text(trace);
}

// A broken base once, wherever it was met first; of the others that stand on it only that they do.
void Tracer::State::report(const pack::Store& store, const Item& item, Error broken) {
  const bool elsewhere = broken.file != store.file_of(item.at) || broken.offset != store.offset_of(item.at);
  if (!reported.insert(broken.text()).second) {
    if (!elsewhere) return;
    broken = store.error(item.at, {pack::Fault::base, store.offset_of(item.at)});
    if (!reported.insert(broken.text()).second) return;
  }
  if (!item.paths.empty()) broken.what += " (" + item.paths[0].path + ")";
  error(broken);
}

std::int64_t Tracer::State::pack_number(pack::Store& store, const pack::Repository& repository, pack::Location at) {
  const std::string file(store.file_of(at));
  const auto [known, fresh] = packs.try_emplace(file, static_cast<std::int64_t>(packs.size()) + 1);
  if (!fresh) return known->second;
  const std::string& repo = repository.source().name;
  std::error_code code;
  const std::string place = std::filesystem::relative(file, options.folder.empty() ? "." : options.folder, code).string();
  pack.bind(known->second).bind(std::string_view(repo)).bind(std::string_view(place));
  if (at.pack == pack::kLoose) {
    pack.bind_null().bind(1).run();
  } else {
    const pack::PackFile& from = store.packs()[at.pack];
    const std::string checksum = hex(from.bytes().last(pack::hash_size(from.hash())));
    pack.bind(std::string_view(checksum)).bind(std::uint64_t{from.entries().size()}).run();
  }
  return known->second;
}

void Tracer::State::write_object(pack::Repository& repository, const Item& item, const BlobTrace& trace) {
  const ObjectRow& row = trace.row;
  // The main store's word: a thread's own store may know fewer ids of a pack without an index.
  const std::optional<pack::ObjectId> known = repository.store().id_of(row.at);
  const std::string id = known ? known->hex() : "";
  const std::uint8_t header_bytes[] = {static_cast<std::uint8_t>(row.zlib_header >> 8),
                                       static_cast<std::uint8_t>(row.zlib_header)};
  const std::string header = hex(header_bytes);
  object.bind(row.number);
  if (known) object.bind(std::string_view(id));
  else object.bind_null();
  object.bind(pack::name(row.type)).bind(trace.traced).bind(pack_number(repository.store(), repository, row.at));
  object.bind(row.offset).bind(row.data_offset).bind(pack::name(row.entry)).bind(row.base);
  object.bind(std::uint64_t{row.depth}).bind(row.size).bind(row.inflated_size).bind(row.packed_size);
  object.bind(std::string_view(header));
  if (item.language) object.bind(syntax::name(*item.language));
  else object.bind_null();
  object.run();
  for (const pack::BlobPath& named : item.paths) write_path(row.number, named);

  std::int64_t number = 0;
  for (const Block& one : trace.blocks) {
    block.bind(row.number).bind(number++).bind(deflate::name(one.type)).bind(one.final);
    block.bind(one.bit_begin).bind(one.data_begin).bind(one.bit_end).bind(one.out_begin).bind(one.out_end);
    block.bind(one.literals).bind(one.matches);
    if (one.type == deflate::BlockType::dynamic)
      block.bind_blob(one.literal_lengths.data(), one.literal_lengths.size())
          .bind_blob(one.distance_lengths.data(), one.distance_lengths.size());
    else block.bind_null().bind_null();
    block.run();
    counts.literals += one.literals;
    counts.matches += one.matches;
  }
  ++counts.objects;
  counts.blocks += trace.blocks.size();
  if (!trace.traced) return;
  ++counts.blobs;
  counts.deltas += pack::is_delta(row.entry);
  counts.text_bytes += row.size;
  counts.unparsed += !trace.parsed;
}

void Tracer::State::write_path(std::int64_t number, const pack::BlobPath& named) {
  const bool readable = is_valid_utf8(named.path);
  const std::string text = valid_utf8(named.path), bytes = readable ? "" : hex(named.path);
  path.bind(number).bind(std::string_view(text)).bind(named.mode);
  if (readable) path.bind_null();
  else path.bind(std::string_view(bytes));
  path.run();
}

void Tracer::State::write_text(const BlobTrace& trace) {
  const std::int64_t first_declaration = static_cast<std::int64_t>(counts.declarations) + 1;
  const std::int64_t first_token = static_cast<std::int64_t>(counts.tokens) + 1;
  const auto reference = [](std::int64_t first, std::int64_t index) {
    return index < 0 ? std::optional<std::int64_t>() : first + index;
  };
  std::int64_t number = first_declaration;
  for (const syntax::Declaration& one : trace.syntax.declarations) {
    declaration.bind(number++).bind(trace.row.number).bind(one.begin).bind(one.end);
    declaration.bind(syntax::name(one.kind)).bind(one.node);
    if (one.item.empty()) declaration.bind_null();
    else declaration.bind(one.item);
    const std::string name = valid_utf8(one.name);
    if (name.empty()) declaration.bind_null();
    else declaration.bind(std::string_view(name));
    declaration.bind(reference(first_declaration, one.parent)).run();
  }
  number = first_token;
  for (const syntax::Token& one : trace.syntax.tokens) {
    token.bind(number++).bind(trace.row.number).bind(one.begin).bind(one.end).bind(one.kind).bind(one.named);
    token.bind(reference(first_declaration, one.declaration)).run();
  }
  for (const Piece& one : trace.pieces) {
    piece.bind(trace.row.number).bind(one.begin).bind(one.end).bind(reference(first_token, one.token));
    piece.bind(one.source).bind(one.source_begin).bind(one.bits.bit_begin).bind(one.bits.bit_end);
    piece.bind(one.bits.literals).bind(one.bits.matches).run();
  }
  counts.declarations += trace.syntax.declarations.size();
  counts.tokens += trace.syntax.tokens.size();
  counts.pieces += trace.pieces.size();
}

void Tracer::finish(const std::string& program) {
  Database& database = state_->database;
  database.execute(kIndexes);
  Statement meta = database.prepare("insert into meta values (?,?)");
  const auto put = [&](std::string_view key, const std::string& value) {
    meta.bind(key).bind(std::string_view(value)).run();
  };
  put("program", program);
  put("schema", std::to_string(kSchemaVersion));
  database.execute("pragma user_version = " + std::to_string(kSchemaVersion));
  database.execute("pragma application_id = " + std::to_string(kApplicationId));
  database.execute("commit");
}

} // namespace packscope::trace
