// Whole traces of repositories made here: verify_trace checks every piece, sqlite3 and git what the tables say.
#include "no_perf.h"
#include "made_trace.h"
#include "trace/dataset.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope::test;

namespace {

const std::string kVerify = PACKSCOPE_VERIFY_TRACE;

// A repository with delta chains, several languages, a link, an empty file and bytes that are no text.
void make_repository(const std::string& folder) {
  std::string rust = "//! A sample.\nuse std::fmt;\n\npub const LIMIT: usize = 97;\n\n";
  for (int i = 0; i < 60; ++i) rust += "pub fn step_" + std::to_string(i) + "(x: u32) -> u32 { x * " + std::to_string(i) + " }\n";
  must_run("git init -q -b main " + folder);
  const auto commit = [&] { must_run("cd " + folder + " && git add -A && git commit -q -m step"); };
  write_file(folder + "/src/lib.rs", rust);
  write_file(folder + "/src/main.c", "#include <stdio.h>\nint main(void) { return puts(\"hi\"); }\n");
  write_file(folder + "/same.c", "#include <stdio.h>\nint main(void) { return puts(\"hi\"); }\n");
  write_file(folder + "/empty.py", "");
  write_file(folder + "/notes.txt", std::string(3000, 'n') + "\n");
  write_file(folder + "/bytes.bin", std::string("\0\1\2\xff\xfe", 5) + std::string(200, '\x80'));
  must_run("ln -s src/lib.rs " + folder + "/link");
  commit();
  for (int i = 0; i < 12; ++i) { // edits far apart: each version is nearest to its neighbour, so chains grow deep
    rust.insert(rust.find("pub fn step_" + std::to_string(i * 5 + 3) + "("), "/// Inserted.\nstruct S" + std::to_string(i) + ";\n");
    write_file(folder + "/src/lib.rs", rust);
    commit();
  }
  must_run("cd " + folder + " && git repack -q -a -d -f --depth=20 --window=10");
}

} // namespace

TEST_CASE("every piece of every version reproduces git's text through delta chains") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  const std::string out = folder / "t.sqlite";
  REQUIRE(run(kProgram + " trace --all-objects " + (folder / "repo") + " -o " + out).status == 0);
  CHECK(run(kVerify + " " + out).status == 0);
  CHECK(std::stoi(query(out, "select max(depth) from object")) >= 3);
  CHECK(std::stoi(query(out, "select count(*) from piece where source != object")) > 100);
  CHECK(query(out, "select count(*) from object where type = 'blob' and not traced") == "0\n");
  CHECK(query(out, "select count(*) from object") ==
        must_run("cd " + (folder / "repo") + " && git count-objects -v | sed -n 's/in-pack: //p'"));
}

TEST_CASE("the default scope is the tips: blobs, paths and modes as git ls-tree lists them") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  const std::string out = folder / "t.sqlite";
  REQUIRE(run(kProgram + " trace " + (folder / "repo") + " -o " + out).status == 0);
  CHECK(run(kVerify + " " + out).status == 0);
  CHECK(query(out, "select printf('%06o %s %s', mode, id, path) from path join object using (object) order by path") ==
        must_run("cd " + (folder / "repo") + " && git ls-tree -r HEAD --format='%(objectmode) %(objectname) %(path)' | sort -k3"));
  CHECK(query(out, "select language from object join path using (object) where path = 'src/lib.rs'") == "rust\n");
}

TEST_CASE("tokens and declarations stand where the text has them") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  const std::string out = folder / "t.sqlite";
  REQUIRE(run(kProgram + " trace " + (folder / "repo") + " -o " + out).status == 0);
  CHECK(query(out, "select kind, item, name from declaration join path using (object) where path = 'src/lib.rs' "
                   "order by begin limit 3") ==
        "import|use|std::fmt\nconstant|const|LIMIT\nfunction|fn|step_0\n");
  const std::string text = read_file(folder / "repo/src/lib.rs");
  const std::string span = query(out, "select t.begin, t.end, d.name from token t join declaration d using (declaration) "
                                      "join path p on p.object = t.object where path = 'src/lib.rs' and t.kind = "
                                      "'identifier' and d.name = 'LIMIT'");
  const std::size_t at = text.find("LIMIT");
  CHECK(span == std::to_string(at) + "|" + std::to_string(at + 5) + "|LIMIT\n");
  CHECK(query(out, "select count(*) from piece p join token t using (token) where p.begin < t.begin or p.end > t.end") == "0\n");
  CHECK(query(out, "select count(*) from token where token not in (select token from piece where token is not null)") == "0\n");
}

