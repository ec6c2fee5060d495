// findings: what the original experiment claimed, measured again: findings.json for programs, findings.md for people.
#include "base/mapped_file.h"
#include "base/output_file.h"
#include "tools/commands.h"
#include "tools/revision.h"
#include "trace/dataset.h"
#include "trace/findings/findings.h"

#include <filesystem>
#include <memory>

namespace packscope::tools {
namespace {

struct FindingsCommand {
  std::string trace, sample, build_steps, output, trace_output;
  bool quiet = false;
};

// A copy of the trace, with the table `marker`.
Result<void> write_trace(const FindingsCommand& command, const trace::MarkerReport& markers) {
  Result<OutputFile> file = OutputFile::create(command.trace_output);
  if (!file) return std::unexpected(file.error());
  std::error_code code;
  std::filesystem::copy_file(command.trace, file->temporary_path(), std::filesystem::copy_options::overwrite_existing, code);
  if (code) return fail("copy: " + code.message(), command.trace);
  {
    Result<std::unique_ptr<Database>> database = Database::open_existing(file->temporary_path());
    if (!database) return std::unexpected(database.error());
    if (Result<void> added = trace::add_markers(**database, markers); !added) return added;
  }
  return file->commit();
}

int run_findings(const FindingsCommand& command) {
  Report report;
  report.quiet = command.quiet;
  const auto give_up = [&](const Error& error) {
    report.error(error);
    return report.exit_code();
  };
  const Result<MappedFile> sample = MappedFile::open(command.sample);
  if (!sample) return give_up(sample.error());
  if (const Result<std::unique_ptr<Database>> opened = trace::open_trace(command.trace); !opened)
    return give_up(opened.error());
  std::error_code code;
  std::filesystem::create_directories(command.output, code);
  if (code) return give_up({.what = "create: " + code.message(), .file = command.output});

  trace::Findings findings;
  {
    Progress progress("findings", 9, "measurements", command.quiet ? ProgressMode::never : ProgressMode::automatic);
    findings = trace::measure_findings({.trace = command.trace, .sample_path = command.sample,
                                        .sample = std::string(as_text(sample->bytes())), .build_steps = command.build_steps},
                                       [&](std::string_view what) { progress.advance(1, std::string(what)); });
  }
  const std::string by = "Measured by `packscope findings` of packscope " PACKSCOPE_VERSION " (" PACKSCOPE_REVISION "), sample " +
                         std::filesystem::path(command.sample).filename().string() + ", trace " +
                         std::filesystem::path(command.trace).filename().string() +
                         ". Instructions are counted in user mode; a task clock also runs in the kernel.";
  for (const auto& [file, text] : {std::pair("findings.json", findings_json(findings)),
                                   std::pair("findings.md", findings_markdown(findings, by))})
    if (const Result<void> written = write_whole(command.output + "/" + file, text); !written) report.error(written.error());
  if (!command.trace_output.empty())
    if (const Result<void> written = write_trace(command, findings.markers); !written) report.error(written.error());

  Output out;
  for (const trace::Finding& finding : findings.list) {
    char line[120];
    std::snprintf(line, sizeof line, "%-20s %-14s ", finding.id.c_str(), std::string(trace::name(finding.verdict)).c_str());
    out.write(line + (finding.ours ? trace::figure(*finding.ours) + " " + finding.unit : finding.why) + "\n");
  }
  if (report.errors() == 0) out.write("written to " + command.output + "/findings.md and findings.json\n");
  out.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_findings(CLI::App& app) {
  auto command = std::make_shared<FindingsCommand>();
  app.add_option("TRACE", command->trace, "A trace, as `packscope trace` writes it, its packs beside it")->required();
  app.add_option("--sample", command->sample, "The source text that is compressed, traced and watched")
      ->type_name("FILE")
      ->required();
  app.add_option("--steps", command->build_steps,
                 "Cost of each translation unit (JSON Lines); without: what the trace holds of it")
      ->type_name("FILE");
  app.add_option("-o,--output", command->output, "The folder for findings.md and findings.json")->type_name("DIR")->required();
  app.add_option("--trace-out", command->trace_output, "A copy of the trace with the accesses to the sample's markers")
      ->type_name("FILE");
  app.add_flag("--quiet,-q", command->quiet, "No progress");
  return [command] { return run_findings(*command); };
}

} // namespace packscope::tools
