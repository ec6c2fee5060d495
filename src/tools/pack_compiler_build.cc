// pack_compiler build: C and C++ compiled and linked straight from revisions of a pack, and run if that is asked for.
#include "tools/pack_compiler.h"

#include "base/mapped_file.h"
#include "base/output_file.h"
#include "base/text.h"
#include "compile/build.h"
#include "compile/compile_commands.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <thread>

namespace packscope::tools {
namespace {

using compile::Backend;
using compile::MemoryFile;
using compile::SourceTree;
using compile::Unit;

struct BuildRun : ProgressOptions {
  std::string repo = ".";
  std::vector<std::string> words; // REV:FILE… and, behind "--", FLAGS
  std::string flags; // stays empty: see configure_build()
  std::string backend, output, commands, source_root, objects;
  bool run = false, verbose = false;
  std::vector<std::string> arguments, host_folders;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::uint64_t max_object_size = std::uint64_t{512} << 20;
  std::uint64_t compiler_memory = compile::ChildLimits().memory;
};

// "REV:PATH", as git names a file of a revision.
struct BuildPlace {
  std::string revision, path;
};
std::optional<BuildPlace> place_of(const std::string& word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == word.size()) return std::nullopt;
  return BuildPlace{word.substr(0, colon), compile::plain_path("/" + word.substr(colon + 1)).substr(1)};
}

// The repository, and the trees of the revisions that were named.
class Trees {
public:
  explicit Trees(pack::Repository& repository) : repository_(repository) {}

  Result<SourceTree*> of(const std::string& revision) {
    if (const auto known = trees_.find(revision); known != trees_.end()) return known->second.get();
    const Result<pack::ObjectId> commit = repository_.resolve(revision);
    if (!commit) return std::unexpected(commit.error());
    const Result<pack::ObjectId> root = repository_.tree_of(*commit);
    if (!root) return std::unexpected(root.error());
    return trees_.emplace(revision, std::make_unique<SourceTree>(repository_.store(), *root)).first->second.get();
  }

  Result<std::string> text(const BuildPlace& place) {
    const Result<SourceTree*> tree = of(place.revision);
    if (!tree) return std::unexpected(tree.error());
    const compile::Node node = (*tree)->find(place.path);
    if (node.kind != compile::NodeKind::file) return fail(place.revision + ":" + place.path + ": " + (*node.why != '\0' ? node.why : "no such file"));
    const Result<pack::ObjectPtr> object = (*tree)->read(node);
    if (!object) return std::unexpected(object.error());
    return std::string(as_text({(*object)->data.data(), (*object)->data.size()}));
  }

private:
  pack::Repository& repository_;
  std::map<std::string, std::unique_ptr<SourceTree>> trees_;
};

Result<std::unique_ptr<Backend>> choose_backend(const BuildRun& options, const Report& report) {
  if (options.backend == "tcc") {
    Result<std::unique_ptr<Backend>> tcc = compile::tcc_backend();
    return tcc ? std::move(tcc) : fail("tcc: " + tcc.error().text());
  }
  Result<std::unique_ptr<Backend>> clang = compile::clang_backend();
  if (clang) return clang;
  if (options.backend == "clang") return fail("clang: " + clang.error().text());
  Result<std::unique_ptr<Backend>> tcc = compile::tcc_backend();
  if (!tcc) return fail("no compiler: clang: " + clang.error().text() + "; tcc: " + tcc.error().text());
  report.note("tcc compiles, for want of clang: " + clang.error().text());
  return tcc;
}

Result<std::vector<compile::CompileCommand>> read_commands(const std::string& name, Trees& trees) {
  Result<std::string> text = fail("");
  if (const std::optional<BuildPlace> place = place_of(name); place && ::access(name.c_str(), F_OK) != 0) {
    text = trees.text(*place);
  } else if (Result<MappedFile> file = MappedFile::open(name)) {
    text = std::string(as_text(file->bytes()));
  } else {
    return std::unexpected(file.error());
  }
  if (!text) return std::unexpected(text.error());
  Result<std::vector<compile::CompileCommand>> commands = compile::parse_compile_commands(*text);
  if (!commands) return fail(commands.error().what, name);
  return commands;
}

class TreeBuilder {
public:
  TreeBuilder(const BuildRun& options, pack::Repository& repository, Report& report) : options_(options), repository_(repository), trees_(repository), report_(report) {}

