// compiler_lattice as its users run it: records, tables and DOT over repositories that git made, with real compilers and with
// scripts that play one.
#include "records.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <vector>

using namespace packscope::test;
using Json = nlohmann::json;

namespace {

const std::string kCompilerLattice = PACKSCOPE_PROGRAM " compiler_lattice ";

// Two programs, one of them of two files of which a header is in a folder, and one that no compiler takes.
std::string chain_repository(const TemporaryFolder& folder) {
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  write_file(path + "/src/main.c", "#include \"deep/value.h\"\n#include <top.h>\nint main(void) { return VALUE + TOP; }\n");
  write_file(path + "/src/deep/value.h", "#define VALUE 40\n");
  write_file(path + "/top.h", "#define TOP 2\n");
  write_file(path + "/broken.c", "int main(void) { return missing; }\n");
  write_file(path + "/part.c", "int part(int x) { return x; }\n");
  write_file(path + "/notes.txt", "no C\n");
  must_run("cd " + path + " && ln -s /etc/passwd link.c && git add -A && git commit -qm one");
  return path;
}

const std::string& real_gcc() {
  static const std::string path = must_run("command -v gcc | tr -d '\\n'");
  return path;
}
// A PATH whose gcc is a script.
std::string path_with(const TemporaryFolder& folder, const std::string& script) {
  write_file(folder / "bin/gcc", "#!/bin/sh\ncase \"$1\" in --version) echo gcc 9.9.9; exit;; esac\n" + script);
  must_run("chmod +x " + (folder / "bin/gcc"));
  return "PATH=" + (folder / "bin") + ":$PATH ";
}

} // namespace

TEST_CASE("a record a compiler, level and unit, then their order") {
  TemporaryFolder folder;
  const std::string path = chain_repository(folder);
  const std::vector<Json> all = records(must_run(kCompilerLattice + "--json -q --compilers gcc --levels 0,2 --rev HEAD " + path));
  REQUIRE(all.size() == 3 * 2 + 1);
  for (std::size_t i = 0; i < 6; ++i) {
    const Json& one = all[i];
    INFO(one.dump());
    CHECK(one["repo"] == "repo");
    CHECK(one["compiler"] == "gcc");
    CHECK(one["version"].is_string());
    CHECK(one["level"] == (i % 2 == 0 ? "-O0" : "-O2"));
    CHECK(one["unit"] == one["path"]);
    CHECK(one["object"].get<std::string>() + "\n" == must_run("git -C " + path + " rev-parse HEAD:" + one["path"].get<std::string>()));
    CHECK(one["ok"] == (one["path"] != "broken.c"));
    CHECK((one["instructions"].is_null() || one["instructions"] > 0));
    CHECK((one["reads"].is_null() || one["reads"] > 0));
    CHECK((one["read_bytes"].is_null() || one["read_bytes"] > 0));
    CHECK(one["seconds"] > 0.0);
    CHECK(one["object_bytes"].is_null() == (one["path"] == "broken.c"));
    CHECK(one["max_rss"] > 1 << 20);
    CHECK(one["behaviour"] == "not run"); // without --run nothing from the pack does
    CHECK(one["exit_code"].is_null());
  }
  CHECK(all[0]["path"] == "broken.c");
  CHECK(all[0]["message"].get<std::string>().starts_with("broken.c:1:"));
  const Json& order = all.back();
  CHECK(order["units"] == 3);
  CHECK(order["order"][0] == Json({{"name", "gcc -O0"}, {"compiler", "gcc"}, {"level", "-O0"}, {"accepts", 2}, {"wrong", 0}, {"rejects", 1}}));
  CHECK(order["classes"] == Json::array({{"gcc -O0", "gcc -O2"}}));
  CHECK(order["pairs"][0]["relation"] == "equal");
  CHECK(order["pairs"][0]["meet"] == 2);
  CHECK(order["pairs"][0]["join_compiler"] == "gcc -O0");
  CHECK(records(must_run(kCompilerLattice + "--format json -q --compilers gcc --rev HEAD " + path)).size() == all.size());
}

