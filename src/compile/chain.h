// One unit through the compilers of the chain: accepted or not, at what cost, and what the result does.
//
// The idea: each compiler reads the same files of one private folder and is measured twice: undisturbed for its time, under a
// tracer for what it reads. Wrong code is told from a rejection by running what was made.
#pragma once

#include "compile/capture.h"
#include "compile/chain_compiler.h"
#include "compile/private_folder.h"
#include "perf/system_calls.h"

namespace packscope::compile {

struct ChainLimits {
  double compile_seconds = 60, run_seconds = 10;
  std::uint64_t compile_memory = std::uint64_t{8} << 30, run_memory = std::uint64_t{1} << 30; // address space
  std::uint64_t file_bytes = std::uint64_t{256} << 20;
};

// A compiler at one of its levels.
struct Setting {
  ChainCompiler compiler;
  std::string level; // "-O2"; empty: it has none
  std::string title() const { return compiler.name + (level.empty() ? "" : " " + level); }
};
// Those without levels once, the others at each of `levels` ("0", "2", "s").
std::vector<Setting> settings_of(const std::vector<ChainCompiler>& compilers, const std::vector<std::string>& levels);

enum class Behaviour : std::uint8_t { not_run, same, differs };
const char* name(Behaviour behaviour); // "not run"

struct UnitOutcome {
  bool ok = false;                        // an object was made, and, where a program was asked for, it
  std::string message = {};               // why not; or what is wrong with what the program did
  bool timed_out = false;
  std::optional<perf::Reading> reading = {}; // of the run without the tracer
  std::optional<perf::SystemCalls> calls = {};
  std::string calls_refused = {};         // why there are none
  std::optional<std::uint64_t> object_bytes = {};
  // Of the program that was made of it, if that was run.
  std::optional<int> exit_code = {};      // or 128 + signal
  std::string output = {};
  Behaviour behaviour = Behaviour::not_run;

  bool accepted() const { return ok && behaviour != Behaviour::differs; }
};

class Chain {
public:
  Chain(PrivateFolder& folder, ChainLimits limits) : folder_(folder), limits_(limits) {}

  // Where a unit's files are to be written: folder / kTree / path.
  static constexpr const char* kTree = "tree";

  // The object of tree/`path`. Errors: the folder cannot be used, the compiler cannot be started.
  Result<UnitOutcome> compile(const Setting& setting, const std::string& path, const std::vector<std::string>& flags = {});
  // Makes a program of the object that compile() left; without one `ok` is no more, unless it was `optional`. False: there is none.
  bool link(const Setting& setting, UnitOutcome& outcome, bool optional, const std::vector<std::string>& flags = {});
  // Runs that program, in an empty folder and with nothing on its input.
  void run(UnitOutcome& outcome);

  // What compile() and link() leave in the folder.
  static constexpr const char *kObjectFile = "out/unit.o", *kProgramFile = "out/unit.exe";

  // Any command, in the folder of outputs, within the limits of compilers.
  Result<Captured> command(const std::vector<std::string>& words, const std::vector<std::string>& environment = {}, std::string_view input = {});
  PrivateFolder& folder() { return folder_; }

private:
  Result<perf::ChildOptions> options(const std::vector<std::string>& environment);

  PrivateFolder& folder_;
  const ChainLimits limits_;
};

// Where no result is known beforehand: what most of those that ran did is right, of equally many the first; one that ran alone
// has nothing to be compared with.
void compare(std::vector<UnitOutcome>& outcomes);

} // namespace packscope::compile
