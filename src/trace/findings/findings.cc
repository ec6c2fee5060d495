// All findings in order; as JSON for programs and as Markdown for people.
#include "trace/findings/findings.h"

#include "base/json.h"
#include "perf/reading.h"

namespace packscope::trace {
namespace {

// A '|' would end a cell of a table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char byte : text) {
    if (byte == '|') out += '\\';
    out += byte;
  }
  return out;
}

std::string ours_text(const Finding& finding) {
  return finding.ours ? figure(*finding.ours) + " " + finding.unit : std::string(perf::kNotMeasured);
}

} // namespace

Findings measure_findings(const FindingsInput& input, const std::function<void(std::string_view)>& begun) {
  Findings findings;
  const auto add = [&](std::string_view what, const std::function<Result<void>(Finding&)>& measure) {
    if (begun) begun(what);
    Finding finding;
    if (const Result<void> done = measure(finding); !done) {
      finding.ours.reset();
      finding.verdict = Verdict::not_measured;
      finding.why = done.error().text();
    }
    findings.list.push_back(std::move(finding));
  };
  add("compression", [&](Finding& out) { return find_compression(input, out); });
  add("tokens", [&](Finding& out) { return find_tokens(input, out); });
  add("decompression", [&](Finding& out) { return find_decompression(input, out); });
  add("markers", [&](Finding& out) { return find_markers_read(input, findings.markers, out); });
  add("positions", [&](Finding& out) { return find_positions(input, out); });
  if (begun) begun("training");
  const Result<KindNetwork> network = train_kind_network(input);
  add("kinds", [&](Finding& out) { return find_kinds(network, out); });
  add("paths", [&](Finding& out) { return find_paths(input, network, out); });
  add("compile cost", [&](Finding& out) { return find_compile_cost(input, out); });
  return findings;
}

std::string findings_json(const Findings& findings) {
  std::string text = "[";
  for (const Finding& finding : findings.list) {
    JsonWriter json;
    json.begin_object().field("id", finding.id).field("claim", finding.claim);
    if (finding.theirs) json.field("theirs", *finding.theirs);
    else json.null_field("theirs");
    if (finding.ours) json.field("ours", *finding.ours);
    else json.null_field("ours");
    json.field("unit", finding.unit).field("verdict", name(finding.verdict)).field("why", finding.why).end_object();
    text += (text.size() > 1 ? ",\n " : "\n ") + json.text();
  }
  return text + "\n]\n";
}

std::string findings_markdown(const Findings& findings, const std::string& by) {
  std::string text = "# Findings\n\nWhat the original experiment claimed, and what this build measured.\n\n"
                     "| claim | theirs | ours | verdict |\n|---|---|---|---|\n";
  for (const Finding& finding : findings.list)
    text += "| [" + cell(finding.claim) + "](#" + finding.id + ") | " + cell(finding.theirs_text) + " | " +
            cell(ours_text(finding)) + " | **" + std::string(name(finding.verdict)) + "** |\n";
  for (const Finding& finding : findings.list) {
    text += "\n## " + finding.id + "\n\n" + finding.claim + ": **" + std::string(name(finding.verdict)) + "**. Theirs: " +
            finding.theirs_text + ". Ours: " + ours_text(finding) + ".\n\nWhat it rests on: " + finding.why + "\n";
    if (!finding.detail.empty()) text += "\n" + finding.detail;
  }
  return valid_utf8(text + "\n---\n" + by + "\n");
}

} // namespace packscope::trace
