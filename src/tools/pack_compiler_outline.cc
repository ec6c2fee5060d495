// pack_compiler outline: the declarations of every blob; nothing is written, nothing is parsed twice.
#include "tools/pack_compiler.h"

#include "base/text.h"
#include "compile/outline.h"
#include "compile/pedigree.h"

#include <cstdio>

namespace packscope::tools {
namespace {

using compile::Outline;
using compile::OutlineItem;
using compile::Pedigree;

struct OutlineRun : ReadOptions {
  bool follow = false;
};

void name_field(JsonWriter& record, const std::string& name) {
  if (name.empty()) record.null_field("name");
  else record.field("name", name);
}

void write_record(Output& output, const pack::Repository& repository, const OutlineItem& item, const Outline& outline) {
  JsonWriter record;
  begin_record(record, repository.source());
  object_field(record, item.blob.id);
  path_fields(record, item.blob);
  record.field("language", syntax::name(item.language)).key("declarations").begin_array();
  for (const syntax::Declaration& one : outline.declarations) {
    record.begin_object().field("kind", syntax::name(one.kind));
    name_field(record, one.name);
    record.field("begin", one.begin).field("end", one.end).end_object();
  }
  record.end_array().end_object();
  output.line(record);
}

std::string short_id(const std::optional<pack::ObjectId>& id) { return id ? id->hex().substr(0, 12) : "?"; }

void write_text(Output& output, const pack::Repository& repository, const OutlineItem& item, const Outline& outline) {
  std::string title = printable(repository.source().name + ":" + item.blob.path) + "  " + std::string(syntax::name(item.language));
  if (item.blob.first_commit) title += "  " + short_id(item.blob.first_commit) + ".." + short_id(item.blob.last_commit);
  output.write(title + (outline.repaired ? "  (repaired: not all of it parses)\n" : "\n"));
  std::vector<std::uint32_t> depths;
  for (const syntax::Declaration& one : outline.declarations) {
    depths.push_back(one.parent < 0 ? 0 : depths[static_cast<std::size_t>(one.parent)] + 1);
    char head[80];
    std::snprintf(head, sizeof head, "  %8u–%-8u %*s%-14s ", one.begin, one.end, static_cast<int>(2 * std::min(depths.back(), 8u)), "",
                  std::string(syntax::name(one.kind)).c_str());
    output.write(head + (one.name.empty() ? "–" : printable(one.name)) + "\n");
  }
}

void write_pedigree(Output& output, bool json, const pack::Repository& repository, const Pedigree& one) {
  if (!json) {
    std::string name = one.name.empty() ? "–" : one.name;
    for (auto around = one.within.rbegin(); around != one.within.rend(); ++around)
      name = (around->empty() ? "–" : *around) + " › " + name;
    char head[120];
    std::snprintf(head, sizeof head, "%s..%s  %4zu %-8s %-14s ", short_id(one.first_commit).c_str(), short_id(one.last_commit).c_str(),
                  one.changes.size(), one.changes.size() == 1 ? "text" : "texts", std::string(syntax::name(one.kind)).c_str());
    return output.write(head + printable(name) + "  " + printable(repository.source().name + ":" + one.path) + "\n");
  }
  JsonWriter record;
  begin_record(record, repository.source());
  object_field(record, one.changes.back().object);
  record.path_field("path", one.path).field("language", syntax::name(one.language)).field("kind", syntax::name(one.kind));
  name_field(record, one.name);
  record.key("within").begin_array();
  for (const std::string& around : one.within) record.value(around);
  record.end_array();
  if (one.first_commit) record.field("first_commit", one.first_commit->hex());
  if (one.last_commit) record.field("last_commit", one.last_commit->hex());
  record.field("versions", one.versions).key("changes").begin_array();
  for (const Pedigree::Change& change : one.changes) {
    record.begin_object().field("object", change.object.hex());
    if (change.commit) record.field("commit", change.commit->hex());
    record.field("begin", change.begin).field("end", change.end).end_object();
  }
  record.end_array().end_object();
  output.line(record);
}

// So that silence about a blob means something: which have no record. And what the rest took.
void note_counts(const compile::OutlineCounts& counts, const Report& report) {
  std::string without;
  for (unsigned i = 0; i < syntax::kLanguages; ++i)
    if (counts.without[i] > 0)
      without += (without.empty() ? "" : ", ") + std::string(syntax::name(static_cast<syntax::Language>(i))) + " " + human_count(counts.without[i]);
  if (!without.empty()) report.note("no record of blobs in languages without declarations: " + without);
  if (counts.nameless > 0) report.note("no record of blobs that no path names: " + human_count(counts.nameless));
  if (counts.repaired > 0)
    report.note(human_count(counts.repaired) + " of " + human_count(counts.outlines) + " outlines are of texts that do not parse as a whole");
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", std::chrono::duration<double>(counts.parsing).count());
  report.note("parsing took " + std::string(seconds) + " s of processor time");
}

int run_outline(const CLI::App& app, const OutlineRun& options) {
  if (options.follow && !options.history) return usage_error(app, "--follow needs --history");
  Report report;
  report.quiet = options.quiet;
  Output output;
  for_each_repository(options, report, [&](pack::Repository& repository) {
    compile::Pedigrees pedigrees([&](const Pedigree& one) { write_pedigree(output, options.json, repository, one); });
    const compile::OutlineOptions how = {.scope = options.scope(), .store = options.store_options(), .memory = options.memory / 4,
                                         .threads = options.threads, .texts = options.follow, .progress = options.progress()};
    const compile::OutlineCounts counts = compile::outline(
        repository, how,
        [&](const OutlineItem& item, const Outline& outline) {
          if (options.follow) pedigrees.add(item, outline);
          else if (options.json) write_record(output, repository, item, outline);
          else write_text(output, repository, item, outline);
        },
        [&](const Error& error) { report.error(error); });
    pedigrees.finish();
    if (options.verbose) note_counts(counts, report);
    if (!options.json && counts.outlines == 0) report.note("no blob in a language with declarations there");
  }, Packs::as_needed);
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_outline(CLI::App& app) {
  auto options = std::make_shared<OutlineRun>();
  add_read_options(app, *options);
  app.add_flag("--follow", options->follow, "With --history: a record a declaration, with the commits and places of each of its texts");
  app.footer("C, C++, Rust, Python, Go, JavaScript, TOML, JSON and shell have declarations; blobs in other languages, links and\n"
             "blobs that no path names have no record (--verbose counts them).");
  return [&app, options] { return run_outline(app, *options); };
}

} // namespace packscope::tools
