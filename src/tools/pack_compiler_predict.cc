// pack_compiler predict: language and facts of every blob from its compressed bytes; --compare holds them against what
// outline finds in the text, exactly. The two stand under names of their own, and never make one number.
#include "tools/blob_facts.h"
#include "tools/pack_compiler.h"

#include "base/text.h"
#include "compile/outline.h"
#include "tools/ast_classifier.h"

#include <cmath>
#include <cstdio>
#include <map>

namespace packscope::tools {
namespace {

struct FactsRun : ReadOptions {
  bool compare = false, with_paths = false;
  std::string rung;
  double confidence = 0.95;
};

struct Exact {
  syntax::Language language;
  std::optional<FactAnswers> facts; // none: the language has no declarations, or the text could not be parsed
  std::uint64_t functions = 0;
};

struct FactAgreement { // of one question, over blobs that both have an answer for
  std::uint64_t n = 0, agree = 0;
  void add(bool same) { ++n, agree += same; }
};

constexpr std::size_t kFunctions = learn::kFactQuestions - 1;
const char* field_of(std::size_t question) { return question == kFunctions ? "function" : kFactFields[question]; }

class FactsPrinter {
public:
  FactsPrinter(const FactsRun& options, const BlobGuesser& guesser, Report& report, Output& output)
      : options_(options), guesser_(guesser), report_(report), output_(output) {}

  void repository(pack::Repository& repository) {
    const RootStreams roots = find_root_streams(repository, options_, options_.compare || options_.with_paths, report_);
    std::vector<BlobGuess> guesses(roots.streams.size());
    const std::vector<bool> known = ask_streams(repository, roots.streams, options_, report_, [&]() -> AskStream {
      return [this, &guesses, room = std::make_shared<BlobGuesser::Room>(guesser_.room())](std::size_t i, const learn::Source& source) {
        deflate::Fault fault = deflate::Fault::none;
        guesses[i] = guesser_.guess(source, *room, fault);
        return fault;
      };
    });
    exact_.clear();
    if (options_.compare) find_exact(repository, roots);
    language_ = {};
    facts_ = {};
    for (std::size_t i = 0; i < roots.blobs.size(); ++i)
      if (const std::uint32_t stream = roots.stream[i]; stream != RootStreams::kNone && known[stream])
        print(repository, roots.blobs[i], guesses[stream], roots.inherited(i));
    if (options_.compare) print_agreement(repository);
  }

private:
  using Key = std::pair<pack::ObjectId, std::string>;

  void find_exact(pack::Repository& repository, const RootStreams& roots) {
    syntax::HeaderVote vote;
    for (const pack::BlobPath& blob : roots.blobs) vote.count(blob.path);
    for (const pack::BlobPath& blob : roots.blobs)
      if (!blob.path.empty()) exact_.emplace(Key(blob.id, blob.path), Exact{vote.language_of(blob.path), {}});
    const compile::OutlineOptions how = {.scope = options_.scope(), .store = options_.store_options(), .memory = options_.memory / 4,
                                         .threads = options_.threads, .progress = options_.progress()};
    // Errors of the walk were told when the streams were looked for; a text that cannot be parsed is told here.
    compile::outline(
        repository, how,
        [&](const compile::OutlineItem& item, const compile::Outline& outline) {
          const auto found = exact_.find(Key(item.blob.id, item.blob.path));
          if (found == exact_.end()) return;
          learn::FactCounter counter;
          for (const syntax::Declaration& one : outline.declarations) counter.add(syntax::name(one.kind), one.node);
          found->second = {item.language, counter.answers(), counter.functions()};
        },
        [&](const Error& error) { report_.error(error); });
  }

  static void write_facts(JsonWriter& record, const char* name, const FactAnswers& answers, std::optional<std::uint64_t> functions) {
    const unsigned bin = answers[kFunctions];
    record.key(name).begin_object();
    if (functions) record.field("function", *functions);
    else record.field("function", static_cast<std::uint64_t>(std::lround(learn::function_bin_middle(bin))));
    for (std::size_t i = 0; i < kFactFields.size(); ++i) record.field(kFactFields[i], answers[i] != 0);
    record.end_object();
  }

  void print(pack::Repository& repository, const pack::BlobPath& blob, const BlobGuess& guess, bool inherited) {
    const std::optional<pack::ObjectId> id = repository.store().id_of(blob.at);
    const auto found = options_.compare ? exact_.find(Key(blob.id, blob.path)) : exact_.end();
    const Exact* exact = found == exact_.end() ? nullptr : &found->second;
    if (exact != nullptr) {
      language_.add(guess.language == syntax::name(exact->language));
      if (guess.facts && exact->facts)
        for (std::size_t q = 0; q < facts_.size(); ++q) facts_[q].add(guess.facts->answers[q] == (*exact->facts)[q]);
    }
    if (!options_.json) return print_text(repository, blob, id, guess, exact, inherited);
    JsonWriter record;
    begin_record(record, repository.source());
    object_field(record, id);
    path_fields(record, blob);
    record.field("language", guess.language);
    if (guess.facts) write_facts(record, "facts", guess.facts->answers, {});
    else record.null_field("facts");
    record.field("confidence", static_cast<double>(guess.confidence)).field("rung", guess.rung).field("inherited", inherited);
    if (guess.facts) write_confidence(record, guess);
    if (options_.compare) write_exact(record, guess, exact);
    record.end_object();
    output_.line(record);
  }

