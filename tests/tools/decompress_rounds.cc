// decompress_rounds as its users run it: a corpus of repositories that git made, tiny weights trained on it, the ladder and
// the steps over it and over the repositories themselves.
#include "records.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

using namespace packscope::test;
using Json = nlohmann::json;

namespace {

// A sanitizer's instructions are not ours, and stepping through them takes minutes.
#ifdef PACKSCOPE_SANITIZED
const std::string kCosts = "--no-cost ";
#else
const std::string kCosts;
#endif

// Files in four languages, other ones in each repository, none of them a delta.
void make_languages(const std::string& path, int number) {
  must_run("mkdir -p " + path + " && git init -q " + path);
  for (int i = 0; i < 24; ++i) {
    std::string text;
    for (int line = 0; line < 4 + (i % 3) * 40; ++line) {
      const std::string n = std::to_string(number * 1000 + i * 31 + line * (7 + i));
      text += i % 4 == 0   ? "int field_" + n + " = value(" + std::to_string(line * i) + "); /* c */\n"
              : i % 4 == 1 ? "pub fn item_" + n + "() -> u32 { let x = " + n + "; x }\n"
              : i % 4 == 2 ? "def method_" + n + "(self):\n    return " + n + "\n"
                           : "# Heading " + n + "\n\nSome words of prose, " + n + " of them.\n";
    }
    static const char* const kEndings[] = {".c", ".rs", ".py", ".md"};
    write_file(path + "/file" + std::to_string(i) + kEndings[i % 4], text);
  }
  write_file(path + "/.git/info/attributes", "* -delta\n");
  must_run("cd " + path + " && git add -A && git commit -qm one && git repack -qadf");
}

// Four repositories, one of them held out; a corpus of them, and weights of two rungs trained on it.
struct World {
  TemporaryFolder folder;
  std::string repositories = folder / "all", corpus = folder / "corpus/corpus.sqlite", models = folder / "models";

  World() {
    for (int i = 0; i < 4; ++i) make_languages(repositories + "/r" + std::to_string(i), i);
    must_run(kProgram + " decompress_rounds corpus -q --test r3 -o " + (folder / "corpus") + " " + repositories);
    std::filesystem::create_directory(models);
    for (const std::string rung : {"R2", "R3-16"})
      must_run(kProgram + " ast_classifier train --backend cpu -q --json --task language --hidden 16 --epochs 40 --batch 8 --rung " +
               rung + " -o " + models + "/language-" + rung + ".safetensors " + corpus);
  }
  std::string ladder(const std::string& arguments) const {
    return "PACKSCOPE_MODELS=" + models + " " + kProgram + " decompress_rounds " + arguments;
  }
};

using Key = std::tuple<std::string, std::string, std::string>; // rung, split, block
std::map<Key, Json> by_key(const std::vector<Json>& all) {
  std::map<Key, Json> map;
  for (const Json& one : all) map[{one["rung"], one["split"], one["block"]}] = one;
  CHECK(map.size() == all.size());
  return map;
}

} // namespace

TEST_CASE("the ladder: a record a rung, split and type of block; the same from a corpus and from its repositories") {
  const World world;
  const std::string arguments = "--json -q --no-cost --peer-objects 50 --task language ";
  const std::map<Key, Json> ladder = by_key(records(must_run(world.ladder(arguments + world.corpus))));
  for (const std::string rung : {"R2", "R3-16", "cascade"}) {
    const Json all = ladder.at({rung, "all", "all"}), train = ladder.at({rung, "train", "all"}), test = ladder.at({rung, "test", "all"});
    CHECK(all["task"] == "language");
    CHECK(all["n"] == 96);
    CHECK(train["n"] == 72);
    CHECK(test["n"] == 24);
    CHECK(test["majority"] == 0.25);
    CHECK(train["accuracy"] >= 0.6);
    CHECK(all["instructions_per_object"].is_null());
    int blocks = 0;
    for (const std::string block : {"fixed", "dynamic", "stored"})
      if (ladder.contains({rung, "all", block})) blocks += ladder.at({rung, "all", block})["n"].get<int>();
    CHECK(blocks == 96);
  }
  CHECK(ladder.at({"dictionary", "all", "all"})["n"] == 50);
  CHECK(ladder.at({"dictionary", "all", "all"})["accuracy"] >= 0.9);

  // The weights' own list says which repository is on which side.
  const std::map<Key, Json> own = by_key(records(must_run(world.ladder("--no-peers " + arguments + world.repositories))));
  for (const auto& [key, record] : own) CHECK(ladder.at(key) == record);
  CHECK(own.size() == ladder.size() - by_key(records(must_run(world.ladder(arguments + world.corpus + " | grep '\"dictionary\"'")))).size());

  // What eval says of the same weights.
  const std::vector<Json> eval = records(must_run(kProgram + " ast_classifier eval --backend cpu -q --json --split test --model " + world.models +
                                                  "/language-R2.safetensors " + world.corpus));
  CHECK(eval.at(0)["n"] == ladder.at({"R2", "test", "all"})["n"]);
  CHECK(eval[0]["accuracy"] == ladder.at({"R2", "test", "all"})["accuracy"]);
  CHECK(eval[0]["macro_f1"] == ladder.at({"R2", "test", "all"})["macro_f1"]);
}