TEST_CASE("--run compares what the compilers made; a silent miscompilation is named") {
  TemporaryFolder folder;
  const std::string path = chain_repository(folder);
  // Of -O2 it makes something else than it was given.
  const std::string environment = path_with(folder, "case \"$*\" in *-c*-O2*) for last; do :; done; sed 's/VALUE + TOP/VALUE/' $last > ../tree/src/changed.c; "
                                                    "exec " + real_gcc() + " -c -I../tree -o unit.o ../tree/src/changed.c;; esac\nexec " + real_gcc() + " \"$@\"\n");
  const std::string flags = "--rev HEAD --run -q --compilers gcc --levels 0,1,2 --under src/ ";
  const std::vector<Json> all = records(must_run(environment + kCompilerLattice + flags + "--json " + path));
  REQUIRE(all.size() == 4);
  CHECK(all[0]["version"] == "9.9.9");
  CHECK(all[0]["behaviour"] == "same");
  CHECK(all[0]["exit_code"] == 42);
  CHECK(all[1]["behaviour"] == "same");
  CHECK(all[2]["behaviour"] == "differs");
  CHECK(all[2]["ok"] == true);
  CHECK(all[2]["exit_code"] == 40);
  CHECK(all[3]["order"][2]["wrong"] == 1);
  CHECK(all[3]["covers"] == Json::array({{{"below", "gcc -O2"}, {"above", "gcc -O0"}}}));
  const std::string table = must_run(environment + kCompilerLattice + flags + path);
  CHECK(table.find("src/main.c  yes      yes      wrong\n") != std::string::npos);
  CHECK(table.find("silently miscompiled:\n  gcc -O2: src/main.c") != std::string::npos);
  CHECK(table.find("gcc -O2 < gcc -O0 = gcc -O1") != std::string::npos);
  const std::string dot = must_run(environment + kCompilerLattice + flags + "--format dot " + path);
  CHECK(dot.starts_with("digraph compiler_lattice {\n"));
  CHECK(dot.find("0 of 1, 1 wrong") != std::string::npos);
  CHECK(must_run("dot -V 2>/dev/null >/dev/null; echo ok") == "ok\n");
  if (run("command -v dot > /dev/null").status == 0) {
    write_file(folder / "order.dot", dot);
    CHECK(run("dot -Tsvg " + (folder / "order.dot") + " > " + (folder / "order.svg")).status == 0);
  }
}

TEST_CASE("compilers that are missing are named and skipped; without any, or with a wrong option, the exit code says so") {
  TemporaryFolder folder;
  const std::string path = chain_repository(folder);
  const Ran some = run(kCompilerLattice + "--json --compilers gcc,no-such-tcc --levels 0 --rev HEAD " + path + " 2>" + (folder / "errors"));
  CHECK(some.status == 0);
  CHECK(read_file(folder / "errors") == "packscope: no-such-tcc is not installed: skipped\n");
  CHECK(records(some.output).back()["missing"] == Json::array({"no-such-tcc"}));
  CHECK(run(kCompilerLattice + "--compilers no-such-tcc " + path + " 2>/dev/null").status == 1);
  CHECK(run(kCompilerLattice + "--compilers gcc " + (folder / "nothing") + " 2>/dev/null").status == 1);
  CHECK(run(kCompilerLattice + "2>/dev/null").status == 2);
  CHECK(run(kCompilerLattice + "--format xml " + path + " 2>/dev/null").status == 2);
  CHECK(run(kCompilerLattice + "--json --format dot " + path + " 2>/dev/null").status == 2);
  CHECK(run(kCompilerLattice + "--levels 9 " + path + " 2>/dev/null").status == 2);
  CHECK(run(kCompilerLattice + "--include ../.. " + path + " 2>/dev/null").status == 2);
  CHECK(run(kCompilerLattice + "features --only no_such 2>/dev/null").status == 2);
}

TEST_CASE("a lone pack, a history, definitions and folders of headers") {
  TemporaryFolder folder;
  const std::string path = chain_repository(folder);
  write_file(path + "/inner/hidden.h", "#define HIDDEN 1\n");
  write_file(path + "/use.c", "#include <hidden.h>\nint use(void) { return HIDDEN + GIVEN; }\n");
  write_file(path + "/part.c", "int part(int x) { return x + 1; }\n");
  must_run("cd " + path + " && git add -A && git commit -qm two && git repack -qadf");
  const std::string gcc = "--json -q --compilers gcc --levels 0 ";
  const auto accepted = [&](const std::string& flags) {
    std::vector<std::string> paths;
    for (const Json& one : records(must_run(kCompilerLattice + gcc + flags)))
      if (one.contains("ok") && one["ok"] == true) paths.push_back(one["path"]);
    return paths;
  };
  using Paths = std::vector<std::string>;
  CHECK(accepted("--rev HEAD " + path) == Paths{"part.c", "src/main.c"});
  CHECK(accepted("--rev HEAD -I inner -D GIVEN=2 " + path) == Paths{"part.c", "src/main.c", "use.c"});
  CHECK(accepted("--history --under part " + path) == Paths{"part.c", "part.c"});
  CHECK(accepted("--rev HEAD --units 2 " + path) == Paths{"part.c"}); // and broken.c
  const std::string pack = must_run("ls " + path + "/.git/objects/pack/*.pack | tr -d '\\n'");
  const Paths lone = accepted("-I inner -D GIVEN=2 " + pack);
  CHECK(std::count(lone.begin(), lone.end(), "src/main.c") == 1);
  CHECK(std::count(lone.begin(), lone.end(), "part.c") == 2);
}

