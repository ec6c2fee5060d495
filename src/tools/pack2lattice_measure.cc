// pack2lattice measure: of repositories whose paths tell the languages, how many blobs the lattice knows and how often it is
// right: each dimension alone, and all together by confidence.
//
// Asked are blobs that are no deltas (what a delta inherits is measured by ast_classifier), at most 300 a language and
// repository in the order of their ids, so that no large repository drowns the others: as corpora are drawn (learn/corpus.h).
#include "tools/pack2lattice.h"

#include "base/output_file.h"
#include "lattice/identity.h"
#include "lattice/weights.h"
#include "learn/ladder_cost.h"
#include "pack/leaf_names.h"
#include "perf/steps.h"
#include "tools/lattice_blobs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <thread>

namespace packscope::tools {
namespace {

using lattice::Dimension;
using pack::Location;
using syntax::Language;

constexpr std::array kConfidences = {0.0, 0.5, 0.8, 0.9, 0.95, 0.99};

struct MeasureOptions {
  ReadOptions read;
  std::string lattice, experts;
  bool cost = false;
};

struct Tally {
  std::uint64_t covered = 0, right = 0;
  void add(bool is_right) { ++covered, right += is_right; }
};

struct Sample {
  Language language;
  pack::ObjectId id;
  Location at;
};

std::vector<Sample> samples_of(pack::Repository& repository, const ReadOptions& options, Report& report) {
  constexpr std::size_t kPerLanguage = 300;
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 20;
  pack::Store& store = repository.store();
  store.compute_ids();
  const pack::LeafNames names = pack::LeafNames::of(store, options.threads, options.memory / 4, [&](const Error& error) { report.error(error); });
  std::vector<std::pair<Location, std::string_view>> named;
  syntax::HeaderVote vote;
  for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
    for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry)
      if (const std::string_view leaf = names.of({pack, entry}); !leaf.empty()) {
        named.emplace_back(Location{pack, entry}, leaf);
        vote.count(leaf);
      }
  std::vector<Sample> samples;
  for (const auto& [at, leaf] : named) {
    const pack::Outcome<pack::EntryHeader> header = store.packs()[at.pack].header(at.entry);
    if (!header || header->type != pack::EntryType::blob || header->size == 0 || header->size > kLargest) continue;
    if (const std::optional<pack::ObjectId> id = store.id_of(at)) samples.push_back({vote.language_of(leaf), *id, at});
  }
  std::ranges::sort(samples, {}, [](const Sample& one) { return std::tuple(one.language, one.id, one.at); });
  std::size_t kept = 0, of_language = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    of_language = i > 0 && samples[i - 1].language == samples[i].language ? of_language + 1 : 0;
    if (of_language < kPerLanguage) samples[kept++] = samples[i];
  }
  samples.resize(kept);
  return samples;
}

class Measure {
public:
  Measure(const MeasureOptions& options, const lattice::Explainer& explainer, Report& report) : options_(options), explainer_(explainer), report_(report) {}

  void repository(pack::Repository& repository) {
    const pack::Store& store = repository.store();
    const lattice::Element own = own_vote(repository, explainer_, options_.read);
    ++repositories_;
    known_ += own != 0;
    const std::string& name = repository.source().name;
    for (const Sample& sample : samples_of(repository, options_.read, report_)) {
      lattice::Clues clues;
      if (const Result<bool> read = clues_of(store, sample.at, clues); !read) {
        report_.error(read.error());
        continue;
      }
      ++n_;
      const lattice::Answer exact = explainer_.by_id(Dimension::object, sample.id.raw(), own);
      if (exact.known) tallies_[static_cast<std::size_t>(Dimension::object)].add(exact.label == sample.language);
      const lattice::Answer answer = exact.known ? exact : explainer_.by_clues(clues, own);
      for (std::size_t i = 0; i < kConfidences.size(); ++i)
        if (answer.known && static_cast<double>(answer.confidence) >= kConfidences[i]) by_confidence_[i].add(answer.label == sample.language);
      if (answer.known) ++asked_, calibration_ += static_cast<double>(answer.confidence) - (answer.label == sample.language);
      experts(clues, own, sample.language, name);
      if (options_.cost && exact.known) exact_.push(sample.at, sample.id);
      if (options_.cost && !exact.known) stream_.push(sample.at, stream_of(store, sample.at));
    }
    if (options_.cost) count_costs(own); // the streams live as long as the repository
  }

