// Marked bytes under breakpoints: who touches them, and that the figures are the sample's.
#include "trace/markers.h"

#include "no_perf.h"
#include "made_trace.h"
#include "trace/schema.h"

#include <catch2/catch_test_macros.hpp>
#include <zlib.h>

#include <map>
#include <set>

using namespace packscope;
using namespace packscope::test;
using packscope::trace::Marker;
using packscope::trace::MarkerAccess;
using packscope::trace::MarkerReport;

namespace {

MarkerReport measured(std::string_view sample) {
  Result<MarkerReport> report = trace::measure_markers(sample);
  REQUIRE(report);
  if (!report->refused.empty()) SKIP(report->refused);
  CHECK(report->repeats);
  CHECK(report->lost == 0);
  return *report;
}

std::string replaced(std::string_view text, const std::string& what, const std::string& by) {
  std::string result(text);
  const std::size_t at = result.find(what);
  REQUIRE(at != std::string::npos);
  return result.replace(at, what.size(), by);
}

} // namespace

TEST_CASE("the sample's markers are the primes up to 71, each where its first digit stands") {
  const std::string_view sample = trace::marker_sample();
  const std::vector<Marker> markers = trace::find_markers(sample);
  std::vector<std::uint64_t> values;
  for (const Marker& marker : markers) {
    values.push_back(marker.value);
    const std::string digits = std::to_string(marker.value);
    CHECK(sample.substr(marker.text_offset, digits.size() + 1) == digits + ";");
  }
  CHECK(values == std::vector<std::uint64_t>{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71});
}

TEST_CASE("lines without a number, without the mark, or without an end are no markers or are the last") {
  CHECK(trace::find_markers("").empty());
  CHECK(trace::find_markers("a = b; // marker\nx = 5;\n").empty());
  CHECK(trace::find_markers("5 // marker").empty());
  const std::vector<Marker> markers = trace::find_markers("// 1\nx9 = 53; // marker");
  REQUIRE(markers.size() == 1);
  CHECK(markers[0].value == 53);
  CHECK(markers[0].text_offset == 10);
}

TEST_CASE("every marker is read before and inside DEFLATE, and by whom is known") {
  const MarkerReport report = measured(trace::marker_sample());
  std::map<std::string, std::set<std::uint64_t>> touched;
  for (const MarkerAccess& row : report.accesses) {
    const std::string where = std::string(row.packer) + " " + row.buffer + " " + row.phase;
    touched[where].insert(row.marker.value);
    // The kind, phase and stack of one row must not contradict each other.
    CHECK((row.stack.find(":deflate;") != std::string::npos || row.stack.ends_with(":deflate")) ==
          (std::string_view(row.phase) == "inside"));
    CHECK(row.stack.ends_with(row.function));
    CHECK(row.phase != std::string_view("after")); // nothing but the packer touches the bytes
    CHECK(row.stack.starts_with(std::string_view(row.packer) == "zlib" ? "libz" : "libgit2"));
    if (std::string_view(row.buffer) != "window") CHECK(row.kind == std::string_view("read"));
  }
  // libgit2 hashes the text when it is written, and the object when it comes back; then zlib copies it to its window.
  CHECK(touched["libgit2 text before"].size() == 20);
  CHECK(touched["libgit2 text inside"].empty());
  CHECK(touched["libgit2 object before"].size() == 20);
  CHECK(touched["libgit2 object inside"].size() == 20);
  CHECK(touched["zlib text before"].empty());
  CHECK(touched["zlib text inside"].size() == 20);
  if (report.window_found) {
    CHECK(touched["zlib window inside"].size() == 20);
    CHECK(report.count("zlib", "window", "inside", "write") >= 20);
    CHECK(report.count("zlib", "window", "inside", "read") >= 20);
  }
}

TEST_CASE("accesses are numbered without gaps, by marker and by pass") {
  const MarkerReport report = measured(trace::marker_sample());
  std::map<std::string, std::uint64_t> by_pass, by_marker;
  for (const MarkerAccess& row : report.accesses) {
    const std::string buffer = std::string(row.packer) + row.buffer;
    CHECK(row.ordinal == ++by_pass[buffer + std::to_string(row.pass)]);
    CHECK(row.access == ++by_marker[buffer + ":" + std::to_string(row.marker.value)]);
  }
}