  int build(const std::vector<BuildPlace>& places, const compile::TakenFlags& flags) {
    Result<std::unique_ptr<Backend>> backend = choose_backend(options_, report_);
    if (!backend) return failed(backend.error());
    if (options_.verbose) report_.note((*backend)->version());
    std::vector<compile::CompileCommand> commands;
    if (!options_.commands.empty()) {
      Result<std::vector<compile::CompileCommand>> read = read_commands(options_.commands, trees_);
      if (!read) return failed(read.error());
      commands = std::move(*read);
    }
    std::vector<Unit> units;
    for (const BuildPlace& place : places) {
      Result<Unit> unit = make_unit(place, commands, flags, **backend);
      if (unit) units.push_back(std::move(*unit));
      else report_.error(unit.error());
    }

    compile::BuildOptions how = {.threads = options_.threads, .host = {}, .link_flags = flags.link, .memory = options_.compiler_memory};
    for (const std::string& folder : options_.host_folders) how.host.allow(std::filesystem::absolute(folder).string());
    const std::string git = std::filesystem::absolute(repository_.source().path).lexically_normal().string();
    if (git.ends_with("/.git")) how.host.deny(git.substr(0, git.size() - 5));

    std::vector<MemoryFile> objects;
    std::optional<Progress> progress;
    const auto show = [&] { progress.emplace("compile", units.size(), "sources", options_.progress()); };
    show();
    const Result<bool> compiled = compile::compile_units(**backend, units, how, [&](compile::CompiledUnit unit) {
      if (!unit.messages.empty()) { // where the bar stood
        progress.reset();
        std::fputs(unit.messages.c_str(), stderr);
        show();
        progress->advance(objects.size());
      }
      if (unit.ok && !options_.objects.empty()) save_object(unit);
      objects.push_back(std::move(unit.object));
      progress->advance();
    });
    progress.reset();
    if (!compiled) return failed(compiled.error());
    if (!*compiled || report_.errors() > 0 || !options_.objects.empty()) return *compiled ? report_.exit_code() : kExitPartial;

    Result<compile::Linked> linked = compile::link_objects(**backend, units, objects, how);
    if (!linked) return failed(linked.error());
    std::fputs(linked->messages.c_str(), stderr);
    if (!linked->ok) return kExitPartial;
    if (options_.run) return run(linked->executable, units.front().path);
    const std::string output = options_.output.empty() ? "a.out" : options_.output;
    if (Result<void> written = write(output, linked->executable.text(), 0777); !written) return failed(written.error());
    return kExitOk;
  }

private:
  int failed(const Error& error) {
    report_.error(error);
    return kExitPartial;
  }

  Result<Unit> make_unit(const BuildPlace& place, const std::vector<compile::CompileCommand>& commands, const compile::TakenFlags& flags, const Backend& backend) {
    const std::string name = place.revision + ":" + place.path;
    const Result<SourceTree*> tree = trees_.of(place.revision);
    if (!tree) return std::unexpected(tree.error());
    const compile::Node node = (*tree)->find(place.path);
    if (node.kind != compile::NodeKind::file) return fail(name + ": " + (*node.why != '\0' ? node.why : node.kind == compile::NodeKind::folder ? "is a folder" : "no such file"));
    const std::optional<bool> cplusplus = compile::is_cplusplus(place.path);
    if (!cplusplus) return fail(name + ": no source of C or C++ by its name");
    if (*cplusplus && !backend.compiles_cplusplus()) return fail(name + ": " + backend.version() + " compiles C only");
    Unit unit = {.path = place.path, .tree = *tree, .flags = {}, .cplusplus = *cplusplus};
    if (!options_.commands.empty()) {
      Result<compile::TakenFlags> own = compile::flags_for(commands, place.path, options_.source_root);
      if (!own) return fail(own.error().what, options_.commands);
      unit.flags = std::move(own->compile);
    }
    unit.flags.insert(unit.flags.end(), flags.compile.begin(), flags.compile.end());
    return unit;
  }

  static Result<void> write(const std::string& path, const std::string& bytes, mode_t mode) {
    Result<OutputFile> file = OutputFile::create(path);
    if (!file) return std::unexpected(file.error());
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (Result<void> written = file->write(bytes); !written) return written;
    if (::chmod(file->temporary_path().c_str(), mode & ~mask) != 0) return fail_errno("chmod", path);
    return file->commit();
  }

  void save_object(const compile::CompiledUnit& unit) {
    const std::string path = options_.objects + "/" + unit.unit.path + ".o";
    std::error_code code;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), code);
    if (code) report_.error({.what = "create folder: " + code.message(), .file = path});
    else if (Result<void> written = write(path, unit.object.text(), 0666); !written) report_.error(written.error());
  }

  // In place of this process: its exit code and its signals are the program's.
  int run(const MemoryFile& executable, const std::string& first) {
    std::string name = std::filesystem::path(first).stem().string();
    std::vector<char*> argv = {name.data()};
    std::vector<std::string> arguments = options_.arguments;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::fflush(nullptr);
    ::fexecve(executable.fd(), argv.data(), environ);
    return failed({.what = std::string("run: ") + std::strerror(errno), .file = name});
  }

  const BuildRun& options_;
  pack::Repository& repository_;
  Trees trees_;
  Report& report_;
};

