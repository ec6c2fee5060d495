// pack_compiler build as its users run it: against the compilers themselves on a checkout, under ptrace, and on hostile
// trees.
#include "compile/hostile.h"
#include "support.h"
#include "traced.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace packscope::test;

namespace {

const std::string kBuild = PACKSCOPE_TEST_BACKENDS PACKSCOPE_PROGRAM " pack_compiler build ";
const std::string kUnits = " HEAD:src/main.c HEAD:src/greet.c HEAD:lib/length.c ";

bool has(const std::string& backend) { return std::string(PACKSCOPE_TEST_BACKENDS).find(backend == "tcc" ? "TCC_PROGRAM" : "CLANG_MODULE") != std::string::npos; }
bool installed(const std::string& program) { return run("command -v " + program + " >/dev/null").status == 0; }
std::vector<std::string> backends() {
  std::vector<std::string> all;
  for (const std::string name : {"clang", "tcc"})
    if (has(name)) all.push_back(name);
  if (all.empty()) SKIP("built without clang and tcc");
  return all;
}

// Three sources with headers in two folders, a C++ one, and one that does not compile.
std::string sources(const TemporaryFolder& folder) {
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  write_file(path + "/include/greet.h", "#pragma once\n#include <stddef.h>\nconst char *greet(int n);\nsize_t length(const char *text);\n");
  write_file(path + "/src/main.c", "#include <stdio.h>\n#include <greet.h>\n#include \"../lib/number.h\"\nint main(int argc, char **argv) {\n"
                                   "  printf(\"%s %d %d %s\\n\", greet(argc), (int)length(argv[argc - 1]), argc, __FILE__);\n  return NUMBER + argc;\n}\n");
  write_file(path + "/src/greet.c", "#include \"../include/greet.h\"\nconst char *greet(int n) { return n > 1 ? \"hello all\" : \"hello\"; }\n");
  write_file(path + "/lib/length.c", "#include <string.h>\n#include <greet.h>\nsize_t length(const char *text) { return strlen(text); }\n");
  write_file(path + "/lib/number.h", "#define NUMBER 40\n");
  write_file(path + "/src/main.cc", "#include <iostream>\n#include <vector>\nextern \"C\" {\n#include <greet.h>\n}\nint main() {\n  std::vector<int> v(3, 2);\n"
                                    "  std::cout << greet(int(v.size())) << '\\n';\n  try { throw 5; } catch (int e) { return e; }\n}\n");
  write_file(path + "/src/bad.c", "#include <greet.h>\n#include \"bad.h\"\nint main(void) {\n  int unused;\n  return x + BAD;\n}\n");
  write_file(path + "/src/bad.h", "#define BAD also_undeclared\n");
  must_run("cd " + path + " && git add -A && git commit -qm one && git repack -qad");
  return path;
}

} // namespace

TEST_CASE("build: a program of three files runs, from the pack alone, by each backend") {
  TemporaryFolder folder;
  const std::string path = sources(folder);
  must_run("cd " + path + " && rm -r src lib include"); // nothing is there but the pack
  for (const std::string& backend : backends()) {
    INFO(backend);
    const std::string build = kBuild + "--backend " + backend + " --repo " + path;
    const Ran ran = run(build + " --run --arg one --arg three" + kUnits + "-- -Iinclude");
    CHECK(ran.output == "hello all 5 3 src/main.c\n");
    CHECK(ran.status == 43);
    const Ran built = run(build + " -o " + (folder / "program") + kUnits + "-- -I include -O1 2>&1");
    CHECK(built.output == "");
    CHECK(built.status == 0);
    const Ran own = run((folder / "program") + " abc");
    CHECK(own.output == "hello all 3 2 src/main.c\n");
    CHECK(own.status == 42);
    // From the bare repository too, each unit of a revision by a name of its own.
    const Ran bare = run(kBuild + "--backend " + backend + " --repo " + path + "/.git --threads 3 --run HEAD:src/main.c main:./src/greet.c HEAD^{tree}:lib/length.c -- -Iinclude");
    CHECK(bare.output == "hello 4 1 src/main.c\n"); // argv[0] is "main"
    CHECK(bare.status == 41);
  }
}