TEST_CASE("a corpus by a list: a fork that has its origin's commit keeps its own name and side; a repository that is not listed is left out") {
  TemporaryFolder folder;
  const std::string all = folder / "all";
  make_languages(all + "/origin", 1);
  must_run("cp -r " + all + "/origin " + all + "/fork && cd " + all + "/fork && rm file3.md && git add -A && git commit -qm two && git repack -qadf");
  make_languages(all + "/other", 2);
  must_run(kProgram + " decompress_rounds corpus -q --test fork -o " + (folder / "first") + " " + all + "/origin " + all + "/fork");
  const std::string list = folder / "first/repositories.jsonl";
  const std::vector<Json> once = records(must_run("cat " + list));
  REQUIRE(once.size() == 2);
  CHECK(once[1]["name"] == "fork");
  CHECK(once[1]["split"] == "test");
  must_run(kProgram + " decompress_rounds corpus -q --list " + list + " -o " + (folder / "second") + " " + all + "/origin " + all + "/fork " + all + "/other");
  CHECK(records(must_run("cat " + (folder / "second/repositories.jsonl"))) == once);
}

TEST_CASE("a second run of the ladder prints the same bytes, instructions included, whatever the threads and the environment") {
  const World world;
  const auto run_it = [&](const std::string& before, const std::string& to) {
    return must_run(before + " " + world.ladder(kCosts + "--cost-objects 3 -q --csv " + (world.folder / to) + ".csv --plot " + (world.folder / to) +
                                                ".svg " + world.corpus));
  };
  const std::string text = run_it("", "a");
  CHECK(run_it("A_LONG_VARIABLE=0123456789012345", "b") == text);
  CHECK(text.find("the cascade at 0.95, test, answers at R2 ") != std::string::npos);
  for (const std::string ending : {".csv", ".svg"}) {
    const std::string once = read_file(world.folder / "a" + ending);
    CHECK(!once.empty());
    CHECK(once == read_file(world.folder / "b" + ending));
  }
  if (text.find("single steps") == std::string::npos) SKIP("this machine does not single-step");
  const std::string csv = read_file(world.folder / "a.csv");
  CHECK(csv.starts_with("rung,task,fact,split,block,n,accuracy,"));
  CHECK(csv.find(",single steps,3\n") != std::string::npos);
  CHECK(read_file(world.folder / "a.svg").find(">R3-16</text>") != std::string::npos);
}

TEST_CASE("a content classifier that is installed is a rung; one that is not is a note") {
  const World world;
  std::filesystem::create_directory(world.folder / "bin");
  // Says rust of all that holds "fn", in Magika's own words.
  write_file(world.folder / "bin/magika",
             "#!/bin/sh\nshift\nprintf '['\ncomma=\nfor file; do\n  label=txt; grep -q 'pub fn' $file && label=rust\n"
             "  printf '%s{\"path\":\"%s\",\"result\":{\"status\":\"ok\",\"value\":{\"output\":{\"label\":\"%s\"},\"score\":0.5}}}' \"$comma\" $file $label\n"
             "  comma=,\ndone\necho ']'\n");
  must_run("chmod +x " + (world.folder / "bin/magika"));
  const std::string arguments = "--json --no-cost --task language " + world.corpus;
  const std::map<Key, Json> ladder = by_key(records(must_run("PATH=" + (world.folder / "bin") + ":$PATH " + world.ladder(arguments + " 2>/dev/null"))));
  CHECK(ladder.at({"magika", "all", "all"})["n"] == 96);
  CHECK(ladder.at({"magika", "all", "all"})["accuracy"] == 0.25); // the others are no class of this corpus
  if (run("command -v magika >/dev/null").status == 0) return;
  CHECK(must_run(world.ladder(arguments + " 2>&1 >/dev/null")).find("packscope: magika is not installed") != std::string::npos);
}

