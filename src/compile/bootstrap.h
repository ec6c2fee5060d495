// The edges of the bootstrap that can be walked on a machine: a compiler builds a compiler, which builds a compiler.
//
// The idea: what a compiler makes depends on its source and its input alone, not on who compiled it. So compilers built by
// different compilers must make the same bytes of the same text, and one that builds itself must reach a fixed point. Where
// they differ, somebody miscompiled.
//
// mescc is far from building tcc's usual source; what it builds is bootstrap/small.c, which compiles itself.
#pragma once

#include "compile/chain.h"

namespace packscope::compile {

struct BootstrapStep {
  std::string made;  // "small by gcc -O2"
  std::string by;    // "gcc -O2", or an earlier step's `made`
  bool ok = false;
  std::string message = {}; // why not
  std::optional<perf::Reading> reading = {};
  std::optional<perf::SystemCalls> calls = {}; // of compiling, where that was traced
  std::optional<std::uint64_t> bytes = {};     // of what was made
  std::string id = {};                         // its name as a git blob: the same bytes, the same name
};
struct BootstrapVerdict {
  std::string claim;
  std::optional<bool> holds;     // null: there was too little to compare, or it was not wanted
  std::string why = {};          // where it does not hold, or was not tried
  std::vector<std::string> of = {}; // steps that were compared
  std::uint64_t bytes = 0;       // that are the same
};

class Bootstrap {
public:
  Bootstrap(Chain& chain, std::vector<Setting> settings) : chain_(chain), settings_(std::move(settings)) {}

  // Every compiler builds the small one; those compile it; and what comes out compiles it again.
  void small();
  // Every compiler builds tinycc, whose source was laid in the chain's tree. With `run` these compilers run, and that is code
  // from the pack: each makes an object of tinycc's source; and tcc's builds itself, and that again.
  void tinycc(bool run);

  const std::vector<BootstrapStep>& steps() const { return steps_; }
  const std::vector<BootstrapVerdict>& verdicts() const { return verdicts_; }
  std::function<void(const BootstrapStep&)> on_step = {}; // hears of each

private:
  struct Built {
    Setting setting; // what was built, as a compiler
    std::size_t step;
  };
  std::optional<Built> build(const Setting& by, const std::string& source, const std::string& made, const std::vector<std::string>& flags,
                             const std::vector<std::string>& link_flags);
  std::size_t compiled_small(const std::string& program, const std::string& by, const std::string& made);
  bool make_library(const Setting& stage);
  std::size_t add(BootstrapStep step);
  void same(const std::string& claim, const std::vector<std::size_t>& steps);

  Chain& chain_;
  const std::vector<Setting> settings_;
  std::vector<BootstrapStep> steps_;
  std::vector<BootstrapVerdict> verdicts_;
  unsigned stages_ = 0;
};

// The text of bootstrap/small.c.
std::string_view small_compiler();

} // namespace packscope::compile