int run_tree_build(const CLI::App& app, const BuildRun& options) {
  // What follows "--" begins with a flag; no REV:FILE begins with a dash.
  const auto first_flag = std::ranges::find_if(options.words, [](const std::string& word) { return word.starts_with('-'); });
  std::vector<BuildPlace> places;
  for (auto word = options.words.begin(); word != first_flag; ++word) {
    std::optional<BuildPlace> place = place_of(*word);
    if (!place) return usage_error(app, *word + ": not REV:FILE");
    places.push_back(std::move(*place));
  }
  if (places.empty()) return usage_error(app, "REV:FILE is required");
  if (!options.arguments.empty() && !options.run) return usage_error(app, "--arg needs --run");
  if (!options.source_root.empty() && options.commands.empty()) return usage_error(app, "--source-root needs --compile-commands");
  const Result<compile::TakenFlags> flags = compile::take_flags(std::vector<std::string>(first_flag, options.words.end()), {});
  if (!flags) return usage_error(app, flags.error().what);

  Report report;
  report.quiet = options.quiet;
  const pack::Sources sources = pack::find_sources({options.repo});
  for (const Error& error : sources.errors) report.error(error);
  if (sources.found.size() != 1) {
    if (sources.errors.empty()) report.error({.what = sources.found.empty() ? "no repository there" : "holds several repositories: name one", .file = options.repo});
    return kExitPartial;
  }
  pack::Store::Options store;
  store.limits.max_object_size = options.max_object_size;
  Result<pack::Repository> repository = pack::Repository::open(sources.found.front(), store);
  if (!repository) {
    report.error(repository.error());
    return kExitPartial;
  }
  return TreeBuilder(options, *repository, report).build(places, *flags);
}

} // namespace

std::function<int()> configure_build(CLI::App& app) {
  auto options = std::make_shared<BuildRun>();
  // CLI11 leaves what follows "--" to this command only as long as a positional lacks its values: so FLAGS is one of its
  // own, while the values come with REV:FILE.
  app.add_option("REV:FILE", options->words, "Sources of a revision")->type_name("");
  app.add_option("FLAGS", options->flags, "Behind --: the compiler's flags")->type_name("");
  app.add_option("--repo", options->repo, "The repository, or a lone pack [.]")->type_name("PATH");
  app.add_option("--backend", options->backend, "clang or tcc [clang, else tcc]")->type_name("NAME")->check(CLI::IsMember({"clang", "tcc"}));
  CLI::Option* output = app.add_option("-o,--output", options->output, "The executable to write [a.out]")->type_name("EXE");
  CLI::Option* run = app.add_flag("--run", options->run, "Run it at once instead; its exit code is this command's")->excludes(output);
  app.add_option("--arg", options->arguments, "With --run: an argument of the program; may be repeated")->type_name("TEXT")->allow_extra_args(false);
  app.add_option("--save-objects", options->objects, "Write the objects, as DIR/FILE.o, and link nothing")->type_name("DIR")->excludes(output)->excludes(run);
  app.add_option("--compile-commands", options->commands, "Take each source's flags from a compile_commands.json: a file, or REV:FILE in the pack")->type_name("FILE");
  app.add_option("--source-root", options->source_root, "Where the tree lay when that file was written [found by the sources' paths]")->type_name("DIR");
  app.add_option("--host-include", options->host_folders, "A folder of this machine whose headers may be read, beside the system's; add -I for it; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--threads", options->threads, "Sources compiled at once; the output is the same whatever their number")
      ->type_name("N")
      ->check(CLI::Range(1U, 1024U))
      ->default_str("all cores");
  add_size_option(app, "--max-object-size", options->max_object_size, "Refuse larger objects [512MiB]");
  add_size_option(app, "--compiler-memory", options->compiler_memory, "Address space of the compiler of one source, and of the linker [8GiB]");
  add_progress_options(app, *options);
  app.add_flag("--verbose,-v", options->verbose, "Name the compiler");
  app.footer("The revision's tree is the compiler's file system: -I names folders of it, and only system headers are this machine's.\n"
             "No file of a work tree is read, and none is written but EXE. Nothing of the pack runs without --run.");
  return [&app, options] { return run_tree_build(app, *options); };
}

} // namespace packscope::tools