TEST_CASE("build: objects, executable and complaints are those of the compiler itself on a checkout") {
  TemporaryFolder folder;
  const std::string path = sources(folder), here = "cd " + path + " && ";
  for (const std::string& backend : backends()) {
    const std::string compiler = backend == "clang" ? "clang-19" : "tcc";
    INFO(backend);
    if (!installed(compiler)) continue;
    const std::string build = kBuild + "--backend " + backend + " --repo " + path + " ";
    const std::string flags = backend == "clang" ? "-Iinclude -O2 -g -fdebug-compilation-dir=. -Wall" : "-Iinclude";
    must_run(build + "--save-objects " + (folder / "objects") + kUnits + "-- " + flags);
    for (const std::string unit : {"src/main.c", "src/greet.c", "lib/length.c"}) {
      INFO(unit);
      must_run(here + compiler + " -c " + flags + " " + unit + " -o " + (folder / "own.o"));
      CHECK(read_file(folder / "own.o") == read_file(folder / "objects/" + unit + ".o"));
      CHECK(read_file(folder / "own.o").size() > 400);
    }
    if (backend == "clang" && installed("ld.lld-19") && run(here + "clang-19 -fuse-ld=lld --version").status == 0) {
      must_run(build + "-o " + (folder / "ours") + kUnits + "-- " + flags);
      must_run(here + "clang-19 -fuse-ld=lld " + flags + " src/main.c src/greet.c lib/length.c -o " + (folder / "own"));
      CHECK(read_file(folder / "ours") == read_file(folder / "own"));
    }
    const Ran bad = run(build + "--run HEAD:src/bad.c -- " + flags + " 2>&1"), own = run(here + compiler + " -c " + flags + " src/bad.c -o " + (folder / "bad.o") + " 2>&1");
    CHECK(bad.status == 1);
    CHECK(own.status == 1);
    CHECK(bad.output == own.output);
    CHECK(bad.output.find(backend == "clang" ? "src/bad.c:5:10: error: use of undeclared identifier 'x'" : "src/bad.") != std::string::npos);
  }
}

TEST_CASE("build: C++ with exceptions and the standard library") {
  if (!has("clang")) SKIP("built without clang");
  TemporaryFolder folder;
  const std::string path = sources(folder);
  const Ran ran = run(kBuild + "--repo " + path + " --run HEAD:src/main.cc HEAD:src/greet.c -- -Iinclude");
  CHECK(ran.output == "hello all\n");
  CHECK(ran.status == 5);
  if (!has("tcc")) return;
  const Ran refused = run(kBuild + "--backend tcc --repo " + path + " --run HEAD:src/main.cc 2>&1");
  CHECK(refused.status == 1);
  CHECK(refused.output.find("compiles C only") != std::string::npos);
}

TEST_CASE("build: no file of the work tree is opened, and none is written but the executable") {
  TemporaryFolder folder;
  const std::string path = sources(folder), program = folder / "made/program";
  must_run("mkdir " + (folder / "made"));
  for (const std::string& backend : backends()) {
    INFO(backend);
    // Run inside the work tree, where relative paths would lead into it.
    const std::optional<TracedRun> traced = run_traced("env -C " + path + " " + kBuild + "--backend " + backend + " -o " + program + kUnits + "-- -Iinclude", folder / "said");
    if (!traced) SKIP("ptrace is refused here");
    CHECK(read_file(folder / "said") == "");
    REQUIRE(traced->status == 0);
    std::size_t packs = 0, headers = 0, written = 0;
    for (const Touched& one : traced->touched) {
      if (one.path.starts_with(path + "/") && !one.path.starts_with(path + "/.git/") && !one.folder) FAIL("opened " << one.path);
      if (one.path.ends_with(".pack")) ++packs;
      if (one.path.find("/include/") != std::string::npos) ++headers;
      if (!one.written || one.path.starts_with("/dev/")) continue;
      ++written;
      INFO(one.path);
      CHECK((one.path == program || (one.path.starts_with(folder / "made/.program.") && one.path.ends_with(".part"))));
    }
    CHECK(packs > 0);   // the trace sees what it should
    CHECK(headers > 0);
    CHECK(written >= 2); // made aside, renamed
    CHECK(run(program).output == "hello " + std::to_string(program.size()) + " 1 src/main.c\n");

    // Run at once: nothing is written at all.
    const std::optional<TracedRun> ran = run_traced("env " + kBuild + "--repo " + path + " --backend " + backend + " --run" + kUnits + "-- -Iinclude", folder / "said");
    REQUIRE(ran);
    CHECK(ran->status == 41);
    CHECK(read_file(folder / "said").starts_with("hello "));
    for (const Touched& one : ran->touched) {
      INFO(one.path);
      CHECK((!one.written || one.path.starts_with("/dev/")));
    }
  }
}

