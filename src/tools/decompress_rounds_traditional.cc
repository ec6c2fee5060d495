// decompress_rounds traditional: what the same blobs cost the usual way, and how many times a rung is cheaper.
//
//   git cat-file --batch → written to a file, read back → tree-sitter
//
// Counted as user instructions of real processes (child_instructions.h), on Rust and C blobs that lie whole in a pack, in two
// sizes. What the programs do before their first blob is counted on an empty list and taken off: the factor is of the blobs
// alone. Of tree-sitter the tree alone is asked for. The second half runs as this program itself, with --parse.
#include "tools/ast_classifier.h"
#include "tools/child_instructions.h"
#include "tools/decompress_rounds.h"

#include "base/text.h"
#include "learn/classifier.h"
#include "learn/ladder_cost.h"
#include "learn/spread.h"
#include "syntax/parse.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace packscope::tools {
namespace {

namespace fs = std::filesystem;

struct TraditionalOptions : ClassifierOptions {
  std::size_t objects = 40;
  std::string parse; // a file that git cat-file wrote
};

// The sizes that are compared. 32 kB is where syntax/ parses in a process of its own.
struct Group {
  const char* name;
  std::uint64_t least, most;
};
constexpr std::array<Group, 2> kGroups = {{{"near 15 KB", 10'000, 21'000}, {"near 1 KB", 500, 2'000}}};

struct Blob {
  std::string repository, object;
  syntax::Language language;
  std::vector<std::uint8_t> zlib;
  std::uint64_t size;
};

std::array<std::vector<Blob>, kGroups.size()> find_blobs(const TraditionalOptions& options, Report& report) {
  std::array<learn::Spread<Blob>, kGroups.size()> spread = {learn::Spread<Blob>(options.objects), learn::Spread<Blob>(options.objects)};
  for_each_repository(options.read, report, [&](pack::Repository& repository) {
    if (!repository.source().repository) return; // git reads repositories
    pack::Store& store = repository.store();
    repository.for_each_blob(
        {.kind = pack::ScopeKind::tips, .commits = false},
        [&](const pack::BlobPath& blob) {
          const syntax::Language language = syntax::language_of(blob.path);
          if (blob.at.pack == pack::kLoose || (language != syntax::Language::rust && language != syntax::Language::c)) return;
          const pack::Outcome<pack::Stream> stream = store.stream(blob.at);
          if (!stream || pack::is_delta(stream->type)) return;
          for (std::size_t i = 0; i < kGroups.size(); ++i)
            if (stream->inflated_size >= kGroups[i].least && stream->inflated_size <= kGroups[i].most)
              spread[i].offer(load_le<std::uint64_t>(blob.id.bytes.data()), [&] {
                return Blob{repository.source().path, blob.id.hex(), language, {stream->zlib.begin(), stream->zlib.end()}, stream->inflated_size};
              });
        },
        [&](const Error& error) { report.error(error); });
  });
  return {spread[0].take(), spread[1].take()};
}

// A folder for lists and texts, gone with its owner.
class Folder {
public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "packscope-traditional-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  bool fine() const { return !path_.empty(); }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

private:
  fs::path path_;
};

struct Traditional {
  std::uint64_t git = 0, parse = 0; // of all blobs
  std::string measured;
};

// The two processes on these blobs of one repository, less the same on none.
Result<Traditional> measure_processes(const Folder& folder, const std::string& repository, std::span<const Blob* const> blobs) {
  const std::vector<std::string> git = {"git", "-c", "safe.directory=*", "--git-dir=" + repository, "cat-file", "--batch"};
  const std::string list = folder / "list", texts = folder / "texts", none = folder / "none", nothing = folder / "nothing", out = folder / "out";
  std::ofstream(none).flush();
  {
    std::ofstream file(list);
    for (const Blob* blob : blobs) file << blob->object << "\n";
  }
  std::error_code code;
  const std::string self = fs::read_symlink("/proc/self/exe", code).string();
  if (code) return fail("own program: " + code.message(), "/proc/self/exe");
  const std::string languages = folder / "languages";
  {
    std::ofstream file(languages);
    for (const Blob* blob : blobs) file << syntax::name(blob->language) << "\n";
  }
  // In this order: what git writes is what is parsed.
  const auto count = [&](const std::vector<std::string>& command, const std::string& input, const std::string& output) {
    return count_child(command, input, output);
  };
  const auto parse = [&](const std::string& from) {
    return std::vector<std::string>{self, "decompress_rounds", "traditional", "--parse", from};
  };
  Traditional sum;
  const Result<ChildInstructions> git_none = count(git, none, nothing), git_all = count(git, list, texts);
  if (!git_none) return std::unexpected(git_none.error());
  if (!git_all) return std::unexpected(git_all.error());
  const Result<ChildInstructions> parse_none = count(parse(nothing), languages, out), parse_all = count(parse(texts), languages, out);
  if (!parse_none) return std::unexpected(parse_none.error());
  if (!parse_all) return std::unexpected(parse_all.error());
  sum.git = git_all->instructions - std::min(git_all->instructions, git_none->instructions);
  sum.parse = parse_all->instructions - std::min(parse_all->instructions, parse_none->instructions);
  sum.measured = git_all->measured;
  return sum;
}

// --parse FILE: "OBJECT blob SIZE\nTEXT\n" one after the other; languages on standard input, one a line, in that order.
int run_parse(const TraditionalOptions& options) {
  Report report;
  syntax::Grammars grammars;
  syntax::Parser parser(grammars);
  std::vector<syntax::Language> languages;
  for (std::string line; std::getline(std::cin, line);) {
    syntax::Language language{};
    if (!syntax::parse_language(line, language)) return report.error({.what = "no language '" + line + "'"}), report.exit_code();
    languages.push_back(language);
    if (const Result<const TSLanguage*> grammar = grammars.get(language); !grammar || *grammar == nullptr)
      return report.error({.what = "no grammar for " + line + " in " + syntax::grammar_directory()}), report.exit_code();
  }
  std::ifstream file(options.parse, std::ios::binary);
  const std::string written = options.parse + ".text";
  std::uint64_t bytes = 0;
  std::size_t at = 0;
  for (std::string head; at < languages.size() && std::getline(file, head); ++at) {
    std::string text(std::stoull(head.substr(head.rfind(' ') + 1)), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    file.get();
    std::ofstream(written, std::ios::binary) << text;
    std::ifstream again(written, std::ios::binary);
    std::vector<std::uint8_t> read(text.size());
    again.read(reinterpret_cast<char*>(read.data()), static_cast<std::streamsize>(read.size()));
    syntax::Parsed parsed;
    if (const Result<void> done = parser.parse(languages[at], read, parsed, {.tokens = false, .declarations = false}); !done)
      report.error(done.error());
    bytes += read.size();
  }
  std::printf("%zu texts, %llu bytes\n", at, static_cast<unsigned long long>(bytes));
  return report.exit_code();
}

struct GroupRow {
  std::string rung;
  double instructions;
  std::string measured;
};

void print(Output& output, bool json, const Group& group, std::span<const Blob> blobs, const Traditional& way, const std::vector<GroupRow>& rows) {
  std::uint64_t bytes = 0, rust = 0;
  for (const Blob& blob : blobs) bytes += blob.size, rust += blob.language == syntax::Language::rust;
  const double n = static_cast<double>(blobs.size());
  const double git = static_cast<double>(way.git) / n, parse = static_cast<double>(way.parse) / n;
  if (!json) {
    char line[240];
    std::snprintf(line, sizeof line, "\n%s: %zu blobs (%llu Rust, %llu C), mean %s bytes\ntraditional path: %s instructions a blob (git cat-file %s; "
                  "write, read, parse %s), by %s\n%-8s %12s %10s\n", group.name, blobs.size(), static_cast<unsigned long long>(rust),
                  static_cast<unsigned long long>(blobs.size() - rust), human_count(static_cast<std::uint64_t>(static_cast<double>(bytes) / n)).c_str(),
                  human_count(static_cast<std::uint64_t>(git + parse)).c_str(), human_count(static_cast<std::uint64_t>(git)).c_str(),
                  human_count(static_cast<std::uint64_t>(parse)).c_str(), way.measured.c_str(), "rung", "instructions", "factor");
    output.write(line);
  }
  for (const GroupRow& row : rows) {
    const double factor = (git + parse) / row.instructions;
    if (json) {
      JsonWriter record;
      record.begin_object().field("sizes", group.name).field("n", blobs.size()).field("mean_bytes", static_cast<double>(bytes) / n);
      record.field("git_instructions", git).field("parse_instructions", parse).field("traditional_measured", way.measured);
      record.field("rung", row.rung).field("instructions_per_object", row.instructions).field("cost_measured", row.measured);
      record.field("factor", factor).end_object();
      output.line(record);
      continue;
    }
    char line[80];
    std::snprintf(line, sizeof line, "%-8s %12s %10s\n", row.rung.c_str(), human_count(static_cast<std::uint64_t>(row.instructions)).c_str(),
                  human_count(static_cast<std::uint64_t>(factor)).c_str());
    output.write(line);
  }
}

std::vector<GroupRow> measure_rungs(const std::vector<learn::Classifier>& classifiers, std::span<const Blob> blobs, Report& report) {
  std::vector<GroupRow> rows;
  const std::vector<deflate::BlockType> blocks(blobs.size(), deflate::BlockType::dynamic); // the mean of all is asked for
  for (const learn::Classifier& classifier : classifiers) {
    learn::Classifier::Room room = classifier.room();
    volatile float used = 0;
    const learn::Cost cost = learn::measure_cost(learn::CostBy::steps, blocks, [&](std::size_t i) {
      used = classifier.answer({.zlib = blobs[i].zlib, .inflated_size = blobs[i].size, .packed_size = blobs[i].zlib.size()}, room).confidence;
    });
    const std::string rung(classifier.model().rung->name);
    if (const std::optional<double> mean = cost.mean()) rows.push_back({rung, *mean, cost.measured});
    else report.note(rung + ": cost not measured: " + cost.refused.value_or("refused"));
  }
  return rows;
}

int run_traditional(const CLI::App& app, TraditionalOptions& options) {
  if (!options.parse.empty()) return run_parse(options);
  if (options.read.paths.empty()) return usage_error(app, "PATH is missing: repositories with Rust or C sources");
  Report report;
  report.quiet = options.read.quiet;
  Result<std::vector<learn::Model>> models = load_models(options, *learn::find_task("language"));
  if (!models) return report.error(models.error()), report.exit_code();
  std::ranges::stable_sort(*models, {}, &learn::Model::rung);
  std::vector<learn::Classifier> classifiers;
  for (learn::Model& model : *models)
    if (options.rung.empty() ? model.rung->source_bytes != SIZE_MAX : model.rung == learn::find_rung(options.rung))
      classifiers.emplace_back(std::move(model)); // by single steps: none that reads a text
  const Folder folder;
  if (!folder.fine()) return report.error({.what = "no folder for temporary files"}), report.exit_code();
  Output output;
  const std::array<std::vector<Blob>, kGroups.size()> found = find_blobs(options, report);
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (found[i].empty()) {
      report.note(std::string(kGroups[i].name) + ": no Rust or C blob of that size lies whole in a pack there");
      continue;
    }
    std::map<std::string, std::vector<const Blob*>> by_repository;
    for (const Blob& blob : found[i]) by_repository[blob.repository].push_back(&blob);
    Progress progress(std::string("counting, ") + kGroups[i].name, by_repository.size(), "repositories", options.read.progress());
    Traditional sum;
    bool whole = true;
    for (const auto& [repository, blobs] : by_repository) {
      const Result<Traditional> one = measure_processes(folder, repository, blobs);
      progress.advance();
      if (!one) {
        report.note("traditional path: not measured: " + one.error().text());
        whole = false;
        break;
      }
      sum.git += one->git, sum.parse += one->parse, sum.measured = one->measured;
    }
    if (whole) print(output, options.read.json, kGroups[i], found[i], sum, measure_rungs(classifiers, found[i], report));
  }
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_traditional(CLI::App& app) {
  auto options = std::make_shared<TraditionalOptions>();
  add_read_options(app, options->read, {.scope = false, .paths_required = false});
  app.add_option("--model", options->models, "Weights that train wrote, instead of the shipped ones; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--rung", options->rung, "This rung alone [all that read no text]: " + learn::rung_names());
  app.add_option("--objects", options->objects, "Blobs of each size, by object id [40]")->check(CLI::Range(1u, 100000u));
  app.add_option("--parse", options->parse, "Of the measurement itself: parse what git cat-file --batch wrote to FILE")->type_name("FILE");
  app.footer("Example:\n  packscope decompress_rounds traditional .");
  return [&app, options] { return run_traditional(app, *options); };
}

} // namespace packscope::tools
