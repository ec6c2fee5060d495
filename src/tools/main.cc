// packscope: dispatches to a command, by its first argument or by the name it was started under.
#include "base/memory.h"
#include "base/output_file.h"
#include "tools/commands.h"
#include "tools/manual.h"
#include "tools/revision.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

namespace packscope::tools {
namespace {

constexpr Command kCommands[] = {
    {"stat", "Read packs", "What is in a pack: objects, deltas, sizes, zlib headers, block types; verify ids",
     "packscope stat .", configure_stat},
    {"trace", "Read packs", "Trace every DEFLATE symbol to its token and AST node, as an SQLite database",
     "packscope trace . -o trace.sqlite", configure_trace},
    {"pack_compiler", "Read packs", "Source straight from a pack: exact outlines, tokens and their bits, predicted facts",
     "packscope pack_compiler outline --rev HEAD .", configure_pack_compiler},
    {"pack2cargo", "Find dependencies", "What every Cargo.toml and Cargo.lock says: crates, requirements, sources, features",
     "packscope pack2cargo --rev HEAD .", configure_pack2cargo},
    {"pack2nix", "Find dependencies", "The inputs of every flake.nix and the nodes of every flake.lock",
     "packscope pack2nix --rev HEAD .", configure_pack2nix},
    {"pack2gitmodules", "Find dependencies", "The submodules of every .gitmodules, with the commits that the tree pins",
     "packscope pack2gitmodules --rev HEAD .", configure_pack2gitmodules},
    {"pack2git", "Find dependencies", "Every git-like url in any text: repositories that are named, and where",
     "packscope pack2git --rev HEAD .", configure_pack2git},
    {"build_graph", "Find dependencies", "What depends on what over many repositories: a graph to ask, or DOT, GraphML, SBOMs",
     "packscope build_graph . -o graph.sqlite --format sqlite && packscope build_graph query graph.sqlite top",
     configure_build_graph},
    {"pack2regex", "Find patterns", "What repeats in files of any kind, as confirmed regexes and YARA rules",
     "packscope pack2regex .git/objects", configure_pack2regex},
    {"ast_classifier", "Predict from compressed bytes",
     "Train, evaluate and apply networks that tell language and declarations from compressed bytes",
     "packscope ast_classifier", configure_ast_classifier},
    {"pack2lattice", "Predict from compressed bytes",
     "What many packs together say of compressed bytes: lattices of evidence that join, and tell what a blob is",
     "packscope pack2lattice build -o lattice . && packscope pack2lattice explain lattice .", configure_pack2lattice},
    {"decompress_rounds", "Measure",
     "The ladder: what each rung of compressed bytes tells, how well and at what cost; corpora to train from",
     "packscope decompress_rounds .", configure_decompress_rounds},
    {"compression_lattice", "Measure",
     "Which encoder and level wrote each stream, what levels cost, and compression as a classifier",
     "packscope compression_lattice fingerprint .", configure_compression_lattice},
    {"compiler_lattice", "Measure",
     "The compilers from mes to LLVM on the same C files: who accepts what, at what cost, with what result; their order",
     "packscope compiler_lattice features", configure_compiler_lattice},
    {"findings", "Measure", "Measure the original experiment's claims again, each with a verdict and why",
     "nix build .#self-trace && packscope findings --sample traces/seed/markers.rs -o findings result/trace.sqlite", configure_findings},
};

std::string underscored(std::string_view name) {
  std::string out(name);
  for (char& byte : out)
    if (byte == '-') byte = '_';
  return out;
}

const Command* find_command(std::string_view name) {
  const std::string wanted = underscored(name);
  for (const Command& command : kCommands)
    if (wanted == command.name) return &command;
  return nullptr;
}

void print_help(FILE* to) {
  std::fputs("packscope reads what is in git packs where they lie, without a checkout.\n\n"
             "Usage: packscope COMMAND [OPTION…] PATH…\n",
             to);
  const char* group = "";
  for (const Command& command : kCommands) {
    if (std::string_view(group) != command.group) std::fprintf(to, "\n%s:\n", group = command.group);
    std::fprintf(to, "  %-20s %s\n", command.name, command.purpose);
  }
  std::fputs("\nPATH: a .pack, a bare repository, a work tree, a directory holding any of these, or - (paths on\n"
             "standard input). 'packscope COMMAND --help' shows a command's options and an example.\n"
             "'packscope --version' names the version and the source revision.\n",
             to);
}

int run_command(const Command& command, int argc, char** argv) {
  CLI::App app(command.purpose, std::string("packscope ") + command.name);
  const std::function<int()> action = command.configure(app);
  const std::string notes = app.get_footer();
  app.footer(notes + (notes.empty() ? "" : "\n\n") + "Example:\n  " + command.example);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return usage_error(app, error.what());
    return app.exit(error); // help, to standard output
  }
  return action();
}

int dispatch(int argc, char** argv) {
  const std::string_view started = argc > 0 ? argv[0] : "packscope";
  const std::string_view own_name = started.substr(started.rfind('/') + 1); // npos + 1 == 0
  if (const Command* command = find_command(own_name)) return run_command(*command, argc, argv);
  if (argc < 2) {
    print_help(stderr);
    return kExitUsage;
  }
  const std::string_view word = argv[1];
  if (word == "--help" || word == "-h" || word == "help") {
    if (argc > 2)
      if (const Command* command = find_command(argv[2])) {
        char help[] = "--help";
        char* arguments[] = {argv[0], help, nullptr};
        return run_command(*command, 2, arguments);
      }
    print_help(stdout);
    return kExitOk;
  }
  if (word == "--version") {
    std::printf("packscope %s (%s)\n", PACKSCOPE_VERSION, PACKSCOPE_REVISION);
    return kExitOk;
  }
  if (word == "--write-manual" && argc == 3) return write_manual(argv[2]);
  if (const Command* command = find_command(word)) return run_command(*command, argc - 1, argv + 1);
  std::fprintf(stderr, "packscope: no command '%s'\n\n", argv[1]);
  print_help(stderr);
  return kExitUsage;
}

} // namespace

std::span<const Command> commands() { return kCommands; }

} // namespace packscope::tools

int main(int argc, char** argv) {
  packscope::keep_freed_memory();
  std::signal(SIGPIPE, SIG_DFL); // a closed pipe ends the program quietly, also where a parent ignores the signal
  packscope::OutputFile::remove_on_signals();
  try {
    const int code = packscope::tools::dispatch(argc, argv);
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    std::perror("packscope: standard output: write");
  } catch (const std::bad_alloc&) {
    std::fputs("packscope: out of memory\n", stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "packscope: %s\n", error.what());
  }
  return packscope::tools::kExitPartial;
}