TEST_CASE("build: nothing of this machine comes into a program but system headers") {
  TemporaryFolder folder;
  const std::string path = folder / "repo", secret = folder / "secret.h";
  write_file(secret, "\"SECRET\"\n");
  must_run("git init -q -b main " + path);
  const std::string end = "\nint main(void) { return 0; }\n";
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"up.c", "#include \"../secret.h\"" + end},
      {"far.c", "#include \"../../../../../../../../" + secret + "\"" + end},
      {"absolute.c", "#include \"" + secret + "\"" + end},
      {"through.c", "#include \"/usr/include/../.." + secret + "\"" + end},
      {"mount.c", "#include \"/pack/.." + secret + "\"" + end},
      {"proc.c", "#include \"/proc/self/environ\"" + end},
      {"link.c", "#include \"leads.h\"" + end},
      {"linkup.c", "#include \"linkup.h\"" + end},
      {"loop.c", "#include \"loop.h\"" + end},
      {"incbin.c", "__asm__(\".incbin \\\"" + secret + "\\\"\");" + end},
      {"include.c", "__asm__(\".include \\\"" + secret + "\\\"\");" + end},
      {"macro.c", "__asm__(\".macro m a\\n.inc\\\\a \\\"" + secret + "\\\"\\n.endm\\nm bin\");" + end},
      {"embed.c", "const char a[] = {\n#embed \"" + secret + "\"\n};" + end},
      {"module.c", "#include \"module/x.h\"" + end},
  };
  for (const auto& [name, text] : refused) write_file(path + "/" + name, text);
  write_file(path + "/good.c", "#include \"/usr/include/stdio.h\"\n#if __has_include(\"" + secret + "\") || __has_include(\"../secret.h\")\n#error seen\n#endif" + end);
  write_file(path + "/pragma.c", "#pragma comment(lib, \"" + secret + "\")" + end);
  must_run("cd " + path + " && ln -s " + secret + " leads.h && ln -s ../secret.h linkup.h && ln -s loop.h loop.h && git add -A && git update-index --add --cacheinfo 160000," + std::string(40, '1') +
           ",module && git commit -qm one");
  for (const std::string& backend : backends()) {
    const std::string build = kBuild + "--backend " + backend + " --repo " + path + " -o " + (folder / "program") + " HEAD:";
    for (const auto& [name, text] : refused) {
      if (backend == "tcc" && name == "embed.c") continue; // tcc ignores #embed, with a warning
      INFO(backend << " " << name);
      const Ran ran = run(build + name + " 2>&1");
      CHECK(ran.status == 1);
      CHECK(ran.output.find(name == "macro.c" || name == "incbin.c" || name == "include.c" ? "" : name + ":") != std::string::npos);
      CHECK(ran.output.find("SECRET") == std::string::npos);
      CHECK(!std::filesystem::exists(folder / "program"));
    }
    INFO(backend);
    CHECK(run(build + "good.c 2>&1").status == 0);
    std::filesystem::remove(folder / "program");
    CHECK(run(build + "pragma.c 2>/dev/null").status == 0); // asked for by no flag: not linked
    std::filesystem::remove(folder / "program");
  }
  if (has("clang")) CHECK(run(kBuild + "--backend clang --repo " + path + " --run HEAD:link.c 2>&1").output.find("a link leads out of the revision's tree") != std::string::npos);
}

