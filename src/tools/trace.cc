// packscope trace: packs in, one SQLite database out: which compressed bits carry which token and declaration.
#include "base/mapped_file.h"
#include "base/output_file.h"
#include "base/text.h"
#include "tools/commands.h"
#include "tools/revision.h"
#include "trace/dataset.h"
#include "trace/tracer.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace packscope::tools {
namespace {

struct TraceCommand {
  ReadOptions read;
  std::string output, build_steps, folded;
  bool inflation_cost = false;
};

void print_counts(const trace::TraceCounts& counts, const std::string& output, Output& out) {
  const auto row = [&out](const char* name, std::uint64_t count, const std::string& remark = {}) {
    char line[160];
    std::snprintf(line, sizeof line, "%-14s %13s%s%s\n", name, human_count(count).c_str(), remark.empty() ? "" : "  ",
                  remark.c_str());
    out.write(line);
  };
  row("blobs", counts.blobs,
      human_bytes(counts.text_bytes) + " of text, " + human_count(counts.deltas) + " stored as deltas");
  row("other objects", counts.objects - counts.blobs, "bases that hold bytes of the blobs, and in a whole pack the rest");
  row("blocks", counts.blocks, "DEFLATE blocks of these objects");
  row("literals", counts.literals);
  row("matches", counts.matches);
  row("tokens", counts.tokens, human_count(counts.unparsed) + " blobs without: no grammar, or empty");
  row("declarations", counts.declarations);
  row("pieces", counts.pieces, "source ranges with their bits");
  out.write("written to " + printable(output) + "\n");
}

void print_record(const trace::TraceCounts& counts, const std::string& file, Output& out) {
  JsonWriter json;
  json.begin_object().path_field("trace", file).field("objects", counts.objects).field("blobs", counts.blobs);
  json.field("deltas", counts.deltas).field("text_bytes", counts.text_bytes).field("blocks", counts.blocks);
  json.field("literals", counts.literals).field("matches", counts.matches).field("tokens", counts.tokens);
  json.field("declarations", counts.declarations).field("pieces", counts.pieces);
  out.line(json.field("unparsed", counts.unparsed).end_object());
}

// Makes the database aside, lets `fill` work on it, and renames it when whole.
Result<void> write_database(const TraceCommand& command, bool fresh,
                            const std::function<Result<void>(Database&)>& fill) {
  Result<OutputFile> file = OutputFile::create(command.output);
  if (!file) return std::unexpected(file.error());
  if (!fresh) {
    std::error_code code;
    std::filesystem::copy_file(command.read.paths[0], file->temporary_path(),
                               std::filesystem::copy_options::overwrite_existing, code);
    if (code) return fail("copy: " + code.message(), command.read.paths[0]);
  }
  {
    Result<std::unique_ptr<Database>> database = fresh ? Database::create(file->temporary_path())
                                                              : Database::open_existing(file->temporary_path());
    if (!database) return std::unexpected(database.error());
    Result<void> filled = fill(**database);
    if (filled) filled = (*database)->status();
    if (!filled) {
      if (filled.error().file == file->temporary_path()) filled.error().file = command.output;
      return filled;
    }
  }
  return file->commit();
}

// The database must not take the place of what it is made from; a trace may, when costs are joined into it.
bool would_overwrite_input(const TraceCommand& command, bool join) {
  std::error_code code;
  for (const std::string& path : command.read.paths)
    if (!join && std::filesystem::equivalent(path, command.output, code)) return true;
  const Result<MappedFile> old = MappedFile::open(command.output);
  return old && as_text(old->bytes()).starts_with("PACK");
}

int run_trace(const CLI::App& app, const TraceCommand& command) {
  Report report;
  report.quiet = command.read.quiet;
  Output out;
  const bool join = command.read.paths.size() == 1 && trace::is_trace(command.read.paths[0]);
  if (would_overwrite_input(command, join)) return usage_error(app, "-o " + command.output + ": is a pack, or the PATH itself");
  trace::TraceCounts counts;
  const Result<void> written = write_database(command, !join, [&](Database& database) -> Result<void> {
    if (!join) {
      const std::string folder = std::filesystem::path(command.output).parent_path().string();
      trace::TraceOptions options = {.scope = command.read.scope(), .store = command.read.store_options(),
                                     .memory = command.read.memory / 8 * 3, .threads = command.read.threads,
                                     .folder = folder, .progress = command.read.progress()};
      trace::Tracer tracer(database, options, [&](const Error& error) { report.error(error); });
      for_each_repository(command.read, report, [&](pack::Repository& repository) { tracer.add(repository); });
      tracer.finish("packscope " PACKSCOPE_VERSION);
      counts = tracer.counts();
      if (report.errors() > 0 && counts.objects == 0) return fail("not written: nothing could be traced", command.output);
    }
    if (!command.build_steps.empty() || !command.folded.empty())
      if (Result<void> added = trace::add_build_cost(database, command.build_steps, command.folded); !added) return added;
    // Packs are named from the folder of the trace that is being written; of a trace that is joined, from its own.
    if (command.inflation_cost) return trace::add_inflation_cost(database, join ? command.read.paths[0] : command.output);
    return {};
  });
  if (!written) {
    report.error(written.error());
    return report.exit_code();
  }
  if (join) report.note("joined into " + printable(command.output));
  else if (command.read.json) print_record(counts, command.output, out);
  else print_counts(counts, command.output, out);
  out.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_trace(CLI::App& app) {
  auto command = std::make_shared<TraceCommand>();
  add_read_options(app, command->read);
  app.add_option("-o,--output", command->output, "The database to write; an old one is replaced when the new is whole")
      ->type_name("FILE")
      ->required();
  app.add_option("--build-steps", command->build_steps,
                 "Cost of each translation unit (JSON Lines) to join by path; PATH may then be a trace made before")
      ->type_name("FILE");
  app.add_option("--folded", command->folded, "Folded stacks sampled over the build")->type_name("FILE");
  app.add_flag("--inflation-cost", command->inflation_cost,
               "Measure what inflating each block takes: instructions, else processor time");
  return [&app, command] { return run_trace(app, *command); };
}

} // namespace packscope::tools
