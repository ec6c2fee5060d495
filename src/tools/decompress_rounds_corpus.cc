// decompress_rounds corpus: samples of many repositories in one file, and the list that says which, at which commits, and
// who is held out.
#include "tools/decompress_rounds.h"

#include "base/output_file.h"
#include "base/text.h"
#include "learn/corpus.h"
#include "learn/split.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace packscope::tools {
namespace {

struct CorpusOptions {
  ReadOptions read;
  std::string directory, list;
  std::vector<std::string> test;
  learn::CorpusLimits limits;
  learn::Split split{.by = "repository", .salt = "split", .test_percent = 25};
};

// "owner+name/repo", "owner/name.git" and "name/.git" are one name each: what a clone's folder adds is taken off.
std::string name_of(const pack::Source& source) {
  std::string name = source.name;
  for (const std::string_view end : {"/.git", "/repo", ".git", ".pack"})
    if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
  std::ranges::replace(name, '+', '/');
  return name;
}

// Who is held out: by --list, where the repository has the commit that the list names; else by --test, else by a hash.
class Sides {
public:
  static Result<Sides> of(const CorpusOptions& options) {
    Sides sides{options};
    if (options.list.empty()) return sides;
    std::ifstream file(options.list);
    if (!file) return fail("no such file", options.list);
    std::uint64_t number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
      const auto text = [&](const char* key) { return json.is_object() && json.contains(key) && json[key].is_string(); };
      if (!text("commit") || !text("name") || !text("split"))
        return fail("line " + std::to_string(number) + ": not a repository of such a list", options.list);
      const std::optional<pack::ObjectId> commit = pack::ObjectId::parse(json["commit"].get<std::string>());
      if (commit) sides.listed_.push_back({*commit, json["name"], json["split"] == "test" ? learn::Side::test : learn::Side::train});
    }
    return sides;
  }

  // The name and the side; nullopt: not in the list. A fork has its origin's commit, too: of several the one of its name.
  std::optional<std::pair<std::string, learn::Side>> of(pack::Repository& repository) const {
    const std::string name = name_of(repository.source());
    const Listed* found = nullptr;
    for (const Listed& listed : listed_)
      if ((found == nullptr || listed.name == name) && repository.store().find(listed.commit)) found = &listed;
    if (found != nullptr) return std::pair(found->name, found->side);
    if (!options_.list.empty()) return std::nullopt;
    const bool test = options_.test.empty() ? options_.split.is_test(name) : std::ranges::find(options_.test, name) != options_.test.end();
    return std::pair(name, test ? learn::Side::test : learn::Side::train);
  }

private:
  struct Listed {
    pack::ObjectId commit;
    std::string name;
    learn::Side side;
  };
  explicit Sides(const CorpusOptions& options) : options_(options) {}
  const CorpusOptions& options_;
  std::vector<Listed> listed_;
};

std::string list_line(const learn::CorpusRepository& repository) {
  JsonWriter json;
  json.begin_object().field("name", repository.name).field("commit", repository.commit);
  json.field("split", learn::name(repository.side)).field("blobs", repository.blobs);
  return json.field("declarations", repository.declarations).field("duplicates", repository.duplicates).end_object().text();
}

int run_corpus(const CLI::App& app, const CorpusOptions& options) {
  if (options.directory.empty()) return usage_error(app, "-o DIR is missing: where the corpus goes");
  Report report;
  report.quiet = options.read.quiet;
  const Result<Sides> sides = Sides::of(options);
  if (!sides) return report.error(sides.error()), report.exit_code();
  std::error_code failed;
  std::filesystem::create_directories(options.directory, failed);
  const std::filesystem::path directory = options.directory;
  Result<learn::CorpusWriter> writer = learn::CorpusWriter::create((directory / "corpus.sqlite").string(), options.limits);
  if (!writer) return report.error(writer.error()), report.exit_code();
  Output output;
  std::string list;
  std::optional<Error> stopped;
  for_each_repository(options.read, report, [&](pack::Repository& repository) {
    const auto side = sides->of(repository);
    if (!side || stopped) return;
    const Result<learn::CorpusRepository> added =
        writer->add(repository, side->first, side->second, options.read.threads, options.read.memory / 2,
                    [&](const Error& error) { report.error(error); });
    if (!added) {
      stopped = added.error();
      return;
    }
    list += list_line(*added) + "\n";
    if (options.read.json) return output.write(list_line(*added) + "\n");
    output.write(std::string(learn::name(added->side)) + "  " + human_count(added->blobs) + " blobs, " +
                 human_count(added->declarations) + " declarations, " + human_count(added->duplicates) + " seen before  " +
                 printable(added->name) + "\n");
  });
  if (stopped) return report.error(*stopped), report.exit_code();
  if (Result<void> done = writer->finish(); !done) return report.error(done.error()), report.exit_code();
  if (const Result<void> written = write_whole((directory / "repositories.jsonl").string(), list); !written) report.error(written.error());
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_corpus(CLI::App& app) {
  auto options = std::make_shared<CorpusOptions>();
  add_read_options(app, options->read, {.scope = false});
  app.add_option("-o,--output", options->directory, "A folder: corpus.sqlite and repositories.jsonl")->type_name("DIR");
  app.add_option("--list", options->list, "Take the repositories of this list (an earlier repositories.jsonl), with its split")
      ->type_name("FILE");
  app.add_option("--test", options->test, "Repositories to hold out, by name [a quarter, by a hash of the name]")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--per-language", options->limits.per_language, "Blobs of one language from one repository [300]")
      ->check(CLI::Range(1u, 1u << 30));
  app.footer("Example:\n  packscope decompress_rounds corpus -o corpus mirrors/\n  packscope ast_classifier train --task "
             "language --rung R2 -o W.safetensors corpus/corpus.sqlite");
  return [&app, options] { return run_corpus(app, *options); };
}

} // namespace packscope::tools
