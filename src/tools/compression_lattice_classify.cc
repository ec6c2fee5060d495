// compression_lattice classify: a blob belongs to the class whose preset dictionary compresses its beginning into the fewest
// bits (learn/dictionary.h).
#include "tools/compression_lattice.h"

#include "base/mapped_file.h"
#include "base/on_threads.h"
#include "base/text.h"
#include "learn/dictionary.h"
#include "perf/steps.h"
#include "syntax/language.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace packscope::tools {
namespace {

struct ClassifyOptions {
  ReadOptions read;
  std::vector<std::string> dictionaries; // LABEL=FILE, and what followed them
  std::uint64_t cost_steps = 4'000'000;
  bool no_cost = false;
};

struct Classes {
  std::vector<std::string> labels;
  std::vector<std::vector<std::uint8_t>> dictionaries;
};

// Files of one label follow each other, the last one nearest.
Result<Classes> read_classes(const std::vector<std::string>& given) {
  Classes classes;
  for (const std::string& one : given) {
    const std::size_t equals = one.find('=');
    const std::string label = one.substr(0, equals), path = one.substr(equals + 1);
    const Result<MappedFile> file = MappedFile::open(path);
    if (!file) return std::unexpected(file.error());
    auto at = std::ranges::find(classes.labels, label);
    if (at == classes.labels.end()) {
      classes.dictionaries.emplace_back();
      at = classes.labels.insert(at, label);
    }
    std::vector<std::uint8_t>& own = classes.dictionaries[static_cast<std::size_t>(at - classes.labels.begin())];
    // Only the end of it is looked at.
    const Bytes end = file->bytes().last(std::min(file->bytes().size(), learn::Dictionaries::kBytes));
    own.insert(own.end(), end.begin(), end.end());
    if (own.empty()) return fail("empty: a dictionary has to hold texts", path);
  }
  return classes;
}

struct Waiting {
  pack::BlobPath blob;
  std::vector<std::uint8_t> text;
  std::vector<std::uint64_t> bits;
};

class Classify {
public:
  Classify(const ClassifyOptions& options, Classes classes)
      : options_(options), labels_(std::move(classes.labels)), dictionaries_(classes.dictionaries) {
    report_.quiet = options.read.quiet;
    own_.assign(labels_.size(), 0);
  }

  int run() {
    {
      Progress progress("classify", 0, "blobs", options_.read.progress());
      for_each_repository(options_.read, report_, [&](pack::Repository& repository) {
        repository.for_each_blob(
            options_.read.scope(),
            [&](const pack::BlobPath& blob) {
              progress.advance();
              add(repository, blob);
            },
            [&](const Error& error) { report_.error(error); });
        flush(repository);
      });
    }
    if (!options_.read.json) summary();
    output_.finish(report_);
    return report_.exit_code();
  }

private:
  void add(pack::Repository& repository, const pack::BlobPath& blob) {
    if (!pack::is_file(blob.mode)) return; // links name paths
    const pack::Outcome<pack::ObjectPtr> object = repository.store().read(blob.at);
    if (!object) return report_.error(repository.store().error(blob.at, object.error()));
    const Bytes text = Bytes((*object)->data).first(std::min((*object)->data.size(), learn::Dictionaries::kText));
    waiting_.push_back({blob, {text.begin(), text.end()}, {}});
    if (waiting_.size() == 1024) flush(repository);
  }

  void flush(pack::Repository& repository) {
    Share share(waiting_.size());
    on_threads(share.threads(options_.read.threads), [&] {
      for (std::size_t i; share.take(i);) waiting_[i].bits = dictionaries_.bits(waiting_[i].text);
    });
    for (Waiting& one : waiting_) {
      const std::size_t label = static_cast<std::size_t>(std::ranges::min_element(one.bits) - one.bits.begin());
      tally(one, label);
      if (options_.read.json) record(repository, one, label);
      else line(one, label);
      if (counted_.size() < 2 && one.text.size() == learn::Dictionaries::kText) counted_.push_back(std::move(one.text));
    }
    waiting_.clear();
  }

  void record(pack::Repository& repository, const Waiting& one, std::size_t label) {
    JsonWriter json;
    begin_record(json, repository.source());
    object_field(json, one.blob.id);
    path_fields(json, one.blob);
    json.field("label", valid_utf8(labels_[label])).key("bits").begin_object();
    for (std::size_t i = 0; i < labels_.size(); ++i) json.field(valid_utf8(labels_[i]), one.bits[i]);
    output_.line(json.end_object().end_object());
  }