TEST_CASE("blocks tile each stream, and their symbols are counted") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  const std::string out = folder / "t.sqlite";
  REQUIRE(run(kProgram + " trace --all-objects " + (folder / "repo") + " -o " + out).status == 0);
  CHECK(query(out, "select count(*) from (select object, min(bit_begin) b, max(bit_end) e, max(out_end) o, sum(bit_end - bit_begin) s "
                   "from block group by object) join object using (object) where b != 16 or o != inflated_size or "
                   "s != e - b or (e + 7) / 8 + 4 != packed_size") == "0\n");
  CHECK(query(out, "select count(*) from object where object not in (select object from block)") == "0\n");
}

TEST_CASE("the same file whatever the number of threads") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  for (const char* threads : {"1", "2", "7"})
    must_run(kProgram + " trace --history --threads " + threads + " " + (folder / "repo") + " -o " + (folder / threads));
  CHECK(read_file(folder / "1") == read_file(folder / "2"));
  CHECK(read_file(folder / "1") == read_file(folder / "7"));
}

TEST_CASE("a lone pack, with and without its index, gives the same pieces") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run("cp " + (folder / "repo") + "/.git/objects/pack/*.pack " + (folder / "a.pack"));
  must_run("cp " + (folder / "repo") + "/.git/objects/pack/*.idx " + (folder / "a.idx"));
  must_run(kProgram + " trace " + (folder / "a.pack") + " -o " + (folder / "with"));
  CHECK(run(kVerify + " " + (folder / "with")).status == 0);
  must_run("rm " + (folder / "a.idx"));
  must_run(kProgram + " trace " + (folder / "a.pack") + " -o " + (folder / "without"));
  for (const char* table : {"piece", "token", "declaration", "block", "path"})
    CHECK(query(folder / "with", std::string("select * from ") + table) ==
          query(folder / "without", std::string("select * from ") + table));
}

TEST_CASE("loose objects are traced too") {
  TemporaryFolder folder;
  must_run("git init -q -b main " + (folder / "repo"));
  write_file(folder / "repo/a.py", "def f():\n    return 1\n");
  must_run("cd " + (folder / "repo") + " && git add -A && git commit -q -m one");
  must_run(kProgram + " trace " + (folder / "repo") + " -o " + (folder / "t"));
  CHECK(run(kVerify + " " + (folder / "t")).status == 0);
  CHECK(query(folder / "t", "select kind, name from declaration") == "function|f\n");
}

TEST_CASE("a broken object is one error line; the others are traced; the exit code is 1") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run("chmod u+w " + (folder / "repo") + "/.git/objects/pack/*.pack");
  const std::string victim = must_run("cd " + (folder / "repo") + " && git rev-parse HEAD:src/main.c");
  const std::string offset = must_run("cd " + (folder / "repo") + " && git verify-pack -v .git/objects/pack/*.idx | awk '$1 == \"" +
                                      victim.substr(0, 40) + "\" {printf \"%d\", $5 + 8}'");
  must_run("cd " + (folder / "repo") + " && printf '\\377\\377\\377\\377' | dd of=$(ls .git/objects/pack/*.pack) bs=1 seek=" +
           offset + " conv=notrunc 2>/dev/null");
  const Ran ran = run(kProgram + " trace " + (folder / "repo") + " -o " + (folder / "t") + " 2>&1 >/dev/null");
  CHECK(ran.status == 1);
  CHECK(ran.output.find("packscope: ") == 0);
  CHECK(ran.output.find("offset ") != std::string::npos);
  CHECK(ran.output.find("(same.c)") != std::string::npos);
  CHECK(std::count(ran.output.begin(), ran.output.end(), '\n') == 1);
  CHECK(query(folder / "t", "select count(*) from declaration join path using (object) where path = 'src/lib.rs'") != "0\n");
}

