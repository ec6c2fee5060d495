// Programs that were made are kept in stages/; the library that tinycc links its programs with is in lib/, which -B names.
#include "compile/bootstrap.h"

#include "compile/feature_texts.h"
#include "pack/store.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace packscope::compile {
namespace {

namespace fs = std::filesystem;

const std::string kTreeFolder = Chain::kTree;
constexpr const char* kStages = "stages";

std::string blob_id(std::string_view bytes) { return pack::hash_object(pack::ObjectType::blob, as_bytes(bytes)).hex(); }

// Where a C library lies is what tinycc asks at configuration.
std::string configuration(std::string version) {
  std::erase_if(version, [](char c) { return !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && c != '.' && c != '-'; });
  std::string text = "#define TCC_VERSION \"" + (version.empty() ? std::string("0.9") : version) + "\"\n"
                     "#define CONFIG_TCC_PREDEFS 0\n#define CONFIG_TCCDIR \".\"\n#define CONFIG_TCC_BACKTRACE 0\n#define CONFIG_TCC_BCHECK 0\n";
#if defined(__x86_64__)
  text += "#define TCC_TARGET_X86_64 1\n";
  constexpr const char* kTriplet = "x86_64-linux-gnu";
#else
  text += "#define TCC_TARGET_ARM64 1\n";
  constexpr const char* kTriplet = "aarch64-linux-gnu";
#endif
  if (::access(("/usr/lib/" + std::string(kTriplet) + "/crt1.o").c_str(), R_OK) == 0) text += "#define CONFIG_TRIPLET \"" + std::string(kTriplet) + "\"\n";
  return text;
}

const std::vector<std::string> kTinyccFlags = {"-DONE_SOURCE=1", "-I../tree"};
const std::vector<std::string> kTinyccLibraries = {"-ldl", "-lpthread"};
constexpr const char* kTinyccLibraryFlag = "-B../lib";
// What libtcc1.a consists of, of what a version has.
constexpr const char* kLibraryFiles[] = {"libtcc1.c", "va_list.c", "stdatomic.c", "builtin.c", "alloca.S", "alloca86_64.S", "atomic.S", "dsohandle.c"};

} // namespace

std::string_view small_compiler() { return kSmallCompiler; }

std::size_t Bootstrap::add(BootstrapStep step) {
  steps_.push_back(std::move(step));
  if (on_step) on_step(steps_.back());
  return steps_.size() - 1;
}

std::optional<Bootstrap::Built> Bootstrap::build(const Setting& by, const std::string& source, const std::string& made, const std::vector<std::string>& flags,
                                                 const std::vector<std::string>& link_flags) {
  BootstrapStep step{.made = made, .by = by.title()};
  Result<UnitOutcome> outcome = chain_.compile(by, source, flags);
  if (outcome) chain_.link(by, *outcome, false, link_flags);
  step.ok = outcome && outcome->ok;
  step.message = outcome ? outcome->message : outcome.error().text();
  if (outcome) step.reading = outcome->reading, step.calls = outcome->calls;
  if (!step.ok) {
    add(std::move(step));
    return std::nullopt;
  }
  const std::string name = std::string(kStages) + "/" + std::to_string(stages_++);
  const Result<std::string> program = chain_.folder().read(Chain::kProgramFile);
  Result<void> kept = program ? chain_.folder().write(name, *program) : std::unexpected(program.error());
  if (kept && ::chmod((chain_.folder() / name).c_str(), 0700) != 0) kept = fail_errno("chmod", name);
  step.ok = kept.has_value();
  if (!kept) step.message = kept.error().text();
  else step.bytes = program->size(), step.id = blob_id(*program);
  const std::size_t number = add(std::move(step));
  if (!kept) return std::nullopt;
  ChainCompiler compiler{.name = made, .program = chain_.folder() / name, .version = {}, .family = Family::tcc, .environment = {"LC_ALL=C"}};
  return Built{{std::move(compiler), ""}, number};
}

// Both in and out by standard streams.
std::size_t Bootstrap::compiled_small(const std::string& program, const std::string& by, const std::string& made) {
  BootstrapStep step{.made = made, .by = by};
  const Result<Captured> ran = chain_.command({program}, {}, small_compiler());
  step.ok = ran && ran->reading.status == 0 && !ran->output.empty();
  if (!ran) step.message = ran.error().text();
  else if (!step.ok) step.message = "exit " + std::to_string(ran->reading.status) + " " + ran->errors.substr(0, ran->errors.find('\n'));
  if (ran) step.reading = ran->reading.reading;
  if (step.ok) step.bytes = ran->output.size(), step.id = blob_id(ran->output);
  if (step.ok && chain_.folder().write(std::string(kStages) + "/" + std::to_string(stages_), ran->output))
    ::chmod((chain_.folder() / (std::string(kStages) + "/" + std::to_string(stages_))).c_str(), 0700);
  ++stages_;
  return add(std::move(step));
}

void Bootstrap::same(const std::string& claim, const std::vector<std::size_t>& steps) {
  BootstrapVerdict verdict{.claim = claim, .holds = {}};
  const BootstrapStep* first = nullptr;
  for (const std::size_t number : steps) {
    const BootstrapStep& step = steps_[number];
    if (!step.ok) continue;
    verdict.of.push_back(step.made);
    if (first == nullptr) {
      first = &step;
      continue;
    }
    const bool alike = step.id == first->id;
    verdict.holds = verdict.holds.value_or(true) && alike;
    if (!alike && verdict.why.empty()) verdict.why = step.made + " is not the same as " + first->made;
  }
  if (first != nullptr) verdict.bytes = first->bytes.value_or(0);
  if (!verdict.holds) verdict.why = "fewer than two were made";
  verdicts_.push_back(std::move(verdict));
}