TEST_CASE("hostile trees: no name leaves the private folder, links and submodules are no files, nothing is left behind") {
  TemporaryFolder folder;
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  write_file(folder / "a.c", "int a;\n");
  const std::string blob = must_run("git -C " + path + " hash-object -w " + (folder / "a.c") + " | tr -d '\\n'");
  const std::string link = must_run("printf ../../../../tmp/x | git -C " + path + " hash-object -w --stdin | tr -d '\\n'");
  // A tree that git itself would not write.
  const std::string script = "import sys, hashlib, zlib, os\n"
                             "repo, blob, link = sys.argv[1:]\n"
                             "def put(kind, data):\n"
                             "    raw = kind + b' %d\\0' % len(data) + data\n"
                             "    name = hashlib.sha1(raw).hexdigest()\n"
                             "    os.makedirs(f'{repo}/.git/objects/{name[:2]}', exist_ok=True)\n"
                             "    open(f'{repo}/.git/objects/{name[:2]}/{name[2:]}', 'wb').write(zlib.compress(raw))\n"
                             "    return name\n"
                             "b, l = bytes.fromhex(blob), bytes.fromhex(link)\n"
                             "inner = put(b'tree', b'100644 escaped.c\\0' + b)\n"
                             "entries = [(b'40000', b'..', bytes.fromhex(inner)), (b'40000', b'.git', bytes.fromhex(inner)),\n"
                             "           (b'100644', b'/tmp/absolute.c', b), (b'100644', b'A.c', b), (b'100644', b'a.c', b),\n"
                             "           (b'120000', b'dir', l), (b'40000', b'dir', bytes.fromhex(inner)), (b'120000', b'link.c', l),\n"
                             "           (b'160000', b'module.c', b), (b'100644', b'n' * (1 << 20) + b'.c', b), (b'100644', b'z.c', b)]\n"
                             "tree = put(b'tree', b''.join(m + b' ' + n + b'\\0' + i for m, n, i in entries))\n"
                             "print(put(b'commit', b'tree ' + tree.encode() + b'\\nauthor a <a> 1 +0000\\ncommitter a <a> 1 +0000\\n\\nx\\n'))\n";
  write_file(folder / "make.py", script);
  const std::string commit = must_run("python3 " + (folder / "make.py") + " " + path + " " + blob + " " + link + " | tr -d '\\n'");
  must_run("git -C " + path + " update-ref refs/heads/main " + commit);
  std::filesystem::create_directory(folder / "tmp");
  const Ran ran = run("TMPDIR=" + (folder / "tmp") + " " + kCompilerLattice + "--json --compilers gcc --levels 0 " + path + " 2>" + (folder / "errors"));
  CHECK((ran.status == 0 || ran.status == 1)); // a name of a megabyte may be an error of the walk
  std::vector<std::string> compiled;
  for (const Json& one : records(ran.output))
    if (one.contains("ok")) {
      CHECK(one["ok"] == true);
      compiled.push_back(one["path"]);
    }
  for (const char* name : {"A.c", "a.c", "z.c"}) CHECK(std::count(compiled.begin(), compiled.end(), name) == 1);
  for (const std::string& name : compiled) CHECK((name == "A.c" || name == "a.c" || name == "z.c" || name == "dir/escaped.c"));
  CHECK(std::filesystem::is_empty(folder / "tmp"));
  CHECK(!std::filesystem::exists("/tmp/absolute.c"));
  CHECK(!std::filesystem::exists(folder / "escaped.c"));
}

