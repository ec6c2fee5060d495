// pack_compiler tokens: each token of each text, and the bits of which streams carry it: the trace's map, as records.
#include "tools/pack_compiler.h"

#include "base/text.h"
#include "trace/traced_items.h"

#include <algorithm>
#include <cstdio>

namespace packscope::tools {
namespace {

using trace::BlobTrace;
using trace::Piece;

class TokenWriter {
public:
  TokenWriter(const ReadOptions& options, pack::Repository& repository, const trace::TracedItems& items, Output& output)
      : options_(options), repository_(repository), items_(items), output_(output) {}

  void write(const pack::BlobPath& blob, const BlobTrace& traced) {
    // Pieces without a token (white space) are nobody's here; the others come in the order of their tokens.
    std::vector<Piece> pieces = traced.pieces;
    std::erase_if(pieces, [](const Piece& piece) { return piece.token < 0; });
    if (!options_.json) return write_text(blob, traced, pieces);
    JsonWriter record;
    begin_record(record, repository_.source());
    object_field(record, id_of(blob.at));
    path_fields(record, blob);
    record.key("tokens").begin_array();
    std::size_t at = 0;
    for (std::size_t i = 0; i < traced.syntax.tokens.size(); ++i) {
      const syntax::Token& token = traced.syntax.tokens[i];
      record.begin_object().field("begin", token.begin).field("end", token.end).field("kind", token.kind).key("pieces").begin_array();
      for (; at < pieces.size() && pieces[at].token == static_cast<std::int64_t>(i); ++at) {
        record.begin_object();
        object_field(record, source_of(pieces[at]));
        record.field("bit_begin", pieces[at].bits.bit_begin).field("bit_end", pieces[at].bits.bit_end).end_object();
      }
      record.end_array().end_object();
    }
    record.end_array().end_object();
    output_.line(record);
  }

private:
  std::optional<pack::ObjectId> id_of(pack::Location at) { return repository_.store().id_of(at); }
  std::optional<pack::ObjectId> source_of(const Piece& piece) {
    return id_of(items_.items[static_cast<std::size_t>(piece.source - 1)].at);
  }

  void write_text(const pack::BlobPath& blob, const BlobTrace& traced, const std::vector<Piece>& pieces) {
    output_.write(printable(repository_.source().name + ":" + blob.path) + "\n");
    for (const Piece& piece : pieces) {
      const syntax::Token& token = traced.syntax.tokens[static_cast<std::size_t>(piece.token)];
      const std::optional<pack::ObjectId> id = source_of(piece);
      char line[160];
      std::snprintf(line, sizeof line, "  %8llu–%-8llu %-28s %s  bits %llu–%llu\n", static_cast<unsigned long long>(piece.begin),
                    static_cast<unsigned long long>(piece.end), printable(token.kind).substr(0, 28).c_str(),
                    id ? id->hex().substr(0, 12).c_str() : "?", static_cast<unsigned long long>(piece.bits.bit_begin),
                    static_cast<unsigned long long>(piece.bits.bit_end));
      output_.write(line);
    }
  }

  const ReadOptions& options_;
  pack::Repository& repository_;
  const trace::TracedItems& items_;
  Output& output_;
};

void write_tokens(const ReadOptions& options, pack::Repository& repository, Report& report, Output& output) {
  repository.store().compute_ids();
  const auto on_error = [&](const Error& error) { report.error(error); };
  trace::TracedItems items = trace::traced_items(repository, options.scope(), {.each_path = true}, on_error);
  // Only texts in a language with a grammar have tokens; what their deltas rest on is numbered all the same.
  syntax::Grammars grammars;
  std::uint64_t without = 0;
  const auto has_tokens = [&](const trace::TracedItem& item) {
    if (!item.traced || !item.language) return false;
    const Result<const TSLanguage*> grammar = grammars.get(*item.language);
    return !grammar || *grammar != nullptr; // one that should be there and is not: said by every text
  };
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < items.items.size(); ++i)
    if (has_tokens(items.items[i])) wanted.push_back(i);
    else without += items.items[i].traced;
  trace::TracedItems chosen; // the same numbers
  for (const std::size_t i : wanted) chosen.items.push_back(items.items[i]);
  chosen.numbers = items.numbers;
  TokenWriter writer(options, repository, items, output);
  const trace::TraceWork work = {options.store_options(), options.memory / 8 * 3, options.threads, options.progress()};
  const Result<void> done = trace::trace_items(repository.source(), chosen, chosen.items.size(), work, [&](std::size_t i, BlobTrace traced) {
    const pack::BlobPath& blob = chosen.items[i].paths.front();
    for (Error error : traced.errors) {
      error.what += " (" + blob.path + ")";
      report.error(error);
    }
    if (traced.errors.empty()) writer.write(blob, traced);
  });
  if (!done) report.error(done.error());
  if (options.verbose && without > 0) report.note("no record of blobs in languages without a grammar: " + human_count(without));
}

int run_tokens(const ReadOptions& options) {
  Report report;
  report.quiet = options.quiet;
  Output output;
  for_each_repository(options, report, [&](pack::Repository& repository) { write_tokens(options, repository, report, output); });
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_tokens(CLI::App& app) {
  auto options = std::make_shared<ReadOptions>();
  add_read_options(app, *options);
  app.footer("Bits count from the first bit of the zlib header of the object that holds them: the blob, or through deltas another.\n"
             "A symbol that makes bytes of several tokens counts for each.");
  return [options] { return run_tokens(*options); };
}

} // namespace packscope::tools