TEST_CASE("steps: a record each, what a network reads and what it cannot; the same each time") {
  const World world;
  const std::string steps = kProgram + " decompress_rounds steps --json -q --epochs 40 --no-cost "; // counted in the ladder's test: a step takes microseconds
  const std::string text = must_run(steps + world.corpus);
  const std::vector<Json> all = records(text);
  REQUIRE(all.size() == 8);
  CHECK(all[0]["step"] == "block type");
  CHECK(all[0]["accuracy"] > all[0]["majority"]);
  for (const Json& one : all)
    if (one["classes"] > 0) CHECK((one["verdict"] == "a model may skip it") == (one["accuracy"] >= 0.99));
  CHECK(all[0]["held_out"] == "repositories");
  CHECK(all[5]["step"] == "literal/length symbol");
  CHECK(all[5]["verdict"] == "it must be computed");
  CHECK(all[7]["r2"].is_number());
  CHECK(all[7]["accuracy"].is_null());
  CHECK(must_run(steps + world.corpus) == text);
  CHECK(must_run(steps + world.corpus + " --threads 1") == must_run(steps + world.corpus + " --threads 3"));
  // One repository: files are held out.
  CHECK(must_run(steps + world.repositories + "/r0").find("\"held_out\":\"files\"") != std::string::npos);
}

#ifndef PACKSCOPE_SANITIZED // a sanitizer's instructions are not ours
TEST_CASE("steps: what each step and its network cost is counted, and printed where it was counted") {
  const World world;
  const std::string steps = kProgram + " decompress_rounds steps -q --epochs 1 --cost-objects 1 " + world.corpus;
  const std::vector<Json> all = records(must_run(steps + " --json"));
  REQUIRE(all.size() == 8);
  for (const Json& one : all) {
    INFO(one.dump());
    if (one["cost_measured"].is_null()) continue; // ptrace refused here
    CHECK(one["cost_measured"] == "single steps");
    CHECK(one["exact_instructions"] > 5);
    CHECK(one["network_instructions"] > one["inputs"].get<std::string>().size()); // hundreds at least
  }
  // A code of 19 lengths is built for a symbol, 17 bits are not even that: what is printed belongs to its step.
  if (!all[0]["cost_measured"].is_null()) CHECK(all[5]["exact_instructions"] > all[0]["exact_instructions"]);
}
#endif

TEST_CASE("inherit: deltas are asked themselves, and held against what they inherit") {
  const World world;
  // Versions of one file, each a delta on another.
  const std::string path = world.folder / "deltas";
  must_run("git init -q " + path);
  for (int version = 0; version < 6; ++version) {
    std::string text;
    for (int line = 0; line < 120; ++line)
      text += "pub fn item_" + std::to_string(line == version ? 9000 + line : line) + "() -> u32 { let x = " + std::to_string(line * 3) + "; x }\n";
    write_file(path + "/lib.rs", text);
    must_run("cd " + path + " && git add -A && git commit -qm " + std::to_string(version));
  }
  must_run("cd " + path + " && git repack -qadf --depth=9 --window=9");
  const std::vector<Json> all = records(must_run(world.ladder("inherit --json -q " + path)));
  REQUIRE(all.size() == 1);
  CHECK(all[0]["repo"] == "deltas");
  CHECK(all[0]["n"] == 5);
  CHECK(all[0]["agreement"] == 1.0);
  CHECK(all[0]["named"] == 5);
  CHECK(all[0]["path_agreement"] == 1.0);
  CHECK(records(must_run(world.ladder("inherit --json -q --objects 2 " + path))).at(0)["n"] == 2);
  CHECK(must_run(world.ladder("inherit --json -q " + world.repositories)).empty()); // no deltas there
}