  void line(const Waiting& one, std::size_t label) {
    std::uint64_t second = UINT64_MAX;
    for (std::size_t i = 0; i < one.bits.size(); ++i)
      if (i != label) second = std::min(second, one.bits[i]);
    char text[96];
    std::snprintf(text, sizeof text, "%-12s %6llu bits %+6lld  ", printable(labels_[label]).c_str(), static_cast<unsigned long long>(one.bits[label]),
                  second == UINT64_MAX ? 0LL : static_cast<long long>(second - one.bits[label]));
    output_.write(text + (one.blob.path.empty() ? one.blob.id.hex() : printable(one.blob.path)) + "\n");
  }

  // Where the path names one of the classes, as a language, there is something to agree with.
  void tally(const Waiting& one, std::size_t label) {
    if (one.blob.path.empty()) return;
    const std::string_view language = syntax::name(syntax::language_of(one.blob.path));
    const auto at = std::ranges::find(labels_, language);
    if (at == labels_.end()) return;
    ++told_;
    right_ += *at == labels_[label];
    ++own_[static_cast<std::size_t>(at - labels_.begin())];
  }

  void summary() {
    if (told_ == 0) return;
    char text[128];
    std::snprintf(text, sizeof text, "%.1f %% of %s blobs are labelled as their path says (most frequent class: %.1f %%)", 100.0 * static_cast<double>(right_) / static_cast<double>(told_),
                  human_count(told_).c_str(), 100.0 * static_cast<double>(std::ranges::max(own_)) / static_cast<double>(told_));
    output_.write(text);
    if (options_.no_cost || counted_.empty()) return output_.write("\n");
    const Result<std::vector<std::uint64_t>> steps = perf::count_steps(
        counted_.size(), [&](std::size_t i) { dictionaries_.bits(counted_[i]); }, {.enough = options_.cost_steps, .most = options_.cost_steps * 4});
    if (!steps || steps->empty()) return output_.write("; instructions not measured\n");
    std::uint64_t sum = 0;
    for (const std::uint64_t own : *steps) sum += own;
    output_.write("; " + human_count(sum / steps->size()) + " instructions a blob of 512 bytes or more, by single steps, of " + std::to_string(steps->size()) + "\n");
  }

  const ClassifyOptions& options_;
  Report report_;
  Output output_;
  std::vector<std::string> labels_;
  learn::Dictionaries dictionaries_;
  std::vector<Waiting> waiting_;
  std::vector<std::vector<std::uint8_t>> counted_;
  std::uint64_t told_ = 0, right_ = 0;
  std::vector<std::uint64_t> own_; // blobs by what their path says
};

int run_classify(const CLI::App& app, ClassifyOptions& options) {
  // A flag takes all that follows it: what is no LABEL=FILE is a PATH.
  std::vector<std::string> given;
  for (const std::string& one : options.dictionaries)
    (one.find('=') == std::string::npos ? options.read.paths : given).push_back(one);
  if (given.empty()) return usage_error(app, "--dictionary LABEL=FILE is missing: a file of texts of the class, the most typical ones last");
  if (options.read.paths.empty()) return usage_error(app, "PATH is missing");
  for (const std::string& one : given)
    if (one.starts_with('=') || one.ends_with('=')) return usage_error(app, "--dictionary " + printable(one) + ": not LABEL=FILE");
  Result<Classes> classes = read_classes(given);
  if (!classes) return usage_error(app, "--dictionary: " + printable(classes.error().text()));
  return Classify(options, std::move(*classes)).run();
}

} // namespace

std::function<int()> configure_classify(CLI::App& app) {
  auto options = std::make_shared<ClassifyOptions>();
  add_read_options(app, options->read, {.scope = true, .paths_required = false});
  app.add_option("--dictionary", options->dictionaries, "A class and texts of it; may be repeated, also for one label. Of a label's texts the last 32,506 bytes are used")
      ->type_name("LABEL=FILE…")
      ->expected(-1);
  app.add_flag("--no-cost", options->no_cost, "Count no instructions");
  app.footer("Of each blob the first 512 bytes are compressed. Without --json a last line says how many blobs are labelled as their path\n"
             "says, if labels are names of languages.\n\n"
             "Example:\n  cat src/base/*.cc > cpp.txt && cat nix/*.nix > nix.txt &&\n"
             "    packscope compression_lattice classify --dictionary cpp=cpp.txt nix=nix.txt --rev HEAD .");
  return [&app, options] { return run_classify(app, *options); };
}

} // namespace packscope::tools
