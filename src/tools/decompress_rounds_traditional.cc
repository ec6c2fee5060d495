// decompress_rounds traditional: what the declarations of the same blobs cost the usual way, fused, and predicted: the table
// of "a thousandth", with the accuracy that each factor is had at.
//
// On Rust and C blobs that lie whole in a pack, in two sizes. The exact ways are processes (exact_paths.h); the rungs are counted
// by single steps, from the stream in memory to the answer. The accuracy is that of the rung's model on repositories that
// were held out, as its file has it; of the AST facts the mean of all questions.
#include "tools/ast_classifier.h"
#include "tools/columns.h"
#include "tools/decompress_rounds.h"
#include "tools/exact_paths.h"

#include "base/output_file.h"
#include "base/text.h"
#include "learn/classifier.h"
#include "learn/ladder_cost.h"
#include "learn/spread.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace packscope::tools {
namespace {

struct TraditionalOptions : ClassifierOptions {
  std::size_t objects = 40;
  std::string csv;
  std::string parse, parse_repository; // this process is one that is counted
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

// How a model did on what was held out from it: means over its questions.
struct Unseen {
  double accuracy;
  std::uint64_t n;
};

std::optional<Unseen> unseen_of(const learn::Model& model) {
  const auto note = model.notes.find("figures");
  if (note == model.notes.end()) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(note->second, nullptr, false);
  if (!json.is_object() || !json.contains("test") || !json["test"].is_array() || json["test"].empty()) return std::nullopt;
  double sum = 0;
  for (const nlohmann::json& question : json["test"]) {
    if (!question.is_object() || !question.contains("accuracy") || !question["accuracy"].is_number()) return std::nullopt;
    sum += question["accuracy"].get<double>();
  }
  return Unseen{sum / static_cast<double>(json["test"].size()), json["test"][0].value("n", std::uint64_t{0})};
}

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

// A line of the table: a way to the blobs' declarations, or a rung's answer about them.
struct Row {
  std::string way, task;
  double instructions; // a blob
  std::string measured;
  std::optional<Unseen> unseen; // of a rung's model; what is exact has none
};

struct Table {
  const Group& group;
  std::size_t blobs;
  std::uint64_t bytes, rust;
  ExactCost exact;
  std::vector<Row> rows;