TEST_CASE("build: trees that git would not write compile what they can be asked for") {
  TemporaryFolder folder;
  HostileRepository made(folder);
  const std::string header = made.blob("#define X 3\n"), evil = made.blob("#error evil\n");
  const std::string sub = made.write("tree", HostileRepository::entry("100644", "x.h", evil));
  std::string entries = HostileRepository::entry("40000", "..", sub) + HostileRepository::entry("100644", "../y.h", evil) + HostileRepository::entry("100644", "/usr/include/stdio.h", evil) +
                        HostileRepository::entry("100644", std::string(1 << 20, 'h'), evil) + HostileRepository::entry("100644", "CASE.h", evil) + HostileRepository::entry("100644", "case.h", header) +
                        HostileRepository::entry("100644", "main.c", made.blob("#include <stdio.h>\n#include \"case.h\"\nint main(void) { puts(\"ran\"); return X; }\n"));
  made.commit(made.write("tree", entries));
  for (const std::string& backend : backends()) {
    INFO(backend);
    const Ran ran = run(kBuild + "--backend " + backend + " --repo " + made.path() + " --run HEAD:main.c -- -I.");
    CHECK(ran.output == "ran\n");
    CHECK(ran.status == 3);
    CHECK(run(kBuild + "--backend " + backend + " --repo " + made.path() + " --run HEAD:../y.h 2>&1").status == 1);
  }
}

TEST_CASE("build: flags of a compile_commands.json, in the pack and beside it") {
  TemporaryFolder folder;
  const std::string path = folder / "repo";
  must_run("git init -q -b main " + path);
  write_file(path + "/src/a.c", "#include <deep.h>\n#include <stdio.h>\nint main(void) { printf(\"%s %d\\n\", NAME, DEEP); return 0; }\n");
  write_file(path + "/inc/deep.h", "#define DEEP 7\n");
  write_file(path + "/db.json", R"([{"directory": "/ci/work/build", "command": "gcc -I../inc '-DNAME=\"a b\"' -O2 -MD -MF a.d -o a.o -c ../src/a.c", "file": "../src/a.c"}])");
  must_run("cd " + path + " && git add -A && git commit -qm one");
  write_file(folder / "evil.json", R"([{"directory": "/ci", "arguments": ["cc", "-fplugin=/tmp/x.so", "-c", "src/a.c"], "file": "src/a.c"}])");
  for (const std::string& backend : backends()) {
    const std::string build = kBuild + "--backend " + backend + " --repo " + path + " --run HEAD:src/a.c --compile-commands ";
    CHECK(run(build + "HEAD:db.json").output == "a b 7\n");
    CHECK(run(build + path + "/db.json --source-root /ci/work").output == "a b 7\n");
    const Ran evil = run(build + (folder / "evil.json") + " 2>&1");
    CHECK(evil.status == 1);
    CHECK(evil.output.find("src/a.c: -fplugin=/tmp/x.so: refused") != std::string::npos);
    CHECK(run(build + (folder / "none.json") + " 2>&1").status == 1);
  }
}