TEST_CASE("build costs join by path; what was not measured is null") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run(kProgram + " trace " + (folder / "repo") + " -o " + (folder / "t"));
  write_file(folder / "steps.jsonl",
             R"({"unit":"src/main.c","kind":"compile","instructions":null,"task_clock_ns":1500,"seconds":0.5,"measured":"task-clock","fallback":"instructions:u: not supported"})"
             "\n" R"({"unit":"bin/x","kind":"link","instructions":7,"measured":"instructions:u"})" "\n");
  write_file(folder / "folded", "ninja;cc1 12\nninja;cc1;parse 3\nninja;cc1 1\n");
  must_run(kProgram + " trace " + (folder / "t") + " --build-steps " + (folder / "steps.jsonl") + " --folded " +
           (folder / "folded") + " -o " + (folder / "joined") + " 2>/dev/null");
  CHECK(query(folder / "joined", "select unit, path, instructions is null, task_clock_ns, measured from build_step left join path "
                                 "using (object) order by unit, path") ==
        "bin/x||0||instructions:u\nsrc/main.c|same.c|1|1500|task-clock\nsrc/main.c|src/main.c|1|1500|task-clock\n");
  CHECK(query(folder / "joined", "select * from sample") == "ninja;cc1|13\nninja;cc1;parse|3\n");
  write_file(folder / "steps.jsonl", "{\"unit\":\"a\"}\nnonsense\n");
  const Ran ran = run(kProgram + " trace " + (folder / "t") + " --build-steps " + (folder / "steps.jsonl") + " -o " +
                      (folder / "bad") + " 2>&1");
  CHECK(ran.status == 1);
  CHECK(ran.output.find("line 2: not a JSON object") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "bad"));
}

TEST_CASE("inflation costs: one a block, by the event that meta names; without perf all null") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run(kProgram + " trace --all-objects --inflation-cost " + (folder / "repo") + " -o " + (folder / "t"));
  const std::string measured = query(folder / "t", "select value from meta where key = 'inflation_measured'");
  const std::string counted = query(folder / "t", "select count(instructions), count(task_clock_ns), count(*) from block");
  const std::string blocks = query(folder / "t", "select count(*) from block");
  const std::string all = blocks.substr(0, blocks.size() - 1);
  if (measured == "instructions:u\n") CHECK(counted == all + "|0|" + blocks);
  else if (measured == "task-clock\n") CHECK(counted == "0|" + all + "|" + blocks);
  else CHECK(counted == "0|0|" + blocks);
  const std::string told = without_perf([&](std::string& out) {
    out = run(kProgram + " trace " + (folder / "t") + " --inflation-cost -o " + (folder / "refused")).status == 0 ? "done" : "failed";
  });
  CHECK(told == "done");
  CHECK(query(folder / "refused", "select value from meta where key = 'inflation_measured'") == "not measured\n");
  CHECK(query(folder / "refused", "select count(instructions), count(task_clock_ns) from block") == "0|0\n");
}

TEST_CASE("inflation costs of a trace whose pack has changed are refused") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run("cp " + (folder / "repo") + "/.git/objects/pack/*.pack " + (folder / "a.pack") + " && chmod u+w " + (folder / "a.pack"));
  must_run(kProgram + " trace " + (folder / "a.pack") + " -o " + (folder / "t"));
  must_run(kProgram + " trace " + (folder / "t") + " --inflation-cost -o " + (folder / "whole"));
  if (query(folder / "whole", "select value from meta where key = 'inflation_measured'") == "not measured\n")
    SKIP("nothing is measured here, so the pack is not read again");
  must_run("truncate -s 100 " + (folder / "a.pack"));
  const Ran ran = run(kProgram + " trace " + (folder / "t") + " --inflation-cost -o " + (folder / "new") + " 2>&1");
  CHECK(ran.status == 1);
  CHECK(ran.output.find("a.pack: offset ") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "new"));
}

