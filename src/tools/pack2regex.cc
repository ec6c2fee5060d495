// pack2regex: what repeats in files of any kind, as regexes that the engine has confirmed, and as YARA rules.
#include "base/output_file.h"
#include "base/text.h"
#include "patterns/print.h"
#include "patterns/yara.h"
#include "tools/commands.h"
#include "tools/plain_files.h"

#include <cstdio>
#include <memory>
#include <thread>

namespace packscope::tools {

namespace {

struct Options : ProgressOptions {
  std::vector<std::string> paths, against;
  std::string yara;
  patterns::Options search;
  bool json = false;
};

class Pack2Regex {
public:
  explicit Pack2Regex(const Options& options) : options_(options) { report_.quiet = options.quiet; }

  int run() {
    // Before the work: a place that cannot be written is known at once.
    std::optional<OutputFile> yara;
    if (!options_.yara.empty()) {
      Result<OutputFile> created = OutputFile::create(options_.yara);
      if (!created) {
        report_.error(created.error());
        return kExitPartial;
      }
      yara.emplace(std::move(*created));
    }
    const std::vector<PlainFile> files = map_files(options_.paths, report_), others = map_files(options_.against, report_);
    inputs_ = inputs_of(files);
    const Result<patterns::Findings> findings = patterns::find_patterns(inputs_, inputs_of(others), options_.search);
    if (!findings) {
      report_.error(findings.error());
      return kExitPartial;
    }
    say(*findings);
    if (options_.json) records(*findings);
    else table(*findings);
    if (yara) write(*findings, *yara);
    output_.finish(report_);
    return report_.exit_code();
  }

private:
  static std::vector<patterns::Input> inputs_of(const std::vector<PlainFile>& files) {
    std::vector<patterns::Input> inputs;
    for (const PlainFile& file : files) inputs.push_back({file.file.bytes(), file.name});
    return inputs;
  }

  void say(const patterns::Findings& findings) const {
    if (findings.sampled < findings.bytes) {
      const double part = static_cast<double>(findings.bytes) / static_cast<double>(findings.sampled);
      report_.note("searched " + human_bytes(findings.sampled) + " of " + human_bytes(findings.bytes) +
                   ", spread evenly; what occurs fewer than about " +
                   human_count(static_cast<std::uint64_t>(part * 6 + 1)) +
                   " times may be missed (--memory), support is counted in all of it");
    }
    if (findings.contradicted > 0)
      report_.note(human_count(findings.contradicted) + " patterns left out that the regex engine did not confirm");
  }

  void records(const patterns::Findings& findings) {
    JsonWriter json;
    for (const patterns::Found& found : findings.patterns) {
      json.begin_object().field("regex", patterns::regex_of(found.pattern)).field("flavour", "pcre");
      json.field("support", found.counted.support).field("bytes_covered", found.counted.bytes_covered);
      json.field("example_offset", found.counted.example_offset);
      if (inputs_.size() > 1) json.path_field("file", inputs_[found.counted.example_file].name).field("files", found.counted.files);
      json.field("bits", static_cast<double>(static_cast<std::int64_t>(found.bits * 10 + (found.bits < 0 ? -0.5 : 0.5))) / 10);
      output_.line(json.end_object());
    }
  }

  void table(const patterns::Findings& findings) {
    const bool several = inputs_.size() > 1;
    const auto row = [&](const std::string& support, const std::string& covered, const std::string& files,
                         const std::string& bits, const std::string& example, const std::string& regex) {
      const auto right = [](const std::string& text, std::size_t width) {
        return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
      };
      output_.write(right(support, 10) + right(covered, 10) + (several ? right(files, 8) : "") + right(bits, 7) +
                    right(example, 14) + "  " + regex + "\n");
    };
    if (findings.patterns.empty()) {
      report_.note("nothing repeats more often than chance in " + human_bytes(findings.bytes));
      return;
    }
    row("support", "covered", "files", "bits", "first at", "regex");
    for (const patterns::Found& found : findings.patterns) {
      char bits[32];
      std::snprintf(bits, sizeof bits, "%.1f", found.bits);
      row(human_count(found.counted.support), human_bytes(found.counted.bytes_covered), human_count(found.counted.files),
          bits, human_count(found.counted.example_offset), patterns::regex_of(found.pattern));
    }
  }

  void write(const patterns::Findings& findings, OutputFile& file) {
    const patterns::YaraRules rules = patterns::yara_rules(findings);
    Result<void> written = file.write(rules.text);
    if (written) written = file.commit();
    if (!written) return report_.error(written.error());
    if (rules.left_out > 0)
      report_.note(human_count(rules.rules) + " YARA rules; " + human_count(rules.left_out) +
                   " patterns without four literal bytes in a row make none");
  }

  const Options& options_;
  Report report_;
  Output output_;
  std::vector<patterns::Input> inputs_;
};

} // namespace

std::function<int()> configure_pack2regex(CLI::App& app) {
  auto options = std::make_shared<Options>();
  patterns::Options& search = options->search;
  search.threads = std::max(1u, std::thread::hardware_concurrency());
  app.add_option("PATH", options->paths, "A file of any kind, a folder of files, or - (paths on standard input)")
      ->type_name("")
      ->required();
  app.add_option("--against", options->against, "Negative examples: a pattern that matches anywhere in them is left out")
      ->type_name("FILE...");
  app.add_option("--yara", options->yara, "Write YARA rules: a rule for each pattern with four literal bytes in a row")
      ->type_name("FILE");
  app.add_option("--top", search.top, "Patterns to print, best first")->type_name("N")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--min-support", search.min_support, "Matches that a pattern must have; they don't overlap")
      ->type_name("N")->check(CLI::Range(2, 1000000000))->capture_default_str();
  app.add_option("--min-length", search.min_length, "Bytes that a match must have")->type_name("N")->check(CLI::Range(2, 64))->capture_default_str();
  app.add_option("--min-bits", search.min_bits, "A pattern's specificity: it matches at one in 2^N places of random bytes or fewer")
      ->type_name("N")->check(CLI::Range(8.0, 256.0))->capture_default_str();
  app.add_option("--max-gap", search.max_gap, "Longest gap of any bytes inside a pattern")->type_name("N")->check(CLI::Range(0, 64))->capture_default_str();
  app.add_flag("--json", options->json, "JSON Lines: one record a line, nothing else on standard output");
  app.add_option("--threads", search.threads, "Threads; the output is the same whatever their number")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u))
      ->default_str("all cores");
  add_size_option(app, "--memory", search.memory, "Memory budget beside the mapped files; decides how much of them is searched [256MiB]");
  add_progress_options(app, *options);
  app.footer("Support: the matches of a search for one after the other, leftmost first (re.finditer), counted by the\n"
             "regex engine over all bytes; a match never spans two files. Bits: log2 of support by what chance gives.");
  return [options] {
    options->search.progress = options->progress();
    return Pack2Regex(*options).run();
  };
}

} // namespace packscope::tools