  Result<void> finish(Output& output) {
    if (!options_.experts.empty())
      if (const Result<void> written = write_whole(options_.experts, experts_); !written) return written;
    if (!options_.read.json) {
      char line[120];
      std::snprintf(line, sizeof line, "%llu blobs of %llu repositories, %llu of which are in the lattice\n%-22s coverage accuracy\n",
                    static_cast<unsigned long long>(n_), static_cast<unsigned long long>(repositories_), static_cast<unsigned long long>(known_), "");
      output.write(line);
    } else {
      JsonWriter record;
      record.begin_object().field("n", n_).field("repositories", repositories_).field("known_repositories", known_);
      if (asked_ > 0) record.field("calibration", calibration_ / static_cast<double>(asked_)); // mean confidence less accuracy
      else record.null_field("calibration");
      record.end_object();
      output.line(record);
    }
    for (std::size_t i = static_cast<std::size_t>(lattice::kFirstClue); i < tallies_.size(); ++i)
      if (const Dimension dimension = static_cast<Dimension>(i); dimension != Dimension::delta) print(output, std::string(lattice::name(dimension)), {}, tallies_[i]);
    for (std::size_t i = 0; i < kConfidences.size(); ++i) print(output, "all", kConfidences[i], by_confidence_[i]);
    if (options_.cost) print_cost(output, "id", exact_), print_cost(output, "stream", stream_);
    return {};
  }

private:
  // Answers whose instructions are counted: of each repository as many as kMost, evenly from first to last, while one thread
  // asks for them all, in the order of the pack: an Explainer remembers.
  template <class What> struct Cost {
    static constexpr std::size_t kMost = 120;
    std::vector<std::pair<Location, What>> pending = {};
    std::uint64_t n = 0, instructions = 0;
    std::string refused = {};

    void push(Location at, What what) { pending.emplace_back(at, what); }
    void count(const std::function<void(const What&)>& work) {
      if (pending.empty()) return;
      std::ranges::sort(pending, {}, [](const auto& one) { return one.first; });
      const std::size_t counted = std::min(kMost, pending.size());
      const auto place = [&](std::size_t i) { return (2 * i + 1) * pending.size() / (2 * counted); };
      std::thread([&] { // one that has asked for nothing yet
        const auto all_before = [&](std::size_t i) {
          if (i == 0) work(pending.back().second); // what is done once is done
          for (std::size_t at = i == 0 ? 0 : place(i - 1) + 1; at < place(i); ++at) work(pending[at].second);
        };
        const perf::StepLimits limits = {.enough = 4'000'000};
        if (const Result<std::vector<std::uint64_t>> counts = perf::count_steps(counted, [&](std::size_t i) { work(pending[place(i)].second); }, limits, all_before)) {
          for (const std::uint64_t one : *counts) instructions += one, ++n;
        } else {
          refused = counts.error().text();
        }
      }).join();
      pending.clear();
    }
  };

  static Bytes stream_of(const pack::Store& store, Location at) {
    const pack::PackFile& pack = store.packs()[at.pack];
    return pack.stream(*pack.header(at.entry), at.entry);
  }

  void count_costs(lattice::Element own) {
    exact_.count([&](const pack::ObjectId& id) { sink_ = explainer_.by_id(Dimension::object, id.raw(), own).confidence; });
    stream_.count([&](const Bytes& stream) {
      lattice::Clues clues;
      lattice::read_clues(stream, clues);
      sink_ = explainer_.by_clues(clues, own).confidence;
    });
  }

  // What each says alone: the language that it lifts most.
  void experts(const lattice::Clues& clues, lattice::Element own, Language language, const std::string& repository) {
    std::array<lattice::Explainer::Expert, lattice::Explainer::kExperts> all;
    const unsigned count = explainer_.experts(clues, own, all);
    std::array<std::array<float, lattice::kLanes>, lattice::kDimensions> said = {};
    std::uint32_t heard = 0;
    JsonWriter record;
    record.begin_object().field("repo", repository).field("label", static_cast<unsigned>(language)).field("dynamic", clues.dynamic()).key("experts").begin_array();
    for (unsigned e = 0; e < count; ++e) {
      const lattice::Explainer::Expert& one = all[e];
      const std::size_t at = static_cast<std::size_t>(one.dimension);
      heard |= 1u << at;
      // One clue: by its votes; several: by what they lift together.
      const bool several = one.dimension == Dimension::inner || one.dimension == Dimension::profile;
      for (unsigned i = 0; i < syntax::kLanguages; ++i) said[at][i] += several ? one.repositories[i] : one.raw[i];
      if (options_.experts.empty()) continue;
      record.begin_array().value(static_cast<unsigned>(one.dimension)).value(one.bucket).begin_array();
      for (unsigned i = 0; i < syntax::kLanguages; ++i) record.value(std::round(static_cast<double>(one.repositories[i]) * 1000) / 1000);
      record.end_array().begin_array();
      for (unsigned i = 0; i < syntax::kLanguages; ++i) record.value(std::round(static_cast<double>(one.objects[i]) * 1000) / 1000);
      record.end_array().end_array();
    }
    for (std::size_t at = 0; at < said.size(); ++at)
      if (heard >> at & 1) {
        const auto end = said[at].begin() + syntax::kLanguages;
        tallies_[at].add(std::max_element(said[at].begin(), end) - said[at].begin() == static_cast<int>(language));
      }
    record.end_array().key("prior").begin_array();
    for (unsigned i = 0; i < syntax::kLanguages; ++i) record.value(std::round(static_cast<double>(explainer_.prior()[i]) * 1000) / 1000);
    record.end_array().end_object();
    if (!options_.experts.empty()) experts_ += record.take_line();
  }