TEST_CASE("--json gives one record that agrees with the tables") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  const Ran ran = run(kProgram + " trace --json " + (folder / "repo") + " -o " + (folder / "t"));
  const nlohmann::json record = nlohmann::json::parse(ran.output);
  for (const char* table : {"tokens", "declarations", "pieces", "blocks", "objects"}) {
    const std::string name = std::string(table).substr(0, std::string(table).size() - 1);
    CHECK(std::to_string(record[table].get<int>()) + "\n" == query(folder / "t", "select count(*) from " + name));
  }
}

TEST_CASE("the same database for any number of threads: a pack without index, by REF_DELTA, and one large text") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run("cd " + (folder / "repo") + " && head -c 2000000 /dev/urandom | base64 -w 0 > large.txt && git add -A && git commit -q -m large && "
           "git rev-list --objects --all --no-object-names | git pack-objects -q --stdout > ../ref.pack");
  for (const char* threads : {"1", "8"}) {
    must_run(kProgram + " trace --memory 24MiB --threads " + threads + " " + (folder / "ref.pack") + " -o " + (folder / threads));
    CHECK(run(kVerify + " " + (folder / threads)).status == 0);
  }
  CHECK(read_file(folder / "1") == read_file(folder / "8"));
  CHECK(query(folder / "1", "select count(*) from object where id is null") == "0\n");
}

TEST_CASE("a trace of a repository can be read again: its declarations have their texts") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  write_file(folder / "repo/loose.rs", "fn loose() {}\n");
  must_run("cd " + (folder / "repo") + " && git add -A && git commit -q -m loose");
  must_run("mkdir " + (folder / "out") + " && " + kProgram + " trace " + (folder / "repo") + " -o " + (folder / "out/t"));
  bool seen = false;
  const packscope::Result<void> read = packscope::trace::for_each_declaration(
      folder / "out/t", [&](const packscope::trace::TracedDeclaration& one) {
        seen = seen || packscope::as_text(one.text) == "fn loose() {}";
      });
  CHECK(read);
  CHECK(seen);
}

TEST_CASE("no input is overwritten, and nothing traced leaves the old trace") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run("cp " + (folder / "repo") + "/.git/objects/pack/*.pack " + (folder / "a.pack"));
  const std::string before = read_file(folder / "a.pack");
  CHECK(run(kProgram + " trace " + (folder / "a.pack") + " -o " + (folder / "a.pack") + " 2>/dev/null").status == 2);
  CHECK(run(kProgram + " trace " + (folder / "repo") + " -o " + (folder / "a.pack") + " 2>/dev/null").status == 2);
  CHECK(read_file(folder / "a.pack") == before);
  write_file(folder / "t", "old");
  const Ran ran = run(kProgram + " trace " + (folder / "none") + " -o " + (folder / "t") + " 2>&1");
  CHECK(ran.status == 1);
  CHECK(ran.output.find("not written") != std::string::npos);
  CHECK(read_file(folder / "t") == "old");
}

TEST_CASE("a pipe as PATH is an error, not a wait; a full disk is no success") {
  TemporaryFolder folder;
  make_repository(folder / "repo");
  must_run("mkfifo " + (folder / "pipe"));
  CHECK(run("timeout 20 " + kProgram + " trace " + (folder / "pipe") + " -o " + (folder / "t") + " 2>/dev/null").status == 1);
  CHECK(run(kProgram + " trace " + (folder / "repo") + " -o " + (folder / "t") + " 2>/dev/null >/dev/full").status == 1);
  CHECK(run(kProgram + " --help 2>/dev/null >/dev/full").status == 1);
}

TEST_CASE("a path that is not UTF-8 carries its bytes in hex") {
  TemporaryFolder folder;
  must_run("git init -q -b main " + (folder / "repo") + " && cd " + (folder / "repo") + " && printf x > \"$(printf 'a\\377.c')\" && "
           "git add -A && git commit -q -m odd");
  must_run(kProgram + " trace " + (folder / "repo") + " -o " + (folder / "t"));
  CHECK(query(folder / "t", "select path, path_hex from path") == "a\xEF\xBF\xBD.c|61ff2e63\n");
}