TEST_CASE("features: a compiler's set is what it accepts and gets right") {
  TemporaryFolder folder;
  const std::string some = "--only arithmetic --only print_format --only struct_padding ";
  const std::vector<Json> all = records(must_run(kCompilerLattice + "features --json -q --compilers gcc --levels 2 " + some));
  REQUIRE(all.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(all[i]["behaviour"] == "same");
  CHECK(all[1]["unit"] == "print_format");
  CHECK(all[1]["exit_code"] == 7);
  // A compiler that packs every struct.
  const std::string environment = path_with(folder, "exec " + real_gcc() + " -fpack-struct \"$@\"\n");
  const std::string table = must_run(environment + kCompilerLattice + "features -q --compilers gcc --levels 0 " + some);
  CHECK(table.find("struct_padding  wrong\n") != std::string::npos);
  CHECK(table.find("gcc -O0: struct_padding (exit 1 in place of 42)") != std::string::npos);
  CHECK(must_run(kCompilerLattice + "features --list").find("shift_left: ") != std::string::npos);
}

TEST_CASE("features: mescc is below gcc, and does not say all that it gets wrong") {
  if (run("command -v mescc > /dev/null").status != 0) SKIP("mescc is not installed");
  const std::vector<Json> all = records(must_run(kCompilerLattice + "features --json -q --compilers mescc,gcc --levels 0 --only arithmetic --only struct_padding --only bit_field"));
  const Json& order = all.back();
  CHECK(order["order"][0]["accepts"] == 1);
  CHECK(order["order"][0]["wrong"] == 1);
  CHECK(order["order"][0]["rejects"] == 1);
  CHECK(order["covers"] == Json::array({{{"below", "mescc"}, {"above", "gcc -O0"}}}));
}

TEST_CASE("bootstrap: steps and what they prove; a repository without tcc.c is told, and its code does not run") {
  TemporaryFolder folder;
  const std::string path = chain_repository(folder);
  const std::vector<Json> all = records(must_run(kCompilerLattice + "bootstrap --json -q --compilers gcc --levels 0,2 " + path));
  REQUIRE(all.size() == 5 + 4);
  CHECK(all[0]["made"] == "small by gcc -O0");
  CHECK(all[1]["by"] == "small by gcc -O0");
  CHECK(all[1]["object"] == all[3]["object"]);
  CHECK(all[4]["object"] == all[3]["object"]);
  CHECK(all[5]["holds"] == true);
  CHECK(all[6]["holds"] == true);
  CHECK(all[7]["holds"].is_null());
  CHECK(all[7]["why"] == "the tree has no tcc.c");
  const std::string table = must_run(kCompilerLattice + "bootstrap -q --compilers gcc");
  CHECK(table.find("holds: what the small compiler makes of itself makes itself again: a fixed point") != std::string::npos);
  CHECK(must_run(kCompilerLattice + "bootstrap -q --compilers gcc --format dot").starts_with("digraph bootstrap {"));
}

TEST_CASE("bootstrap: what was built from a repository runs with --run, and not without") {
  TemporaryFolder folder;
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  // Plays tinycc: leaves a mark, and makes what it is told to make, always the same.
  write_file(path + "/tcc.c", "#include <stdio.h>\n#include <string.h>\nint main(int n, char **a) {\n  FILE *mark = fopen(\"" + (folder / "mark") + "\", \"w\");\n  int i;\n  fclose(mark);\n"
                              "  for (i = 1; i + 1 < n; i++)\n    if (!strcmp(a[i], \"-o\")) { FILE *out = fopen(a[i + 1], \"w\"); fputs(\"object\", out); fclose(out); }\n  return 0;\n}\n");
  must_run("cd " + path + " && git add -A && git commit -qm one");
  const auto verdict = [&](const std::string& flags) {
    for (const Json& one : records(run(kCompilerLattice + "bootstrap --json -q --compilers gcc --levels 0,2 " + flags + path + " 2>/dev/null").output))
      if (one.contains("claim") && one["claim"].get<std::string>().starts_with("tcc, whoever")) return one;
    return Json();
  };
  const Json kept = verdict("");
  CHECK(kept["holds"].is_null());
  CHECK(kept["why"] == "compilers from a pack run only with --run");
  CHECK(!std::filesystem::exists(folder / "mark"));
  const Json ran = verdict("--run ");
  CHECK(ran["holds"] == true);
  CHECK(ran["bytes"] == 6);
  CHECK(ran["of"].size() == 2);
  CHECK(std::filesystem::exists(folder / "mark"));
}

TEST_CASE("interrupted, nothing is left of the private folder") {
  TemporaryFolder folder;
  const std::string environment = path_with(folder, "echo started > " + (folder / "started") + "; exec sleep 1000\n");
  std::filesystem::create_directory(folder / "tmp");
  const std::string waits = "for i in $(seq 600); do [ -e " + (folder / "started") + " ] && break; sleep 0.1; done; ";
  const std::string gone = "for i in $(seq 600); do [ -z \"$(ls " + (folder / "tmp") + ")\" ] && break; sleep 0.1; done; ls " + (folder / "tmp");
  const Ran ran = run("export TMPDIR=" + (folder / "tmp") + "; " + environment + kCompilerLattice + "features -q --compilers gcc --only arithmetic & " + waits + "kill $!; wait $!; " + gone);
  CHECK(std::filesystem::exists(folder / "started"));
  CHECK(ran.output.empty());
}
