// The chain with compilers that are here, and with scripts that play one: a silent miscompilation is told from a rejection.
#include "compile/chain.h"

#include "compile/bootstrap.h"
#include "compile/feature.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace packscope;
using namespace packscope::test;
using compile::Behaviour;
using compile::Chain;
using compile::PrivateFolder;
using compile::Setting;
using compile::UnitOutcome;

namespace {

std::vector<Setting> settings(const std::vector<std::string>& names, const std::vector<std::string>& levels = {"0"}) {
  return compile::settings_of(compile::find_chain_compilers(names).found, levels);
}

struct Room {
  Room() {
    Result<PrivateFolder> made = PrivateFolder::create();
    REQUIRE(made);
    folder.emplace(std::move(*made));
    chain.emplace(*folder, compile::ChainLimits{});
  }
  UnitOutcome outcome(const Setting& setting, const std::string& text) {
    REQUIRE(folder->write(std::string(Chain::kTree) + "/unit.c", text));
    Result<UnitOutcome> made = chain->compile(setting, "unit.c");
    REQUIRE(made);
    if (chain->link(setting, *made, false)) chain->run(*made);
    return *made;
  }
  std::optional<PrivateFolder> folder;
  std::optional<Chain> chain;
};

// A compiler that says what it is and then does what `script` says of "$@".
std::string fake(const TemporaryFolder& folder, const std::string& name, const std::string& script) {
  write_file(folder / name, "#!/bin/sh\ncase \"$1\" in --version|-v) echo fake 1.2.3; exit;; esac\n" + script);
  must_run("chmod +x " + (folder / name));
  return folder / name;
}

} // namespace

TEST_CASE("every feature is right by gcc, at both levels, and exits as its first line says") {
  const std::vector<Setting> gcc = settings({"gcc"}, {"0", "2"});
  REQUIRE(gcc.size() == 2);
  CHECK(compile::features().size() >= 60);
  Room room;
  std::string wrong;
  for (const compile::Feature& feature : compile::features()) {
    CHECK(feature.exit_code != 0);
    CHECK(!feature.needs.empty());
    const UnitOutcome made = room.outcome(gcc[feature.name.size() % 2], std::string(feature.text));
    if (!made.ok || made.exit_code != feature.exit_code || made.output != feature.prints)
      wrong += std::string(feature.name) + ": " + made.message + " " + std::to_string(made.exit_code.value_or(-1)) + " '" + made.output + "'\n";
  }
  CHECK(wrong == "");
}

TEST_CASE("what is rejected is told with the compiler's words and the unit's own path") {
  Room room;
  const UnitOutcome made = room.outcome(settings({"gcc"}).at(0), "int main() { return nothing; }\n");
  CHECK(!made.ok);
  CHECK(!made.object_bytes);
  CHECK(made.behaviour == Behaviour::not_run);
  CHECK(made.message.starts_with("unit.c:1:"));
  CHECK(made.message.find("nothing") != std::string::npos);
}

TEST_CASE("a compiler that silently makes something else differs from the others; one that fails does not count") {
  TemporaryFolder folder;
  const std::string miscompiles = fake(folder, "wrong-gcc", "for last; do :; done\ncase \"$*\" in *-c*) sed 's/40/41/' \"$last\" > changed.c; set -- $(echo \"$*\" | sed \"s#$last#changed.c#\");; esac\nexec gcc \"$@\"\n");
  const std::string fails = fake(folder, "no-gcc", "echo unit.c:1: error: never >&2; exit 1\n");
  const std::vector<Setting> all = settings({"gcc", miscompiles, fails}, {"0"});
  REQUIRE(all.size() == 3);
  CHECK(all[1].compiler.version == "1.2.3");
  Room room;
  std::vector<UnitOutcome> outcomes;
  for (const Setting& one : {all[0], all[0], all[1], all[2]}) outcomes.push_back(room.outcome(one, "int main() { return 40 + 2; }\n"));
  compile::compare(outcomes);
  CHECK(outcomes[0].exit_code == 42);
  CHECK(outcomes[0].behaviour == Behaviour::same);
  CHECK(outcomes[2].ok);
  CHECK(outcomes[2].exit_code == 43);
  CHECK(outcomes[2].behaviour == Behaviour::differs);
  CHECK(!outcomes[2].accepted());
  CHECK(!outcomes[3].ok);
  CHECK(outcomes[3].message == "unit.c:1: error: never");
  CHECK(outcomes[3].behaviour == Behaviour::not_run);
}

TEST_CASE("one result alone is compared with nothing, and of two that differ the first is believed") {
  UnitOutcome a{.ok = true, .exit_code = 1}, b{.ok = true, .exit_code = 1, .output = "x"}, none{.ok = true};
  std::vector<UnitOutcome> alone = {a, none};
  compile::compare(alone);
  CHECK(alone[0].behaviour == Behaviour::not_run);
  std::vector<UnitOutcome> two = {a, b, none};
  compile::compare(two);
  CHECK(two[0].behaviour == Behaviour::same);
  CHECK(two[1].behaviour == Behaviour::differs);
  CHECK(two[2].behaviour == Behaviour::not_run);
}