TEST_CASE("traditional: the same blobs by git and tree-sitter, or a note that nothing can count them") {
  const World world;
  const std::string text = must_run(world.ladder("traditional --json --objects 2 " + world.repositories + "/r0 2>" + (world.folder / "notes")));
  const std::vector<Json> all = records(text);
  if (all.empty()) {
    const std::string notes = read_file(world.folder / "notes");
    CHECK((notes.find("not measured") != std::string::npos || notes.find("no grammar") != std::string::npos || notes.find("lies whole") != std::string::npos));
    return;
  }
  REQUIRE(all.size() > 3);
  CHECK(all[0]["way"] == "traditional");
  CHECK(all[0]["factor"] == 1.0);
  CHECK(all[1]["way"] == "fused");
  const double traditional = all[0]["instructions_per_object"];
  for (const Json& one : all) {
    CHECK(one["n"] == 2);
    CHECK(one["git_instructions"] > 0);
    CHECK(one["parse_instructions"] > one["mean_bytes"]);
    CHECK(one["declarations_per_object"] >= 1.0);
    const double cost = one["instructions_per_object"];
    CHECK(std::abs(one["factor"].get<double>() * cost - traditional) < 1e-6 * traditional);
    CHECK(std::abs(one["instructions_per_declaration"].get<double>() * one["declarations_per_object"].get<double>() - cost) < 1e-6 * cost);
    CHECK(one["accuracy"].is_null() == (one["task"] == "AST")); // exact answers have none
  }
}

TEST_CASE("traditional: both processes read a blob's declarations, and say what they miss") {
  const World world;
  const std::string repository = world.repositories + "/r0";
  const std::string list = world.folder / "list", texts = world.folder / "texts";
  must_run("git -C " + repository + " ls-tree -r HEAD | awk '/\\.rs$/ { print $3 }' | head -3 > " + (world.folder / "ids"));
  must_run("sed 's/$/ rust/' " + (world.folder / "ids") + " > " + list);
  must_run("git -C " + repository + " cat-file --batch < " + (world.folder / "ids") + " > " + texts);
  const auto parse = [&](const std::string& how, const std::string& from) { return run(kProgram + " decompress_rounds traditional " + how + " < " + from + " 2>&1"); };
  const Ran written = parse("--parse " + texts, list), direct = parse("--parse-repository " + repository, list);
  if (written.output.find("no grammar") != std::string::npos) return;
  CHECK(written.status == 0);
  CHECK(written.output.starts_with("3 texts, "));
  CHECK(direct.output == written.output);
  // A blob that is not there, and a file that is not git's.
  write_file(list, std::string(40, '0') + " rust\n");
  CHECK(parse("--parse-repository " + repository, list).status == 1);
  const Ran wrong = parse("--parse " + texts, list);
  CHECK(wrong.status == 1);
  CHECK(wrong.output.find("was expected") != std::string::npos);
}

TEST_CASE("wrong usage is exit code 2, what cannot be read is 1") {
  TemporaryFolder folder;
  const auto says = [](const std::string& command, int status, const std::string& what) {
    const Ran ran = run(command + " 2>&1 >/dev/null");
    CHECK(ran.status == status);
    INFO(ran.output);
    CHECK(ran.output.find(what) != std::string::npos);
  };
  const std::string rounds = "PACKSCOPE_MODELS=" + folder.path() + " " + kProgram + " decompress_rounds ";
  says(rounds, 2, "PATH is missing");
  says(rounds + "--task none .", 2, "no task 'none'");
  says(rounds + "--rung R9 .", 2, "no rung 'R9'");
  says(rounds + "--no-cost --counters .", 2, "--counters");
  says(rounds + ".", 1, "no weights");
  says(rounds + "--task language .", 1, "no weights for task language");
  says(rounds + "--model none .", 1, "none: ");
  says(rounds + "--dictionary-corpus none .", 1, "none: no corpus");
  says(rounds + "inherit", 2, "PATH");
  says(rounds + "inherit --rung R9 .", 2, "no rung 'R9'");
  says(rounds + "traditional", 2, "PATH is missing");
  says(rounds + "steps", 2, "corpus.sqlite");
  says(rounds + "steps -q " + folder.path() + "/none", 1, "none");
}
