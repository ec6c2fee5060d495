// packscope build_graph: what depends on what, over many repositories.
//
// The graph is an SQLite file. With --format sqlite it stays, and the next run over the same paths reads only what
// changed; the other formats are written from one made aside, or from a graph given as PATH.
#include "tools/build_graph.h"

#include "base/output_file.h"
#include "base/text.h"
#include "deps/graph_export.h"
#include "tools/commands.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>

namespace packscope::tools {

namespace {

namespace fs = std::filesystem;
using deps::GraphStore;

// Now, or what reproducible-builds.org's SOURCE_DATE_EPOCH says.
std::string created() {
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t time =
      given != nullptr ? static_cast<std::time_t>(std::strtoll(given, nullptr, 10)) : std::time(nullptr);
  std::tm parts = {};
  char text[32] = "1970-01-01T00:00:00Z";
  if (::gmtime_r(&time, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

class GraphBuilder {
public:
  explicit GraphBuilder(const GraphOptions& options) : options_(options) { report_.quiet = options.read.quiet; }

  int run() {
    Result<void> done = options_.format == "sqlite" ? keep() : convert();
    if (!done) report_.error(done.error());
    output_.finish(report_);
    return report_.exit_code();
  }

private:
  // Into a graph that is updated, or made: aside, and renamed when whole. Where nothing changed, nothing is written.
  Result<void> keep() {
    std::unique_ptr<GraphStore> old;
    if (options_.records.empty()) {
      Result<std::unique_ptr<GraphStore>> opened = GraphStore::open(options_.output, false);
      if (opened)
        old = std::move(*opened);
      else if (std::error_code ignored; fs::exists(options_.output, ignored))
        report_.note(opened.error().text() + "; it is made anew");
    }
    std::optional<OutputFile> file;
    std::unique_ptr<GraphStore> graph;
    const auto writable = [&]() -> Result<GraphStore*> {
      if (graph) return graph.get();
      Result<OutputFile> created = OutputFile::create(options_.output);
      if (!created) return std::unexpected(created.error());
      file.emplace(std::move(*created));
      Result<std::unique_ptr<GraphStore>> opened = fail("");
      if (old) {
        std::error_code code;
        fs::copy_file(options_.output, file->temporary_path(), fs::copy_options::overwrite_existing, code);
        if (code) return fail("copy: " + code.message(), options_.output);
        opened = GraphStore::open(file->temporary_path(), true);
      } else {
        opened = GraphStore::create(file->temporary_path());
      }
      if (!opened) return std::unexpected(opened.error());
      graph = std::move(*opened);
      return graph.get();
    };
    if (const Result<void> filled = fill(old.get(), writable); !filled) return filled;
    if (!graph) {
      report_.note("nothing changed: " + printable(options_.output) + " is up to date");
      return {};
    }
    graph.reset();
    if (const Result<void> done = file->commit(); !done) return done;
    report_.note("written to " + printable(options_.output));
    return {};
  }

  Result<void> fill(GraphStore* old, const std::function<Result<GraphStore*>()>& writable) {
    if (options_.records.empty()) return read_repositories(options_, old, writable, report_);
    const Result<GraphStore*> graph = writable();
    if (!graph) return std::unexpected(graph.error());
    if (const Result<void> read = read_records(options_.records, **graph, report_); !read) return read;
    return (*graph)->finish();
  }

  // Into another format, from a graph given or from one that lives as long as this run.
  Result<void> convert() {
    const std::vector<std::string>& paths = options_.read.paths;
    std::unique_ptr<GraphStore> graph;
    std::error_code ignored;
    if (options_.records.empty() && paths.size() == 1 && fs::is_regular_file(paths[0], ignored) &&
        GraphStore::is_graph(paths[0])) {
      Result<std::unique_ptr<GraphStore>> opened = GraphStore::open(paths[0], false);
      if (!opened) return std::unexpected(opened.error());
      graph = std::move(*opened);
    } else {
      Result<std::unique_ptr<GraphStore>> made = scratch();
      if (!made) return std::unexpected(made.error());
      graph = std::move(*made);
      if (const Result<void> filled = fill(nullptr, [&]() -> Result<GraphStore*> { return graph.get(); }); !filled)
        return filled;
    }
    const deps::ExportInfo info = {.version = PACKSCOPE_VERSION, .created = created()};
    const deps::GraphFormat format = *deps::parse_graph_format(options_.format);
    if (options_.output == "-") {
      deps::export_graph(graph->database(), format, info, [&](std::string_view text) { output_.write(text); });
      return graph->database().status();
    }
    Result<OutputFile> file = OutputFile::create(options_.output);
    if (!file) return std::unexpected(file.error());
    Result<void> written;
    std::string buffer;
    const auto flush = [&] {
      if (written) written = file->write(buffer);
      buffer.clear();
    };
    deps::export_graph(graph->database(), format, info, [&](std::string_view text) {
      if ((buffer += text).size() > 1 << 20) flush();
    });
    flush();
    if (written) written = graph->database().status();
    return written ? file->commit() : written;
  }

  // In a file that has no name any more: gone when the process is, however it ends. It has no journal beside it.
  static Result<std::unique_ptr<GraphStore>> scratch() {
    std::error_code code;
    const fs::path folder = fs::temp_directory_path(code);
    if (code) return fail("folder for temporary files: " + code.message());
    std::string path = (folder / "packscope-graph-XXXXXX").string();
    const int fd = ::mkstemp(path.data());
    if (fd < 0) return fail(std::string("create: ") + std::strerror(errno), path);
    ::close(fd);
    Result<std::unique_ptr<GraphStore>> made = GraphStore::create(path);
    ::unlink(path.c_str());
    return made;
  }

  const GraphOptions& options_;
  Report report_;
  Output output_;
};

// What a file's name asks for.
std::string format_of(const std::string& output) {
  const std::string ending = fs::path(output).extension().string();
  if (ending == ".sqlite" || ending == ".db") return "sqlite";
  if (ending == ".dot" || ending == ".gv") return "dot";
  return ending == ".graphml" ? "graphml" : "json";
}

} // namespace

std::function<int()> configure_build_graph(CLI::App& app) {
  auto options = std::make_shared<GraphOptions>();
  auto query = std::make_shared<GraphQuery>();
  add_read_options(app, options->read, {.scope = true, .paths_required = false});
  app.add_option("-o,--output", options->output, "The file to write; - is standard output")->type_name("FILE");
  app.add_option(
         "--format", options->format,
         "json, dot, graphml, cyclonedx (1.5), spdx (2.3), or sqlite: a graph to ask and to update by the next run")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"sqlite", "dot", "graphml", "json", "cyclonedx", "spdx"}))
      ->default_str("by FILE's ending, else json");
  app.add_option("--records", options->records,
                 "Records (JSON Lines) of pack2cargo, pack2nix, pack2gitmodules, pack2git instead of PATHs; - is "
                 "standard input")
      ->type_name("FILE");
  app.add_flag("--urls", options->urls, "Keep also the urls of all texts, as pack2git finds them (rows of `mention`)");
  CLI::App* asked = app.add_subcommand("query", "Ask a graph");
  asked->footer("Example:\n  packscope build_graph . -o graph.sqlite --format sqlite &&\n"
                "  packscope build_graph query graph.sqlite dependents-of pkg:cargo/serde");
  configure_query(*asked, *query);
  return [&app, asked, options, query]() -> int {
    if (asked->parsed()) return run_query(*asked, *query);
    if (options->records.empty() == options->read.paths.empty())
      return usage_error(app, options->records.empty() ? "PATH or --records is required"
                                                       : "PATH and --records exclude each other");
    if (app.count("--format") == 0) options->format = format_of(options->output);
    if (options->format == "sqlite" && options->output == "-") return usage_error(app, "--format sqlite needs -o FILE");
    return GraphBuilder(*options).run();
  };
}

} // namespace packscope::tools
