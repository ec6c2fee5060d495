// Finding: a declaration's kind straight from compressed bytes costs a thousandth of what checking out and parsing costs.
//
// Traditional: `git cat-file --batch` → a file a blob → read it → tree-sitter, divided by the declarations it finds.
// Direct: the first 16 bytes of each declaration's stream → features → network.
#include "trace/findings/finding.h"

#include "base/mapped_file.h"
#include "base/text.h"
#include "learn/classifier.h"
#include "perf/child.h"
#include "perf/counters.h"
#include "syntax/parse.h"
#include "trace/dataset.h"
#include "trace/findings/statistics.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>

namespace packscope::trace {
namespace {

namespace fs = std::filesystem;

struct Cost {
  double each = 0;              // a declaration
  double spread = 0;            // middle half of the rounds, in shares of their median
  std::uint64_t declarations = 0, blobs = 0;
  std::string measured;
  std::optional<std::string> fallback;
};

// A folder of its own, with a git directory whose only pack is the trace's.
class Workspace {
public:
  Workspace() {
    std::string name = (fs::temp_directory_path() / "packscope-findings-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder_ = name;
  }
  ~Workspace() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  Result<void> link(const std::vector<std::string>& packs) {
    std::error_code code;
    if (folder_.empty()) return fail_errno("mkdtemp", fs::temp_directory_path().string());
    fs::create_directories(folder_ / "git/objects/pack", code);
    fs::create_directories(folder_ / "git/refs", code);
    std::ofstream(folder_ / "git/HEAD") << "ref: refs/heads/none\n";
    for (std::size_t i = 0; i < packs.size() && !code; ++i)
      for (const char* extension : {".pack", ".idx"})
        fs::create_symlink(fs::absolute(fs::path(packs[i]).replace_extension(extension)),
                           folder_ / ("git/objects/pack/pack-" + std::to_string(i) + extension), code);
    if (code) return fail("git directory: " + code.message(), folder_.string());
    return {};
  }
  std::string operator/(const char* name) const { return (folder_ / name).string(); }

private:
  fs::path folder_;
};

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  const int fd;
};

// Ids, and the language of each: blobs in which the trace found declarations.
struct Blobs {
  std::vector<syntax::Language> languages;
  std::string ids; // a line each
  std::uint64_t declarations = 0;
};

Result<Blobs> blobs_of(Database& database) {
  Blobs blobs;
  Statement rows = database.prepare("select o.id, o.language, count(*) from declaration d join object o using (object) "
                                    "where o.id is not null group by o.object order by o.object");
  while (rows.step()) {
    syntax::Language language = syntax::Language::other;
    syntax::parse_language(rows.text(1), language);
    blobs.languages.push_back(language);
    blobs.ids += rows.text(0) + "\n";
    blobs.declarations += static_cast<std::uint64_t>(rows.integer(2));
  }
  if (const Result<void> status = database.status(); !status) return std::unexpected(status.error());
  if (blobs.languages.empty()) return fail("the trace has no declarations");
  return blobs;
}

Result<perf::Reading> cat_file(const Workspace& workspace, const std::string& ids, const std::string& to,
                               const perf::OpenEvent& open) {
  const Descriptor in(::open(ids.c_str(), O_RDONLY | O_CLOEXEC)),
      out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (in.fd < 0 || out.fd < 0) return fail_errno("open", in.fd < 0 ? ids : to);
  const Result<perf::ChildReading> child = perf::measure_child(
      {"git", "--git-dir=" + workspace / "git", "cat-file", "--batch"},
      {.standard_input = in.fd, .standard_output = out.fd}, open);
  if (!child) return std::unexpected(child.error());
  if (child->status != 0) return fail("git cat-file: exit " + std::to_string(child->status));
  return child->reading;
}

// A blob after another of `git cat-file --batch` (ID " blob " SIZE "\n" TEXT "\n") through a file to its declarations.
Result<std::uint64_t> parse_all(std::string_view batch, const Blobs& blobs, const std::string& file, syntax::Parser& parser) {
  std::uint64_t declarations = 0;
  for (const syntax::Language language : blobs.languages) {
    const std::size_t line = batch.find('\n'), kind = batch.find(" blob ");
    if (line == std::string_view::npos || kind >= line) return fail("git cat-file: no blob where one was asked for");
    std::size_t size = 0;
    if (std::from_chars(batch.data() + kind + 6, batch.data() + line, size).ptr != batch.data() + line ||
        batch.size() - line < 2 || batch.size() - line - 2 < size)
      return fail("git cat-file: cut short");
    std::ofstream(file, std::ios::binary | std::ios::trunc) << batch.substr(line + 1, size);
    batch.remove_prefix(line + 1 + size + 1);
    std::ifstream in(file, std::ios::binary);
    std::string text(size, '\0');
    if (!in.read(text.data(), static_cast<std::streamsize>(size))) return fail_errno("read", file);
    syntax::Parsed parsed;
    const Result<void> done = parser.parse(language, as_bytes(text), parsed, {.tokens = false, .declarations = true});
    if (!done) return std::unexpected(done.error());
    declarations += parsed.declarations.size();
  }
  return declarations;
}

Cost cost_of(const std::vector<double>& rounds, std::uint64_t declarations, const perf::Reading& reading) {
  const double middle = median(rounds);
  return {.each = middle / static_cast<double>(declarations),
          .spread = (quantile(rounds, 0.75) - quantile(rounds, 0.25)) / std::max(1.0, middle),
          .declarations = declarations, .measured = reading.measured, .fallback = reading.fallback};
}

Result<Cost> traditional(const FindingsInput& input) {
  Result<std::unique_ptr<Database>> database = open_trace(input.trace);
  if (!database) return std::unexpected(database.error());
  const Result<Blobs> blobs = blobs_of(**database);
  if (!blobs) return std::unexpected(blobs.error());
  Workspace workspace;
  if (const Result<void> linked = workspace.link(files_of(**database, input.trace).packs); !linked)
    return std::unexpected(linked.error());
  const std::string ids = workspace / "ids", batch = workspace / "batch", file = workspace / "blob";
  std::ofstream(ids) << blobs->ids;
  syntax::Grammars grammars;
  syntax::Parser parser(grammars);
  // The process, not the thread: texts above 32 kB are parsed in a child.
  perf::Counters counters({.scope = perf::Scope::process, .cost_only = true}, input.open_event);
  std::vector<double> rounds;
  perf::Reading last;
  std::uint64_t declarations = 0;
  for (unsigned round = 0; round < std::max(2u, input.rounds / 3); ++round) {
    const Result<perf::Reading> git = cat_file(workspace, ids, batch, input.open_event);
    if (!git) return std::unexpected(git.error());
    const Result<MappedFile> mapped = MappedFile::open(batch);
    if (!mapped) return std::unexpected(mapped.error());
    counters.start();
    const Result<std::uint64_t> parsed = parse_all(as_text(mapped->bytes()), *blobs, file, parser);
    const perf::Reading own = counters.stop();
    if (!parsed) return std::unexpected(parsed.error());
    if (*parsed != blobs->declarations)
      return fail("the checked-out blobs have " + std::to_string(*parsed) + " declarations, the trace has " +
                  std::to_string(blobs->declarations));
    if (!git->cost() || !own.cost()) return std::unexpected(not_measured(own.cost() ? git->fallback : own.fallback));
    if (git->measured != own.measured) return fail("not measured: git by " + git->measured + ", parsing by " + own.measured);
    declarations = *parsed;
    if (round > 0) rounds.push_back(static_cast<double>(*git->cost() + *own.cost())); // the first warms caches
    last = own;
  }
  Cost cost = cost_of(rounds, declarations, last);
  cost.blobs = blobs->languages.size();
  return cost;
}

Result<Cost> direct(const FindingsInput& input, const KindNetwork& network) {
  const std::vector<learn::Sample>& samples = network.dataset.samples;
  const learn::Classifier classifier(network.model);
  learn::Classifier::Room room = classifier.room();
  std::uint64_t answered = 0;
  float confidence = 0; // of all answers: none is left out by the compiler
  const auto once = [&] {
    for (const learn::Sample& sample : samples) confidence += classifier.answer({.zlib = sample.stream}, room).confidence;
    answered += samples.size();
  };
  perf::Counters counters({.cost_only = true}, input.open_event);
  std::vector<double> rounds;
  perf::Reading last;
  const std::uint64_t repetitions = 1 + 20000 / samples.size(); // a region of a few milliseconds
  for (unsigned round = 0; round <= input.rounds; ++round) {
    answered = 0;
    counters.start();
    for (std::uint64_t i = 0; i < repetitions; ++i)
      once();
    last = counters.stop();
    if (!(confidence > 0)) return fail("the network gives no probabilities");
    if (!last.cost()) return std::unexpected(not_measured(last.fallback));
    if (round > 0) rounds.push_back(static_cast<double>(*last.cost())); // the first warms caches
  }
  Cost cost = cost_of(rounds, answered, last);
  cost.declarations = samples.size();
  return cost;
}

} // namespace

Result<void> find_paths(const FindingsInput& input, const Result<KindNetwork>& network, Finding& out) {
  constexpr double kTheirs = 1000;
  out.id = "direct-path";
  out.claim = "Reading a declaration's kind from compressed bytes costs a thousandth of checking out and parsing";
  out.theirs = kTheirs;
  out.theirs_text = "about 1,000× (1,000 against 1,000,000 instructions)";
  out.unit = "× (traditional ÷ direct)";
  if (!network) return std::unexpected(network.error());
  const Result<Cost> ours = direct(input, *network);
  if (!ours) return std::unexpected(ours.error());
  const Result<Cost> theirs = traditional(input);
  if (!theirs) return std::unexpected(theirs.error());
  if (ours->measured != theirs->measured)
    return fail("not measured: one path by " + ours->measured + ", the other by " + theirs->measured);
  const double ratio = theirs->each / ours->each;
  const std::string unit = cost_unit(ours->measured);
  out.ours = ratio;
  out.verdict = ratio >= kTheirs / 2 ? Verdict::holds : ratio >= 10 ? Verdict::in_part : Verdict::does_not_hold;
  out.why = "a declaration takes " + figure(ours->each) + " " + unit + " directly (16 bytes of each of " +
            human_count(ours->declarations) + " distinct declarations' streams → features → " + network->model.shape.text() +
            ") and " + figure(theirs->each) + " " + unit + " traditionally (git cat-file --batch → write → read → tree-sitter, " +
            human_count(theirs->blobs) + " blobs with " + human_count(theirs->declarations) +
            " declarations), by " + counter_text(ours->measured, ours->fallback) +
            "; the middle half of the rounds differs by " + percent(ours->spread) + " and " + percent(theirs->spread) +
            ". The direct path answers with the accuracy above and is given each declaration's stream; the traditional one is "
            "exact and finds them. Holds from half of theirs, in part from a factor of ten.";
  return {};
}

} // namespace packscope::trace