TEST_CASE("build: wrong usage is 2, what is not there is 1, and is named") {
  TemporaryFolder folder;
  const std::string path = sources(folder), build = kBuild + "--repo " + path + " ";
  for (const std::string wrong : {"", "main.c", "HEAD:src/main.c --backend gcc", "HEAD:src/main.c -o x --run", "HEAD:src/main.c --arg x", "HEAD:src/main.c -- -fplugin=x.so", "HEAD:src/main.c -- -o x",
                                  "HEAD:src/main.c -- @x", "HEAD:src/main.c --run -- -Xclang -load", "HEAD:src/main.c --bad"}) {
    INFO(wrong);
    CHECK(run("cd " + folder.path() + " && " + build + wrong + " 2>&1").status == 2);
  }
  CHECK(run(build + "HEAD:src/main.c -- -fplugin=x.so 2>&1").output.find("-fplugin=x.so: refused") != std::string::npos);
  if (!has("clang") && !has("tcc")) return;
  for (const auto& [unit, said] : std::vector<std::pair<std::string, std::string>>{
           {"HEAD:src/none.c", "HEAD:src/none.c: no such file"}, {"HEAD:src", "HEAD:src: is a folder"}, {"nowhere:a.c", "nowhere"}, {"HEAD:include/greet.h", "no source of C or C++ by its name"}}) {
    const Ran ran = run("cd " + folder.path() + " && " + build + unit + " 2>&1");
    INFO(unit << ": " << ran.output);
    CHECK(ran.status == 1);
    CHECK(ran.output.find(said) != std::string::npos);
  }
  const Ran unlinked = run("cd " + folder.path() + " && " + build + "HEAD:src/greet.c HEAD:src/main.c -- -Iinclude 2>&1");
  CHECK(unlinked.status == 1);
  CHECK(unlinked.output.find("length") != std::string::npos);
  CHECK(unlinked.output.find("/proc/self") == std::string::npos);
  const Ran missing = run("PACKSCOPE_CLANG_MODULE=/none.so PACKSCOPE_TCC_PROGRAM=/none " PACKSCOPE_PROGRAM " pack_compiler build --repo " + path + " HEAD:src/main.c 2>&1");
  CHECK(missing.status == 1);
  CHECK(missing.output.find("no compiler: clang: not installed: no /none.so; tcc: not installed: no /none") != std::string::npos);
  if (!has("tcc")) return;
  const Ran tcc = run("PACKSCOPE_TCC_PROGRAM=" + std::string(PACKSCOPE_TEST_TCC) + " PACKSCOPE_CLANG_MODULE=/none.so " PACKSCOPE_PROGRAM " pack_compiler build --repo " + path + " --run" + kUnits + "-- -Iinclude 2>&1");
  CHECK(tcc.output.find("tcc compiles, for want of clang: not installed: no /none.so\nhello ") != std::string::npos);
}

TEST_CASE("build: progress is shown where it is asked for, and complaints stand on lines of their own") {
  TemporaryFolder folder;
  const std::string build = "cd " + folder.path() + " && " + kBuild + "--repo " + sources(folder) + " --backend " + backends().front() + kUnits;
  const Ran shown = run(build + "-o shown --progress -- -Iinclude 2>&1");
  INFO(shown.output);
  CHECK(shown.status == 0);
  CHECK(shown.output.find("compile") != std::string::npos);
  CHECK(shown.output.find("3/3 sources") != std::string::npos);
  CHECK(run(build + "-o hidden -- -Iinclude 2>&1").output.empty());
  const Ran bad = run(build + "HEAD:src/bad.c -o bad --progress -- -Iinclude 2>&1");
  CHECK(bad.status == 1);
  CHECK(("\n" + bad.output).find("\nsrc/bad.c:5:") != std::string::npos);
}

#if !defined(PACKSCOPE_SANITIZED) // whose shadow has no room in a limit
TEST_CASE("build: a compiler that wants more memory than it may have is ended, and named") {
  if (!has("clang")) SKIP("built without clang");
  TemporaryFolder folder;
  const std::string path = sources(folder);
  std::string large; // more than what the process has at hand when it forks
  for (int i = 0; i < 60000; ++i) large += "int number" + std::to_string(i) + " = " + std::to_string(i) + ";\n";
  write_file(path + "/src/large.c", large);
  must_run("cd " + path + " && git add -A && git commit -qm large && git repack -qad");
  const std::string build = "cd " + folder.path() + " && " + kBuild + "--repo " + path + " --backend clang -o out HEAD:src/main.c HEAD:src/greet.c HEAD:lib/length.c HEAD:src/large.c ";
  const Ran ended = run(build + "--compiler-memory 64MiB -- -Iinclude 2>&1");
  INFO(ended.output);
  CHECK(ended.status == 1);
  CHECK(ended.output.find("src/large.c") != std::string::npos);
  CHECK(run("test -e " + folder.path() + "/out").status != 0);
  CHECK(run(build + "--compiler-memory 4GiB -- -Iinclude 2>&1").status == 0);
}
#endif
