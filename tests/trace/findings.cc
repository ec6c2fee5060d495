// Findings: closed forms of their statistics, figures that follow their input, and what is said without counters.
#include "trace/findings/findings.h"

#include "no_perf.h"
#include "made_trace.h"
#include "trace/findings/statistics.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <cmath>
#include <ctime>
#include <map>
#include <set>

using namespace packscope;
using namespace packscope::test;
using Catch::Approx;
using packscope::trace::Finding;
using packscope::trace::FindingsInput;
using packscope::trace::Verdict;
using Json = nlohmann::json;

namespace {

// Rust files of growing size, "src/0.rs" to "src/13.rs"; each file is a unit of its own.
constexpr int kFiles = 14;
std::string source(int number) {
  std::string text = "use std::fmt::Debug;\n";
  for (int i = 0; i <= number * 2; ++i)
    text += "pub fn f" + std::to_string(number * 100 + i) + "(x: u32) -> u32 { x * " + std::to_string(i * 7919 + number) +
            " + LIMIT" + std::to_string(i * i) + " }\nconst LIMIT" + std::to_string(i * i) + ": u32 = " +
            std::to_string(i * 31) + ";\n";
  return text;
}

std::string make_growing_files(const TemporaryFolder& folder) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < kFiles; ++i) files["src/" + std::to_string(i) + ".rs"] = source(i);
  return make_trace(folder, files);
}

FindingsInput quick(const std::string& trace, const std::string& sample) {
  return {.trace = trace, .sample_path = "sample.rs", .sample = sample, .region = std::chrono::milliseconds(1), .rounds = 3};
}

double zlib_ratio(const std::string& text) {
  std::vector<Bytef> out(compressBound(text.size()));
  uLongf size = out.size();
  REQUIRE(compress(out.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size()) == Z_OK);
  return static_cast<double>(text.size()) / static_cast<double>(size);
}

const std::string kSample = std::string(trace::marker_sample());

} // namespace

TEST_CASE("a line's R² and worst deviation", "[findings]") {
  const double x[] = {0, 1, 2, 3}, exact[] = {5, 7, 9, 11}, zigzag[] = {0, 1, 0, 1};
  const trace::Line line = trace::fit_line(x, exact);
  CHECK(line.slope == Approx(2));
  CHECK(line.intercept == Approx(5));
  CHECK(line.r2 == Approx(1));
  CHECK(line.worst == Approx(0).margin(1e-12));
  const trace::Line rough = trace::fit_line(x, zigzag); // by hand: y = 0.2 + 0.2 x, off by 0.2, 0.6, 0.6, 0.2
  CHECK(rough.slope == Approx(0.2));
  CHECK(rough.r2 == Approx(0.2));
  CHECK(rough.worst == Approx(0.6));
  CHECK(trace::quantile({4, 1, 3, 2}, 0.25) == Approx(1.75));
  CHECK(trace::median({4, 1, 3, 2}) == Approx(2.5));
}

TEST_CASE("ridge predicts each row from the others: least squares, shrunk by the penalty", "[findings]") {
  const std::vector<std::vector<double>> rows = {{1}, {2}, {4}, {7}, {11}}, doubled = {{1, 1}, {2, 2}, {4, 4}, {7, 7}, {11, 11}};
  const std::vector<double> y = {3, 1, 4, 1, 5};
  const trace::ColumnBlock one = {0, 1}, two = {0, 2};
  const std::vector<double> plain = trace::ridge_leave_one_out(rows, y, {&one, 1}, 1e-9),
                            shrunk = trace::ridge_leave_one_out(rows, y, {&one, 1}, 1),
                            twice = trace::ridge_leave_one_out(doubled, y, {&two, 1}, 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> x, others;
    double mean = 0;
    for (std::size_t j = 0; j < rows.size(); ++j)
      if (j != i) x.push_back(rows[j][0]), others.push_back(y[j]), mean += y[j] / 4;
    const trace::Line line = trace::fit_line(x, others);
    const double expected = line.intercept + line.slope * rows[i][0];
    CHECK(plain[i] == Approx(expected).epsilon(1e-6));
    CHECK(shrunk[i] - mean == Approx((expected - mean) * 4 / 5)); // four standardised observations against a penalty of one
    CHECK(twice[i] == Approx(shrunk[i]));                        // a block counts once, however wide
  }
  CHECK(trace::held_out_r2(y, y) == 1);
  const std::vector<double> means = {11.0 / 4, 13.0 / 4, 10.0 / 4, 13.0 / 4, 9.0 / 4}; // of the others
  CHECK(trace::held_out_r2(y, means) == Approx(0).margin(1e-12));
}