  double a_blob(std::uint64_t sum) const { return static_cast<double>(sum) / static_cast<double>(blobs); }
  double traditional() const { return a_blob(exact.git + exact.parse); }
  double declarations() const { return a_blob(exact.declarations); }
};

std::string round_count(double value) { return value < 10 ? decimals(value, 1) : human_count(static_cast<std::uint64_t>(value + 0.5)); }

void print_table(Output& output, const Table& table) {
  output.write("\n" + std::string(table.group.name) + ": " + human_count(table.blobs) + " blobs (" + human_count(table.rust) + " Rust, " +
               human_count(table.blobs - table.rust) + " C), mean " + round_count(table.a_blob(table.bytes)) + " bytes, " +
               decimals(table.declarations(), 1) + " declarations; git cat-file " + round_count(table.a_blob(table.exact.git)) +
               " instructions a blob, write, read, parse " + round_count(table.a_blob(table.exact.parse)) + "\n");
  char line[200];
  std::snprintf(line, sizeof line, "%-12s %-10s %14s %14s %10s %9s\n", "way", "answers", "a blob", "a declaration", "times less", "accuracy");
  output.write(line);
  for (const Row& row : table.rows) {
    std::snprintf(line, sizeof line, "%-12s %-10s %14s %14s %10s %9s\n", row.way.c_str(), row.task.c_str(), round_count(row.instructions).c_str(),
                  round_count(row.instructions / table.declarations()).c_str(), round_count(table.traditional() / row.instructions).c_str(),
                  row.unseen ? decimals(row.unseen->accuracy, 3).c_str() : "exact");
    output.write(line);
  }
}

void write_table(Output& output, const Table& table, const Row& row) {
  JsonWriter json;
  json.begin_object().field("sizes", table.group.name).field("n", table.blobs).field("mean_bytes", table.a_blob(table.bytes));
  json.field("declarations_per_object", table.declarations());
  json.field("git_instructions", table.a_blob(table.exact.git)).field("parse_instructions", table.a_blob(table.exact.parse));
  json.field("traditional_measured", table.exact.measured);
  json.field("way", row.way).field("task", row.task).field("instructions_per_object", row.instructions);
  json.field("instructions_per_declaration", row.instructions / table.declarations()).field("cost_measured", row.measured);
  json.field("factor", table.traditional() / row.instructions);
  json.key("accuracy");
  row.unseen ? json.value(row.unseen->accuracy) : json.null();
  json.key("accuracy_n");
  row.unseen ? json.value(row.unseen->n) : json.null();
  output.line(json.end_object());
}

std::string csv(const std::vector<Table>& tables) {
  std::string text = "sizes,n,mean_bytes,declarations_per_object,way,task,instructions_per_object,instructions_per_declaration,factor,"
                     "accuracy,accuracy_n,cost_measured\n";
  for (const Table& table : tables)
    for (const Row& row : table.rows)
      text += std::string(table.group.name) + "," + std::to_string(table.blobs) + "," + decimals(table.a_blob(table.bytes), 1) + "," +
              decimals(table.declarations(), 2) + "," + row.way + "," + row.task + "," + decimals(row.instructions, 1) + "," +
              decimals(row.instructions / table.declarations(), 1) + "," + decimals(table.traditional() / row.instructions, 2) + "," +
              (row.unseen ? decimals(row.unseen->accuracy, 4) + "," + std::to_string(row.unseen->n) : ",") + "," + row.measured + "\n";
  return text;
}

std::vector<Row> measure_rungs(const std::vector<learn::Classifier>& classifiers, std::span<const Blob> blobs, Report& report) {
  std::vector<Row> rows;
  const std::vector<deflate::BlockType> blocks(blobs.size(), deflate::BlockType::dynamic); // the mean of all is asked for
  for (const learn::Classifier& classifier : classifiers) {
    learn::Classifier::Room room = classifier.room();
    volatile float used = 0;
    const learn::Cost cost = learn::measure_cost(learn::CostBy::steps, blocks, [&](std::size_t i) {
      used = classifier.answer({.zlib = blobs[i].zlib, .inflated_size = blobs[i].size, .packed_size = blobs[i].zlib.size()}, room).confidence;
    });
    const std::string rung(classifier.model().rung->name);
    if (const std::optional<double> mean = cost.mean())
      rows.push_back({rung, classifier.model().task, *mean, cost.measured, unseen_of(classifier.model())});
    else report.note(rung + ": cost not measured: " + cost.refused.value_or("refused"));
  }
  return rows;
}

// Language and AST facts, or the one task that was asked for; by single steps: no rung that reads a text.
Result<std::vector<learn::Classifier>> classifiers_of(const TraditionalOptions& options, const Report& report) {
  std::vector<learn::Classifier> classifiers;
  for (const char* task : {"language", "ast-facts"}) {
    if (options.task.empty() ? !options.models.empty() && std::string_view(task) != "language" : options.task != task) continue;
    Result<std::vector<learn::Model>> models = load_models(options, *learn::find_task(task));
    if (!models && options.task.empty() && !classifiers.empty()) {
      report.note(models.error().text());
      continue;
    }
    if (!models) return std::unexpected(models.error());
    std::ranges::stable_sort(*models, {}, &learn::Model::rung);
    for (learn::Model& model : *models)
      if (options.rung.empty() ? model.rung->source_bytes != SIZE_MAX : model.rung == learn::find_rung(options.rung))
        classifiers.emplace_back(std::move(model));
  }
  return classifiers;
}

// None where it could not be measured, which was said.
std::optional<ExactCost> count_exact(const ScratchFolder& folder, const Group& group, std::span<const Blob> blobs, ProgressMode mode, Report& report) {
  std::map<std::string, std::vector<ExactBlob>> by_repository;
  for (const Blob& blob : blobs) by_repository[blob.repository].push_back({blob.object, blob.language});
  Progress progress(std::string("counting, ") + group.name, by_repository.size(), "repositories", mode);
  ExactCost sum;
  for (const auto& [repository, some] : by_repository) {
    const Result<ExactCost> one = count_exact_paths(folder, repository, some);
    progress.advance();
    if (!one) return report.note("traditional path: not measured: " + one.error().text()), std::nullopt;
    sum += *one;
  }
  return sum;
}

int run_traditional(const CLI::App& app, TraditionalOptions& options) {
  if (!options.parse.empty()) return run_parse_texts(options.parse);
  if (!options.parse_repository.empty()) return run_parse_repository(options.parse_repository);
  if (options.read.paths.empty()) return usage_error(app, "PATH is missing: repositories with Rust or C sources");
  if (!options.task.empty() && options.task != "language" && options.task != "ast-facts")
    return usage_error(app, "--task is language or ast-facts: what whole blobs are asked");
  Report report;
  report.quiet = options.read.quiet;
  const Result<std::vector<learn::Classifier>> classifiers = classifiers_of(options, report);
  if (!classifiers) return report.error(classifiers.error()), report.exit_code();
  const ScratchFolder folder("exact");
  if (!folder.fine()) return report.error({.what = "no folder for temporary files"}), report.exit_code();
  Output output;
  std::vector<Table> tables;
  const std::array<std::vector<Blob>, kGroups.size()> found = find_blobs(options, report);
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (found[i].empty()) {
      report.note(std::string(kGroups[i].name) + ": no Rust or C blob of that size lies whole in a pack there");
      continue;
    }
    const std::optional<ExactCost> exact = count_exact(folder, kGroups[i], found[i], options.read.progress(), report);
    if (!exact) continue;
    Table table{.group = kGroups[i], .blobs = found[i].size(), .bytes = 0, .rust = 0, .exact = *exact, .rows = {}};
    for (const Blob& blob : found[i]) table.bytes += blob.size, table.rust += blob.language == syntax::Language::rust;
    table.rows = {{"traditional", "AST", table.traditional(), exact->measured, {}}, {"fused", "AST", table.a_blob(exact->fused), exact->measured, {}}};
    std::ranges::move(measure_rungs(*classifiers, found[i], report), std::back_inserter(table.rows));
    if (!options.read.json) print_table(output, table);
    else
      for (const Row& row : table.rows) write_table(output, table, row);
    tables.push_back(std::move(table));
  }
  if (!options.csv.empty())
    if (const Result<void> written = write_whole(options.csv, csv(tables)); !written) report.error(written.error());
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
  app.add_option("--task", options->task, "language or ast-facts alone [both]");
  app.add_option("--objects", options->objects, "Blobs of each size, by object id [40]")->check(CLI::Range(1u, 100000u));
  app.add_option("--csv", options->csv, "Write the table there too")->type_name("FILE");
  app.add_option("--parse", options->parse, "Of the measurement itself: parse what git cat-file --batch wrote to FILE")->type_name("FILE");
  app.add_option("--parse-repository", options->parse_repository, "Of the measurement itself: parse blobs of REPOSITORY")->type_name("REPOSITORY");
  app.footer("Example:\n  packscope decompress_rounds traditional .");
  return [&app, options] { return run_traditional(app, *options); };
}

} // namespace packscope::tools