  template <class What> void print_cost(Output& output, const char* asked, const Cost<What>& cost) {
    if (options_.read.json) {
      JsonWriter record;
      record.begin_object().field("asked_by", asked).field("n", cost.n);
      if (cost.n > 0) record.field("instructions_per_object", static_cast<double>(cost.instructions) / static_cast<double>(cost.n));
      else record.null_field("instructions_per_object");
      record.end_object();
      return output.line(record);
    }
    output.write(std::string("instructions a blob by its ") + asked + ": " +
                 (cost.n > 0 ? std::to_string(cost.instructions / cost.n) + " (" + std::to_string(cost.n) + " blobs, by single steps)" : "not measured" + (cost.refused.empty() ? "" : " (" + cost.refused + ")")) + "\n");
  }

  void print(Output& output, const std::string& dimension, std::optional<double> confidence, const Tally& tally) {
    const double coverage = n_ == 0 ? 0 : static_cast<double>(tally.covered) / static_cast<double>(n_);
    const double accuracy = tally.covered == 0 ? 0 : static_cast<double>(tally.right) / static_cast<double>(tally.covered);
    if (options_.read.json) {
      JsonWriter record;
      record.begin_object().field("dimension", dimension);
      if (confidence) record.field("confidence", *confidence);
      else record.null_field("confidence");
      record.field("n", n_).field("covered", tally.covered).field("coverage", coverage);
      if (tally.covered > 0) record.field("accuracy", accuracy);
      else record.null_field("accuracy");
      record.end_object();
      return output.line(record);
    }
    char line[120];
    const std::string what = confidence ? dimension + ", confidence " + std::to_string(*confidence).substr(0, 4) : dimension;
    std::snprintf(line, sizeof line, "%-22s %8.3f %8.3f\n", what.c_str(), coverage, accuracy);
    output.write(line);
  }

  const MeasureOptions& options_;
  const lattice::Explainer& explainer_;
  Report& report_;
  std::uint64_t n_ = 0, repositories_ = 0, known_ = 0, asked_ = 0;
  std::array<Tally, lattice::kDimensions> tallies_ = {};
  std::array<Tally, kConfidences.size()> by_confidence_ = {};
  double calibration_ = 0;
  std::string experts_;
  Cost<pack::ObjectId> exact_;
  Cost<Bytes> stream_;
  volatile float sink_ = 0;
};

int run_measure(const MeasureOptions& options) {
  Report report;
  report.quiet = options.read.quiet;
  const Result<lattice::Lattice> lattice = lattice::Lattice::open(options.lattice);
  if (!lattice) return report.error(lattice.error()), report.exit_code();
  const Result<lattice::Explainer> explainer = lattice::Explainer::of(*lattice);
  if (!explainer) return report.error(explainer.error()), report.exit_code();
  Output output;
  Measure measure(options, *explainer, report);
  for_each_repository(options.read, report, [&](pack::Repository& repository) { measure.repository(repository); });
  if (const Result<void> done = measure.finish(output); !done) report.error(done.error());
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_lattice_measure(CLI::App& app) {
  auto options = std::make_shared<MeasureOptions>();
  app.add_option("LATTICE", options->lattice, "What build or join wrote")->type_name("")->required();
  add_read_options(app, options->read, {.scope = false});
  app.add_flag("--cost", options->cost, "Count the instructions of some answers, by single steps");
  app.add_option("--experts", options->experts, "Write what each clue says of each blob: what weights are fitted on")->type_name("FILE");
  return [options] { return run_measure(*options); };
}

} // namespace packscope::tools