void Bootstrap::small() {
  const std::string source = "small.c";
  std::vector<std::size_t> outputs;
  if (const Result<void> written = chain_.folder().write(kTreeFolder + "/" + source, small_compiler()); !written) {
    verdicts_.push_back({"the small compiler was built", false, written.error().text()});
    return;
  }
  std::optional<std::size_t> last;
  for (const Setting& one : settings_) {
    const std::optional<Built> built = build(one, source, "small by " + one.title(), {}, {});
    if (!built) continue;
    outputs.push_back(compiled_small(built->setting.compiler.program, steps_[built->step].made, "small by small by " + one.title()));
    if (steps_[outputs.back()].ok) last = outputs.back();
  }
  same("small compilers, whoever built them, make the same bytes of their own source", outputs);
  if (!last) return;
  const std::string program = chain_.folder() / (std::string(kStages) + "/" + std::to_string(stages_ - 1));
  const std::string by = steps_[*last].made;
  const std::size_t again = compiled_small(program, by, "small by small by small");
  same("what the small compiler makes of itself makes itself again: a fixed point", {*last, again});
}

bool Bootstrap::make_library(const Setting& stage) {
  PrivateFolder& folder = chain_.folder();
  folder.remove("lib");
  if (!folder.folder("lib/include")) return false;
  std::error_code error;
  for (const fs::directory_entry& header : fs::directory_iterator(folder / (kTreeFolder + "/include"), error)) {
    const std::string name = header.path().filename().string();
    const Result<std::string> text = folder.read(kTreeFolder + "/include/" + name);
    if (text && !folder.write("lib/include/" + name, *text)) return false;
  }
  std::vector<std::string> archive = {stage.compiler.program, "-ar", "../lib/libtcc1.a"};
  for (const std::string name : kLibraryFiles) {
    if (!folder.read(kTreeFolder + "/lib/" + name)) continue;
    const std::string object = "../lib/" + name + ".o";
    const Result<Captured> ran = chain_.command({stage.compiler.program, kTinyccLibraryFlag, "-c", "-o", object, "../tree/lib/" + name}, stage.compiler.environment);
    if (ran && ran->reading.status == 0) archive.push_back(object);
  }
  const Result<Captured> ran = chain_.command(archive, stage.compiler.environment);
  return ran && ran->reading.status == 0;
}

void Bootstrap::tinycc(bool run) {
  const std::string claim = "tcc, whoever built it, makes the same object of its own source", self = "tcc that builds itself reaches a fixed point";
  const std::string source = "tcc.c";
  const Result<std::string> version = chain_.folder().read(kTreeFolder + "/VERSION");
  if (!chain_.folder().read(kTreeFolder + "/" + source) || !chain_.folder().write(kTreeFolder + "/config.h", configuration(version.value_or("")))) {
    for (const std::string& one : {claim, self}) verdicts_.push_back({one, {}, "the tree has no tcc.c"});
    return;
  }
  std::vector<Built> built;
  for (const Setting& one : settings_)
    if (std::optional<Built> made = build(one, source, "tcc by " + one.title(), kTinyccFlags, kTinyccLibraries)) built.push_back(std::move(*made));
  if (!run) {
    for (const std::string& one : {claim, self}) verdicts_.push_back({one, {}, "compilers from a pack run only with --run"});
    return;
  }
  std::vector<std::string> flags = kTinyccFlags, libraries = kTinyccLibraries;
  flags.push_back(kTinyccLibraryFlag);
  libraries.push_back(kTinyccLibraryFlag);
  std::vector<std::size_t> objects;
  const Built* own = nullptr; // built by tcc, or else by the first
  for (const Built& one : built) {
    if (own == nullptr || (steps_[one.step].by == "tcc" && steps_[own->step].by != "tcc")) own = &one;
    BootstrapStep step{.made = "tcc.o by " + steps_[one.step].made, .by = steps_[one.step].made};
    if (!make_library(one.setting)) step.message = "its library libtcc1.a could not be made";
    Result<UnitOutcome> outcome = chain_.compile(one.setting, source, flags);
    const Result<std::string> object = outcome && outcome->ok ? chain_.folder().read(Chain::kObjectFile) : Result<std::string>(fail("no object"));
    step.ok = object.has_value();
    if (outcome) step.reading = outcome->reading, step.calls = outcome->calls;
    if (!step.ok) step.message = outcome ? outcome->message : outcome.error().text();
    else step.bytes = object->size(), step.id = blob_id(*object);
    objects.push_back(add(std::move(step)));
  }
  same(claim, objects);
  std::vector<std::size_t> chain; // the second and the third: the first is another compiler's work
  std::optional<Built> stage;
  if (own != nullptr) stage = *own;
  for (int i = 0; i < 2 && stage; ++i) {
    make_library(stage->setting);
    const std::string by = steps_[stage->step].made;
    stage = build(stage->setting, source, "tcc by " + by, flags, libraries);
    chain.push_back(steps_.size() - 1);
  }
  same(self, chain);
}

} // namespace packscope::compile