TEST_CASE("a compiler, and a program, that do not end are ended; what they started as well") {
  TemporaryFolder folder;
  const std::string hangs = fake(folder, "slow-gcc", "sleep 1000 & sleep 1000\n");
  Result<PrivateFolder> made = PrivateFolder::create();
  REQUIRE(made);
  Chain chain(*made, {.compile_seconds = 0.3, .run_seconds = 0.3});
  REQUIRE(made->write("tree/unit.c", "int main() { for (;;); }\n"));
  const Result<UnitOutcome> slow = chain.compile(settings({hangs}).at(0), "unit.c");
  REQUIRE(slow);
  CHECK(!slow->ok);
  CHECK(slow->timed_out);
  CHECK(slow->message == "out of time");
  Chain patient(*made, {.run_seconds = 0.3});
  const Setting gcc = settings({"gcc"}).at(0);
  Result<UnitOutcome> endless = patient.compile(gcc, "unit.c");
  REQUIRE(endless);
  REQUIRE(patient.link(gcc, *endless, false));
  patient.run(*endless);
  CHECK(endless->exit_code == 128 + SIGKILL);
  CHECK(endless->message == "the program ran out of time");
}

TEST_CASE("compilers that are not installed are named, and a level is given to those that have them") {
  const compile::ChainCompilers found = compile::find_chain_compilers({"gcc", "no-such-compiler"});
  CHECK(found.missing == std::vector<std::string>{"no-such-compiler"});
  REQUIRE(found.found.size() == 1);
  CHECK(found.found[0].version.find('.') != std::string::npos);
  CHECK(compile::settings_of(found.found, {"0", "2"}).at(1).title() == "gcc -O2");
  const compile::ChainCompiler mescc{.name = "mescc", .program = "/x/mescc", .version = {}, .family = compile::Family::mescc, .environment = {}};
  REQUIRE(compile::settings_of({mescc}, {"0", "2"}).size() == 1);
  CHECK(compile_command(mescc, "", {"-Ix"}, "a.c", "a.o") == std::vector<std::string>{"/x/mescc", "-c", "-Ix", "-o", "a.o", "a.c"});
}

TEST_CASE("mescc: what is known of it is found") {
  const std::vector<Setting> mescc = settings({"mescc"});
  if (mescc.empty()) SKIP("mescc is not installed");
  Room room;
  const auto outcome = [&](std::string_view name) {
    const auto feature = std::ranges::find(compile::features(), name, &compile::Feature::name);
    REQUIRE(feature != compile::features().end());
    return std::pair(room.outcome(mescc[0], std::string(feature->text)), feature->exit_code);
  };
  const auto [right, expected] = outcome("arithmetic");
  CHECK(right.exit_code == expected);
  CHECK(!outcome("bit_field").first.ok);
  const auto [padding, wanted] = outcome("struct_padding"); // accepted, and wrong
  CHECK(padding.ok);
  CHECK(padding.exit_code != wanted);
}

TEST_CASE("the small compiler, built by any two compilers, makes the same bytes of itself, and those make themselves") {
  Room room;
  std::vector<Setting> all = settings({"gcc", "tcc", "mescc"}, {"0", "2"});
  REQUIRE(all.size() >= 2);
  compile::Bootstrap bootstrap(*room.chain, all);
  bootstrap.small();
  REQUIRE(bootstrap.verdicts().size() == 2);
  for (const compile::BootstrapVerdict& one : bootstrap.verdicts()) {
    INFO(one.claim << ": " << one.why);
    CHECK(one.holds == true);
    CHECK(one.bytes > 4096);
  }
  CHECK(bootstrap.verdicts()[0].of.size() == all.size());
  for (const compile::BootstrapStep& one : bootstrap.steps()) CHECK(one.ok);
}

TEST_CASE("the small compiler names the line of what it does not know, and makes nothing of it") {
  TemporaryFolder folder;
  write_file(folder / "small.c", std::string(compile::small_compiler()));
  must_run("gcc -w -o " + (folder / "small") + " " + (folder / "small.c"));
  write_file(folder / "bad.c", "int main() {\n  return 1 +;\n}\n");
  const Ran bad = run((folder / "small") + " < " + (folder / "bad.c") + " 2>&1");
  CHECK(bad.status == 1);
  CHECK(bad.output == "line 2: error: another token was expected\n");
  write_file(folder / "good.c", "int write(int file, char *text, int size);\nint main() {\n  char word[8];\n  word[0] = 'h';\n  word[1] = 'i';\n  write(1, word, 2);\n  return 6 * 7 - (1 && 0) - !1;\n}\n");
  must_run((folder / "small") + " < " + (folder / "good.c") + " > " + (folder / "good") + " && chmod +x " + (folder / "good"));
  const Ran good = run(folder / "good");
  CHECK(good.status == 42);
  CHECK(good.output == "hi");
}