TEST_CASE("compression and tokens are the sample's: another sample, other figures", "[findings]") {
  const std::string once = "const A: u32 = 7;\n", thrice = once + once + once;
  double ratios[2];
  for (const std::string& sample : {once, thrice}) {
    Finding ratio, tokens;
    REQUIRE(find_compression(quick("", sample), ratio));
    CHECK(*ratio.ours == Approx(zlib_ratio(sample)));
    ratios[sample == thrice] = *ratio.ours;
    REQUIRE(find_tokens(quick("", sample), tokens));
    CHECK(*tokens.ours == (sample == once ? 7 : 21)); // const A : u32 = 7 ;
    CHECK(tokens.verdict == Verdict::holds);
  }
  CHECK(ratios[0] < ratios[1]);
  Finding other;
  CHECK(!find_compression(quick("", ""), other));
  FindingsInput plain = quick("", "just words\n");
  plain.sample_path = "sample.txt";
  const Result<void> none = find_tokens(plain, other);
  REQUIRE(!none);
  CHECK(none.error().text() == "sample.txt: no tokens: language other has no grammar here");
}

TEST_CASE("positions: R² is that of the trace's own pieces", "[findings]") {
  TemporaryFolder folder;
  const std::string path = make_trace(folder, {{"a.rs", source(9)}, {"b.txt", "words without a grammar\n"}});
  Finding finding;
  REQUIRE(find_positions(quick(path, ""), finding));
  const std::string r2 = must_run(
      "sqlite3 -batch " + path + " \"with p as (select 1.0 * begin x, 1.0 * bit_begin y from piece join object using (object) "
      "where language = 'rust'), s as (select count(*) n, sum(x) x, sum(y) y, sum(x * x) xx, sum(y * y) yy, sum(x * y) xy from p) "
      "select (n * xy - x * y) * (n * xy - x * y) / ((n * xx - x * x) * (n * yy - y * y)) from s\"");
  CHECK(*finding.ours == Approx(std::stod(r2)));
  const std::string which = " of 1 blobs (left out: 0 deltas, whose bytes lie in several streams, and 1 blobs";
  CHECK(finding.why.find(which) != std::string::npos);
}

TEST_CASE("compile cost: a cost that follows the stream is found, one that doesn't is not", "[findings]") {
  TemporaryFolder folder;
  FindingsInput input = quick(make_growing_files(folder), "");
  Finding none, follows, scrambled;
  const Result<void> unmeasured = find_compile_cost(input, none);
  REQUIRE(!unmeasured);
  CHECK(unmeasured.error().what.ends_with("`nix build .#self-build-trace` measures it"));
  CHECK(unmeasured.error().what.starts_with("not measured: 0 units have a cost"));

  std::string good, bad;
  for (int i = 0; i < kFiles; ++i) {
    const auto line = [&](double cost) {
      return "{\"unit\":\"src/" + std::to_string(i) + ".rs\",\"kind\":\"compile\",\"instructions\":" +
             std::to_string(static_cast<long>(cost)) + ",\"measured\":\"instructions:u\"}\n";
    };
    good += line(1e6 * std::pow(static_cast<double>(source(i).size()) / zlib_ratio(source(i)), 1.5));
    bad += line(1e6 * (1 + (i * 5 + 3) % kFiles)); // a permutation that has nothing to do with the size
  }
  write_file(folder / "good.jsonl", good);
  write_file(folder / "bad.jsonl", bad);
  write_file(folder / "refused.jsonl",
             "{\"unit\":\"src/1.rs\",\"measured\":\"not measured\",\"fallback\":\"perf is not installed\"}\n");
  input.build_steps = folder / "refused.jsonl";
  const Result<void> refused = find_compile_cost(input, none);
  REQUIRE(!refused);
  CHECK(refused.error().what.ends_with("(perf is not installed)"));
  input.build_steps = folder / "good.jsonl";
  REQUIRE(find_compile_cost(input, follows));
  CHECK(*follows.ours > 0.8);
  CHECK(follows.verdict == Verdict::holds);
  CHECK(follows.why.starts_with("14 units of our own build, by instructions:u; "));
  input.build_steps = folder / "bad.jsonl";
  REQUIRE(find_compile_cost(input, scrambled));
  CHECK(*scrambled.ours < 0.1);
  CHECK(scrambled.verdict == Verdict::does_not_hold);
  CHECK(must_run("sqlite3 -batch " + input.trace + " 'select count(*) from build_step'") == "0\n"); // the trace is only read
}