TEST_CASE("measured twice it is the same; another sample, other figures") {
  const auto shape = [](const MarkerReport& report) {
    std::string text;
    for (const MarkerAccess& row : report.accesses)
      text += std::string(row.packer) + row.buffer + std::to_string(row.marker.value) + row.phase + row.kind + row.stack + "\n";
    return text;
  };
  const std::string_view sample = trace::marker_sample();
  const MarkerReport once = measured(sample), twice = measured(sample);
  CHECK(shape(once) == shape(twice));
  CHECK(once.zlib_bytes == twice.zlib_bytes);

  const MarkerReport fewer = measured(replaced(sample, "= 37; // marker", "= 37;"));
  CHECK(fewer.markers == 19);
  CHECK(fewer.sample_bytes == sample.size() - 10);
  CHECK(fewer.count("libgit2", "object", "before", "read") < once.count("libgit2", "object", "before", "read"));
  CHECK(shape(fewer).find("text37") == std::string::npos);

  // A marker in the middle of a repetition is compared by longest_match more often than one that stands alone.
  const std::string again(sample.substr(0, 1500));
  const MarkerReport repeated = measured(std::string(sample) + again);
  CHECK(repeated.zlib_bytes > once.zlib_bytes);
  CHECK(repeated.count("zlib", "window", "inside", "read") > once.count("zlib", "window", "inside", "read"));
}

TEST_CASE("the sizes are zlib's and git's") {
  const Result<MarkerReport> report = trace::measure_markers(trace::marker_sample());
  REQUIRE(report);
  const std::string_view sample = trace::marker_sample();
  std::vector<Bytef> out(compressBound(sample.size()));
  uLongf size = out.size();
  compress(out.data(), &size, reinterpret_cast<const Bytef*>(sample.data()), sample.size());
  CHECK(report->zlib_bytes == size);
  CHECK(report->sample_bytes == 3075);
  CHECK(report->pack_bytes == 12 + 3 + size + 20); // header, entry header (size over 11 bits), stream, trailer
}

TEST_CASE("the table says what the report says") {
  const MarkerReport report = measured(trace::marker_sample());
  TemporaryFolder folder;
  {
    Result<std::unique_ptr<Database>> database = Database::create(folder / "t");
    REQUIRE(database);
    (*database)->execute(trace::kTables);
    REQUIRE(trace::add_markers(**database, report));
    REQUIRE(trace::add_markers(**database, report)); // again: replaced, not doubled
  }
  CHECK(query(folder / "t", "select count(*) from marker") == std::to_string(report.accesses.size()) + "\n");
  CHECK(query(folder / "t", "select count(*) from marker where packer = 'libgit2' and phase = 'before'") ==
        std::to_string(report.count("libgit2", nullptr, "before", nullptr)) + "\n");
  CHECK(query(folder / "t", "select value from meta where key = 'marker_measured'") == "hardware breakpoints\n");
}

TEST_CASE("refused breakpoints are named; the sizes are still there, the table is empty") {
  const std::string told = without_perf([](std::string& out) {
    TemporaryFolder folder;
    const Result<MarkerReport> report = trace::measure_markers(trace::marker_sample());
    if (!report) {
      out = report.error().text();
      return;
    }
    Result<std::unique_ptr<Database>> database = Database::create(folder / "t");
    (*database)->execute(trace::kTables);
    const Result<void> added = trace::add_markers(**database, *report);
    out = (added ? "" : added.error().text()) + (report->zlib_bytes > 1000 ? "sizes\n" : "no sizes\n");
    Statement rows = (*database)->prepare("select (select count(*) from marker), value from meta where key = 'marker_measured'");
    if (rows.step()) out += std::to_string(rows.integer(0)) + " " + rows.text(1);
  });
  CHECK(told.starts_with("sizes\n0 not measured: breakpoints: "));
}
