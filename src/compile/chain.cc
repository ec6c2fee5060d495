// Names that compilers see are relative to the folder of outputs, so that nothing they write depends on where that is.
#include "compile/chain.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>

namespace packscope::compile {
namespace {

constexpr const char* kOut = "out", *kTemporary = "tmp", *kRun = "run", *kObject = "unit.o", *kProgram = "unit.exe";
const std::string kAbove = std::string("../") + Chain::kTree + "/";

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

// The line that says why: the first with "error" in it, or else the last one.
std::string reason(std::string_view text) {
  std::string last;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    last = line;
    if (lower(line).find("error") != std::string::npos) break;
  }
  for (std::size_t at; (at = last.find(kAbove)) != std::string::npos;) last.erase(at, kAbove.size());
  constexpr std::size_t kLongest = 300;
  return last.substr(0, kLongest);
}

std::string why(int status, bool timed_out, const std::string& errors) {
  if (timed_out) return "out of time";
  if (const std::string words = reason(errors); !words.empty()) return words;
  return status > 128 ? "signal " + std::to_string(status - 128) : "exit " + std::to_string(status);
}

std::optional<std::uint64_t> size_of(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

} // namespace

const char* name(Behaviour behaviour) {
  return behaviour == Behaviour::same ? "same" : behaviour == Behaviour::differs ? "differs" : "not run";
}

std::vector<Setting> settings_of(const std::vector<ChainCompiler>& compilers, const std::vector<std::string>& levels) {
  std::vector<Setting> settings;
  for (const ChainCompiler& compiler : compilers) {
    if (!compiler.has_levels()) settings.push_back({compiler, ""});
    else
      for (const std::string& level : levels) settings.push_back({compiler, "-O" + level});
  }
  return settings;
}

Result<perf::ChildOptions> Chain::options(const std::vector<std::string>& environment) {
  perf::ChildOptions made;
  Result<std::string> out = folder_.folder(kOut), temporary = folder_.folder(kTemporary);
  if (!out) return std::unexpected(out.error());
  if (!temporary) return std::unexpected(temporary.error());
  made.folder = *out;
  made.environment = environment;
  made.environment.push_back("TMPDIR=" + *temporary);
  made.limits = {limits_.compile_seconds, limits_.compile_memory, limits_.file_bytes};
  made.group = [this](pid_t group) { folder_.running(group); };
  return made;
}

Result<Captured> Chain::command(const std::vector<std::string>& words, const std::vector<std::string>& environment, std::string_view input) {
  const Result<perf::ChildOptions> made = options(environment);
  if (!made) return std::unexpected(made.error());
  return run_captured(words, *made, input);
}

Result<UnitOutcome> Chain::compile(const Setting& setting, const std::string& path, const std::vector<std::string>& flags) {
  folder_.remove(kOut);
  folder_.remove(kTemporary);
  Result<perf::ChildOptions> made = options(setting.compiler.environment);
  if (!made) return std::unexpected(made.error());
  const std::vector<std::string> words = compile_command(setting.compiler, setting.level, flags, kAbove + path, kObject);
  const Result<Captured> ran = run_captured(words, *made);
  if (!ran) return std::unexpected(ran.error());
  UnitOutcome outcome{.timed_out = ran->reading.timed_out, .reading = ran->reading.reading};
  const std::string object = made->folder + "/" + kObject;
  if (ran->reading.status == 0) outcome.object_bytes = size_of(object);
  outcome.ok = outcome.object_bytes.value_or(0) > 0;
  if (!outcome.ok) outcome.message = why(ran->reading.status, outcome.timed_out, ran->errors + "\n" + ran->output);
  if (outcome.timed_out) return outcome;
  const Result<Capture> capture = Capture::create(); // the same again, with a tracer
  if (!capture) return std::unexpected(capture.error());
  capture->attach(*made);
  Result<perf::SystemCalls> calls = perf::trace_system_calls(words, *made, folder_.path());
  if (!calls) outcome.calls_refused = calls.error().text();
  else if (!calls->timed_out) outcome.calls = *calls;
  if (outcome.ok && size_of(object).value_or(0) == 0) outcome.ok = false, outcome.message = "made an object, and none when asked again";
  return outcome;
}

bool Chain::link(const Setting& setting, UnitOutcome& outcome, bool optional, const std::vector<std::string>& flags) {
  if (!outcome.ok) return false;
  std::vector<std::string> words = link_command(setting.compiler, kObject, kProgram);
  words.insert(words.end(), flags.begin(), flags.end());
  const Result<Captured> ran = command(words, setting.compiler.environment);
  if (ran && ran->reading.status == 0 && size_of(folder_ / kProgramFile).value_or(0) > 0) return true;
  if (!optional) {
    outcome.ok = false;
    outcome.message = "link: " + (ran ? why(ran->reading.status, ran->reading.timed_out, ran->errors + "\n" + ran->output) : ran.error().text());
  }
  return false;
}

void Chain::run(UnitOutcome& outcome) {
  folder_.remove(kRun);
  const Result<std::string> here = folder_.folder(kRun);
  if (!here) {
    outcome.message = here.error().text();
    return;
  }
  perf::ChildOptions made{.folder = *here};
  made.environment = {"TMPDIR=" + *here, "HOME=" + *here};
  made.limits = {limits_.run_seconds, limits_.run_memory, std::min<std::uint64_t>(limits_.file_bytes, 16 << 20)};
  made.group = [this](pid_t group) { folder_.running(group); };
  const Result<Captured> ran = run_captured({folder_ / kProgramFile}, made);
  if (!ran) {
    outcome.message = ran.error().text();
    return;
  }
  outcome.exit_code = ran->reading.status;
  outcome.output = ran->output;
  if (ran->reading.timed_out) outcome.message = "the program ran out of time";
}

void compare(std::vector<UnitOutcome>& outcomes) {
  const auto alike = [](const UnitOutcome& a, const UnitOutcome& b) { return a.exit_code == b.exit_code && a.output == b.output; };
  const UnitOutcome* right = nullptr;
  std::ptrdiff_t votes = 0, all = 0;
  for (const UnitOutcome& one : outcomes) {
    if (!one.exit_code) continue;
    ++all;
    const std::ptrdiff_t those = std::ranges::count_if(outcomes, [&](const UnitOutcome& other) { return other.exit_code && alike(one, other); });
    if (those > votes) votes = those, right = &one;
  }
  if (all < 2) return;
  const UnitOutcome judged = *right;
  for (UnitOutcome& one : outcomes)
    if (one.exit_code) one.behaviour = alike(one, judged) ? Behaviour::same : Behaviour::differs;
}

} // namespace packscope::compile