  static void write_confidence(JsonWriter& record, const BlobGuess& guess) {
    const unsigned bin = guess.facts->answers[kFunctions];
    record.key("function_range").begin_array().value(function_bin_low(bin));
    if (const std::optional<std::uint64_t> high = function_bin_high(bin)) record.value(*high);
    else record.null();
    record.end_array().field("facts_rung", guess.facts_rung).key("facts_confidence").begin_object();
    for (std::size_t q = 0; q < learn::kFactQuestions; ++q)
      record.field(field_of(q), static_cast<double>(guess.facts->confidences[q]));
    record.end_object();
  }

  static void write_exact(JsonWriter& record, const BlobGuess& guess, const Exact* exact) {
    if (exact == nullptr) {
      record.null_field("exact").null_field("agreement");
      return;
    }
    record.key("exact").begin_object().field("language", syntax::name(exact->language));
    if (exact->facts) write_facts(record, "facts", *exact->facts, exact->functions);
    else record.null_field("facts");
    record.end_object().key("agreement").begin_object().field("language", guess.language == syntax::name(exact->language));
    if (guess.facts && exact->facts) {
      record.key("facts").begin_object();
      for (std::size_t q = 0; q < learn::kFactQuestions; ++q) record.field(field_of(q), guess.facts->answers[q] == (*exact->facts)[q]);
      record.end_object();
    } else {
      record.null_field("facts");
    }
    record.end_object();
  }

  static std::string facts_text(const FactAnswers& answers, std::optional<std::uint64_t> functions) {
    const unsigned bin = answers[kFunctions];
    std::string text = "function " + (functions ? std::to_string(*functions) : "~" + learn::function_bin_name(bin));
    for (std::size_t i = 0; i < kFactFields.size(); ++i)
      if (answers[i] != 0) text += std::string(" ") + (kFactFields[i] + 4); // without "has_"
    return text;
  }

  void print_text(pack::Repository& repository, const pack::BlobPath& blob, const std::optional<pack::ObjectId>& id,
                  const BlobGuess& guess, const Exact* exact, bool inherited) {
    char head[120];
    std::snprintf(head, sizeof head, "%-10s %.3f  %-6s %s ", std::string(guess.language).c_str(), static_cast<double>(guess.confidence),
                  std::string(guess.rung).c_str(), inherited ? "from its base" : "             ");
    const std::string name = !blob.path.empty() ? blob.path : id ? id->hex() : std::to_string(repository.store().offset_of(blob.at));
    output_.write(head + printable(name) + "\n");
    if (guess.facts) output_.write("  predicted  " + facts_text(guess.facts->answers, {}) + "\n");
    if (exact == nullptr) return;
    output_.write("  exact      " + std::string(syntax::name(exact->language)) + "  " +
                  (exact->facts ? facts_text(*exact->facts, exact->functions) : "") + "\n");
  }

  void print_agreement(pack::Repository& repository) {
    if (options_.json) {
      JsonWriter record;
      begin_record(record, repository.source());
      const auto one = [&](const char* name, const FactAgreement& agreement) {
        record.key(name).begin_object().field("n", agreement.n).field("agree", agreement.agree).end_object();
      };
      record.key("agreement").begin_object();
      one("language", language_);
      record.key("facts").begin_object();
      for (std::size_t q = 0; q < facts_.size(); ++q) one(field_of(q), facts_[q]);
      record.end_object().end_object().end_object();
      return output_.line(record);
    }
    const auto one = [&](const char* name, const FactAgreement& agreement) {
      if (agreement.n == 0) return;
      char line[100];
      std::snprintf(line, sizeof line, "  %-20s %.3f of %s\n", name,
                    static_cast<double>(agreement.agree) / static_cast<double>(agreement.n), human_count(agreement.n).c_str());
      output_.write(line);
    };
    output_.write("predicted as it is, " + printable(repository.source().name) + "\n");
    one("language", language_);
    for (std::size_t q = 0; q < facts_.size(); ++q) one(field_of(q), facts_[q]);
  }

  const FactsRun& options_;
  const BlobGuesser& guesser_;
  Report& report_;
  Output& output_;
  std::map<Key, Exact> exact_;
  FactAgreement language_;
  std::array<FactAgreement, learn::kFactQuestions> facts_;
};

int run_facts(const CLI::App& app, const FactsRun& options) {
  const learn::Rung* rung = options.rung.empty() ? nullptr : known_rung(app, options.rung);
  if (!options.rung.empty() && rung == nullptr) return kExitUsage;
  Report report;
  report.quiet = options.quiet;
  const Result<BlobGuesser> guesser = BlobGuesser::load(options.confidence, rung);
  if (!guesser) return report.error(guesser.error()), report.exit_code();
  Output output;
  FactsPrinter printer(options, *guesser, report, output);
  for_each_repository(options, report, [&](pack::Repository& repository) { printer.repository(repository); });
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_facts(CLI::App& app) {
  auto options = std::make_shared<FactsRun>();
  add_read_options(app, *options);
  CLI::Option* rung = app.add_option("--rung", options->rung, "Answer at this rung alone: " + learn::rung_names());
  app.add_option("--confidence", options->confidence, "Climb to the next rung while the language is less sure [0.95]")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(rung);
  app.add_flag("--paths", options->with_paths, "Read trees for paths, also where the scope does not need them");
  app.add_flag("--compare", options->compare, "Parse the texts too, and say where they agree");
  app.footer("The facts are those of C, C++, Python and Rust, which they were learned from; null where the language is another.\n"
             "A delta takes the answer of the object that it stands on.");
  return [&app, options] { return run_facts(app, *options); };
}

} // namespace packscope::tools
