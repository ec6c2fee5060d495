// Options, errors and output that all commands share; see command.h.
#include "tools/command.h"

#include "base/size.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

namespace packscope::tools {

pack::Scope ReadOptions::scope() const {
  using Kind = pack::ScopeKind;
  if (!revisions.empty()) return {.kind = Kind::revisions, .revisions = revisions};
  return {.kind = tips ? Kind::tips : history ? Kind::history : all_objects ? Kind::all_objects : Kind::automatic};
}

pack::Store::Options ReadOptions::store_options() const {
  pack::Store::Options store;
  store.limits.max_object_size = max_object_size;
  store.cache_bytes = memory / 8 * 3;
  store.threads = threads;
  return store;
}

ProgressMode ProgressOptions::progress() const {
  if (no_progress || quiet) return ProgressMode::never;
  return force_progress ? ProgressMode::always : ProgressMode::automatic;
}

void add_progress_options(CLI::App& app, ProgressOptions& options) {
  CLI::Option* on = app.add_flag("--progress", options.force_progress, "Show progress even if stderr is no terminal");
  app.add_flag("--no-progress", options.no_progress, "Never show progress")->excludes(on);
  app.add_flag("--quiet,-q", options.quiet, "No progress and no notes; errors only");
}

CLI::Option* add_size_option(CLI::App& app, const std::string& flag, std::uint64_t& size, const std::string& text) {
  return app
      .add_option_function<std::string>(
          flag,
          [&size](const std::string& given) {
            const Result<std::uint64_t> parsed = parse_size(given);
            if (!parsed) throw CLI::ValidationError(parsed.error().text());
            size = *parsed;
          },
          text)
      ->type_name("SIZE");
}

void add_read_options(CLI::App& app, ReadOptions& options, ReadUses uses) {
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  CLI::Option* paths = app.add_option("PATH", options.paths,
                                      "A .pack, a repository, a directory holding any of these, or - (paths on "
                                      "standard input)");
  paths->type_name("");
  if (uses.paths_required) paths->required();
  if (uses.scope) {
    CLI::Option_group* scope = app.add_option_group("Scope", "Which objects; the default is --tips for a "
                                                             "repository, --all-objects for a lone pack");
    scope->add_option("--rev", options.revisions, "The tree of a branch, tag or commit; may be repeated")
        ->type_name("REV")
        ->allow_extra_args(false); // one a flag: what follows is a PATH
    scope->add_flag("--tips", options.tips, "The trees of all branch and tag tips");
    scope->add_flag("--history", options.history, "Every version reachable from any ref");
    scope->add_flag("--all-objects", options.all_objects, "Every object, also unreachable ones");
    scope->require_option(0, 1);
  }
  app.add_flag("--json", options.json, "JSON Lines: one record a line, nothing else on standard output");
  app.add_option("--threads", options.threads, "Threads; the output is the same whatever their number")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u))
      ->default_str("all cores");
  add_size_option(app, "--memory", options.memory, "Memory budget beside the mapped packs [256MiB]");
  add_size_option(app, "--max-object-size", options.max_object_size, "Refuse larger objects [512MiB]");
  add_progress_options(app, options);
  app.add_flag("--verbose,-v", options.verbose, "Name also what is skipped, and why");
}

void Report::error(const Error& error) {
  static std::mutex lock;
  const std::lock_guard guard(lock);
  ++errors_;
  if (sink) return sink(error);
  const std::string line = "packscope: " + printable(error.text()) + "\n";
  std::fputs(line.c_str(), stderr);
}

void Report::note(const std::string& line) const {
  if (!quiet) std::fputs(("packscope: " + line + "\n").c_str(), stderr);
}

void Output::write(std::string_view text) {
  constexpr std::size_t kPiece = 1 << 16;
  buffer_ += text;
  if (buffer_.size() >= kPiece) flush();
}

void Output::flush() {
  std::string_view left = buffer_;
  while (!left.empty() && failure_ == 0) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written >= 0) left.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR) failure_ = errno;
  }
  buffer_.clear();
}

bool Output::finish(Report& report) {
  flush();
  if (failure_ != 0) report.error({.what = std::string("write: ") + std::strerror(failure_), .file = "standard output"});
  return failure_ == 0;
}

void note_missing(const std::string& path, std::uint64_t missing, const Report& report) {
  if (missing == 0) return;
  report.note(printable(path) + ": " + human_count(missing) +
              (missing == 1 ? " object" : " objects") + " that a partial or shallow clone may lack");
}

void for_each_repository(const ReadOptions& options, Report& report,
                         const std::function<void(pack::Repository&)>& visit, Packs packs) {
  pack::Sources sources = pack::find_sources(options.paths);
  for (const Error& error : sources.errors) report.error(error);
  for (const pack::Source& source : sources.found) {
    Result<pack::Repository> repository = pack::Repository::open(source, options.store_options());
    if (!repository) {
      report.error(repository.error());
      continue;
    }
    const pack::Store& store = repository->store();
    std::size_t told = 0;
    const auto tell = [&](const std::vector<Error>& errors) {
      for (; told < errors.size(); ++told) report.error(errors[told]);
    };
    tell(packs == Packs::whole ? store.errors() : store.errors_met());
    if (options.verbose)
      repository->name_missing([&report](const Error& lacking) { report.note(printable(lacking.text())); });
    visit(*repository);
    tell(store.errors_met());
    note_missing(source.path, repository->missing(), report);
  }
}

void begin_record(JsonWriter& json, const pack::Source& source) {
  json.begin_object().path_field(source.repository ? "repo" : "pack", source.name);
}

void object_field(JsonWriter& json, const std::optional<pack::ObjectId>& id) {
  if (id) json.field("object", id->hex());
  else json.null_field("object");
}

void path_fields(JsonWriter& json, const pack::BlobPath& blob) {
  if (blob.path.empty()) json.null_field("path");
  else json.path_field("path", blob.path);
  if (blob.first_commit) json.field("first_commit", blob.first_commit->hex());
  if (blob.last_commit) json.field("last_commit", blob.last_commit->hex());
}

int usage_error(const CLI::App& app, const std::string& text) {
  // A subcommand's own name says nothing by itself; a command's is "packscope NAME".
  const CLI::App* parent = app.get_name().starts_with("packscope") ? nullptr : app.get_parent();
  const std::string name = (parent == nullptr ? "" : parent->get_name() + " ") + app.get_name();
  std::fprintf(stderr, "%s: %s\nRun '%s --help' for its options.\n", name.c_str(), text.c_str(), name.c_str());
  return kExitUsage;
}

} // namespace packscope::tools