TEST_CASE("decompression: what counts is named, and a stored stream is cheaper than a coded one", "[findings]") {
  // A machine whose instruction counter is this thread's own time: the figures are real, the name is the hardware's.
  struct Clock : perf::Event {
    std::optional<perf::RawCount> read() override {
      timespec now = {};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      const std::uint64_t ns = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
      return perf::RawCount{ns, ns, ns};
    }
    bool enable() override { return true; }
    bool disable() override { return true; }
  };
  FindingsInput input = quick("", kSample);
  input.open_event = [](const perf_event_attr&, std::span<const pid_t>) { return std::make_unique<Clock>(); };
  input.open_ring = [](const perf_event_attr&, unsigned) { return std::unexpected(perf::Refusal::unsupported); };
  Finding finding;
  REQUIRE(find_decompression(input, finding));
  CHECK(*finding.ours > 1.5);
  CHECK(finding.verdict != Verdict::holds);
  CHECK(finding.why.find(" regions a level by instructions:u, whose") != std::string::npos);
  CHECK(finding.why.find("No samples: not measured: cycles:u: not supported by this machine") != std::string::npos);
  CHECK(finding.detail.find("zlib, instructions") != std::string::npos);
}

TEST_CASE("the program writes both files, as the contract has them", "[findings]") {
  TemporaryFolder folder;
  const std::string path = make_growing_files(folder);
  write_file(folder / "sample.rs", kSample);
  must_run(kProgram + " findings --sample " + (folder / "sample.rs") + " -o " + (folder / "out/here") + " --trace-out " +
           (folder / "marked.sqlite") + " " + path + " >/dev/null");
  const Json json = Json::parse(read_file(folder / "out/here/findings.json"));
  const std::string markdown = read_file(folder / "out/here/findings.md");
  REQUIRE(json.size() == 8);
  const std::set<std::string> verdicts = {"holds", "holds in part", "does not hold", "not measured"};
  std::map<std::string, Json> by_id;
  for (const Json& finding : json) {
    std::string keys;
    for (const auto& [key, value] : finding.items()) keys += key + " ";
    CHECK(keys == "claim id ours theirs unit verdict why ");
    CHECK(verdicts.contains(finding["verdict"].get<std::string>()));
    CHECK(finding["ours"].is_null() == (finding["verdict"] == "not measured"));
    CHECK(!finding["why"].get<std::string>().empty());
    CHECK(markdown.find("## " + finding["id"].get<std::string>() + "\n") != std::string::npos);
    by_id[finding["id"].get<std::string>()] = finding;
  }
  CHECK(by_id["compression-ratio"]["ours"].get<double>() == Approx(zlib_ratio(kSample)));
  CHECK(by_id["compile-cost"]["verdict"] == "not measured"); // this trace has no build steps
  const std::string reads = must_run("sqlite3 -batch " + (folder / "marked.sqlite") + " \"select count(*) from marker where "
                                     "packer = 'libgit2' and phase = 'before' and kind = 'read'\"");
  const Json& marker = by_id["marker-reads"]["ours"];
  CHECK(reads == (marker.is_null() ? "0" : std::to_string(marker.get<long>())) + "\n");
  const std::string rest = " -o " + (folder / "out") + " " + path + " 2>/dev/null";
  CHECK(run(kProgram + " findings --sample " + (folder / "none.rs") + rest).status == 1);
  CHECK(run(kProgram + " findings" + rest).status == 2);
}

TEST_CASE("with perf refused the measured findings say so, and the others are there", "[findings]") {
  TemporaryFolder folder;
  const std::string path = make_growing_files(folder);
  const std::string told = without_perf([&](std::string& out) { out = findings_json(measure_findings(quick(path, kSample))); });
  std::map<std::string, Json> by_id;
  for (const Json& finding : Json::parse(told)) by_id[finding["id"].get<std::string>()] = finding;
  for (const char* id : {"decompression-cost", "marker-reads", "direct-path"}) {
    CHECK(by_id[id]["verdict"] == "not measured");
    CHECK(by_id[id]["ours"].is_null());
    CHECK(by_id[id]["why"].get<std::string>().starts_with("not measured: "));
  }
  for (const char* id : {"compression-ratio", "tokens-mapped", "positions", "kind-from-16-bytes"})
    CHECK(by_id[id]["ours"].is_number());
}
